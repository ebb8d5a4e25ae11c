//! The kernel of this machine, in a network namespace of its own, behind a TUN device, in real time.
//!
//! This program starts itself inside a fresh namespace (`unshare`); there the agent opens the device and makes the
//! application's calls. Between the two runs the line protocol of `process`, with a clock that is not ours.

pub mod agent;
mod device;
mod link;
mod sockets;
mod system;

use crate::adapter::{Adapter, Trouble};
use crate::process;
use crate::stack::Setup;
use std::process::Command;

pub const ADAPTER: Adapter = Adapter {
    name: "linux",
    about: "The kernel of this machine, in a fresh network namespace behind a TUN device, in real time",
    needs,
    open: |_, setup| {
        let stack = open(setup)?;
        Ok(Box::new(stack))
    },
};

/// The hidden command that is the agent.
const AGENT: &str = "linux-agent";

fn needs() -> Result<(), Trouble> {
    if std::fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/net/tun")
        .is_err()
    {
        return Err(Trouble::Cannot("needs access to /dev/net/tun".to_owned()));
    }
    let unshared = namespace().arg("true").output();
    match unshared {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(Trouble::Cannot(format!(
            "needs a network namespace, and unshare says: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ))),
        Err(error) => Err(Trouble::Cannot(format!(
            "needs the unshare command of util-linux: {error}"
        ))),
    }
}

/// `unshare`, as root or not.
fn namespace() -> Command {
    let mut command = Command::new("unshare");
    let root = std::fs::metadata("/proc/self").is_ok_and(|one| std::os::unix::fs::MetadataExt::uid(&one) == 0);
    command.arg(if root { "-n" } else { "-Urn" });
    command
}

fn open(setup: &Setup) -> Result<process::Process, Trouble> {
    let program =
        std::env::current_exe().map_err(|error| Trouble::Cannot(format!("cannot find this program: {error}")))?;
    let mut command = namespace();
    command.arg(program).arg(AGENT);
    process::start(command, "linux", setup)
}
