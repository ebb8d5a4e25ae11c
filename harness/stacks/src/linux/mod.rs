//! The kernel of this machine, in a network namespace of its own, behind a TUN device or a veth pair, in real time.
//!
//! This program starts itself inside a fresh namespace (`unshare`); there the agent lays the wire and makes the
//! application's calls. Between the two runs the line protocol of `process`, with a clock that is not ours.

pub mod agent;
pub mod cable;
mod device;
mod link;
mod sockets;
mod system;
pub mod wire;

use crate::adapter::{Adapter, Trouble};
use crate::process;
use crate::stack::Setup;
use std::process::{Command, Stdio};

pub const ADAPTER: Adapter = Adapter {
    name: "linux",
    about: "The kernel of this machine, in a fresh network namespace, behind a TUN device or (linux:veth, or without access to one) a veth pair, in real time",
    needs,
    open: |argument, setup| {
        let stack = open(argument, setup)?;
        Ok(Box::new(stack))
    },
};

/// The hidden command that is the agent.
const AGENT: &str = "linux-agent";
pub const TUN: &str = "/dev/net/tun";

fn needs() -> Result<(), Trouble> {
    let missing = match namespace(false).arg("true").output() {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(format!(
            "needs a network namespace, and unshare says: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )),
        Err(error) => Some(format!("needs the unshare command of util-linux: {error}")),
    };
    if let Some(missing) = missing {
        return Err(Trouble::Cannot(missing));
    }
    if has_tun() || has_ip() {
        return Ok(());
    }
    Err(Trouble::Cannot(format!(
        "needs access to {TUN}, or the ip command of iproute2 for a veth pair instead"
    )))
}

pub fn has_tun() -> bool {
    std::fs::File::options().read(true).write(true).open(TUN).is_ok()
}

fn has_ip() -> bool {
    let version = Command::new("ip").arg("-Version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// `unshare`; with a user namespace of its own where we are not root, or where that is asked for.
fn namespace(user: bool) -> Command {
    let mut command = Command::new("unshare");
    let root = std::fs::metadata("/proc/self").is_ok_and(|one| std::os::unix::fs::MetadataExt::uid(&one) == 0);
    command.arg(if root && !user { "-n" } else { "-Urn" });
    command
}

fn open(argument: &str, setup: &Setup) -> Result<process::Process, Trouble> {
    let raw = match argument {
        "" => !has_tun(),
        "veth" => true,
        other => {
            return Err(Trouble::Cannot(format!(
                "linux:{other}: expected 'linux' or 'linux:veth'"
            )));
        }
    };
    let program =
        std::env::current_exe().map_err(|error| Trouble::Cannot(format!("cannot find this program: {error}")))?;
    let mut command = namespace(raw);
    command.arg(program).arg(AGENT);
    if raw {
        command.arg("--raw");
    }
    process::start(command, "linux", setup)
}
