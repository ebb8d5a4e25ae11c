//! lwIP on virtual time: `shims/lwip` compiled here around the system's library, or around a source tree.
//!
//! lwIP keeps all of its state in global variables, so each run is a child process, a copy that the shim makes of itself; a second stack
//! in this process would share its connections, timers and initial sequence numbers with the first.

use crate::adapter::{Adapter, Trouble};
use crate::process;
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

pub const ADAPTER: Adapter = Adapter {
    name: "lwip",
    about: "lwIP, compiled here with the system's library or the source in STACKPROOF_LWIP_SOURCE, on virtual time",
    needs: || shim().map(drop),
    open: |_, setup| {
        let stack = process::start(Command::new(shim()?), "lwip", setup)?;
        Ok(Box::new(stack))
    },
};

/// The shim, and what a source tree needs beside it.
const FILES: &[(&str, &str)] = &[
    ("shim.c", include_str!("../shims/lwip/shim.c")),
    ("serve.c", include_str!("../shims/lwip/serve.c")),
    ("serve.h", include_str!("../shims/lwip/serve.h")),
    ("stack.c", include_str!("../shims/lwip/stack.c")),
    ("stack.h", include_str!("../shims/lwip/stack.h")),
    ("port/lwipopts.h", include_str!("../shims/lwip/port/lwipopts.h")),
    ("port/arch/cc.h", include_str!("../shims/lwip/port/arch/cc.h")),
];

/// A folder with lwIP's source, to be used instead of the library.
const SOURCE: &str = "STACKPROOF_LWIP_SOURCE";
/// Where Debian's liblwip-dev keeps its headers.
const HEADERS: &str = "/usr/include/lwip";

/// The program, compiled by the first who asks.
fn shim() -> Result<&'static Path, Trouble> {
    static SHIM: OnceLock<Result<PathBuf, Trouble>> = OnceLock::new();
    match SHIM.get_or_init(build) {
        Ok(path) => Ok(path),
        Err(trouble) => Err(trouble.clone()),
    }
}

/// Finds the program in the cache, or compiles it into it. It moves into place at once, so that runs side by side do no harm.
fn build() -> Result<PathBuf, Trouble> {
    let lwip = Lwip::find()?;
    let compiler = std::env::var("CC").ok().filter(|text| !text.trim().is_empty());
    let compiler = compiler.unwrap_or_else(|| "cc".to_owned());
    let cache = cache();
    let work = cache.join(format!("building-{}", std::process::id()));
    let place = |error: std::io::Error| Trouble::Cannot(format!("cannot write to {}: {error}", cache.display()));
    std::fs::create_dir_all(work.join("port/arch")).map_err(place)?;
    let built = owned(&cache, &work).map_err(place).and_then(|()| {
        let program = cache.join(format!("lwip-{:016x}", lwip.fingerprint(&compiler)));
        if program.is_file() {
            return Ok(program);
        }
        for (name, text) in FILES {
            std::fs::write(work.join(name), text).map_err(place)?;
        }
        lwip.compile(&compiler, &work)?;
        std::fs::rename(work.join("shim"), &program).map_err(place)?;
        Ok(program)
    });
    let _ = std::fs::remove_dir_all(&work);
    built
}

/// Where compiled shims are kept.
fn cache() -> PathBuf {
    let folder = |name: &str| {
        std::env::var_os(name)
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    };
    let base = folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")));
    base.unwrap_or_else(std::env::temp_dir).join("stackproof")
}

/// Programs are started from `cache`: it must be ours, as `work` is, which was made just now. A shared temporary folder need not be.
fn owned(cache: &Path, work: &Path) -> std::io::Result<()> {
    if cache.metadata()?.uid() == work.metadata()?.uid() {
        return Ok(());
    }
    Err(std::io::Error::other("it belongs to another user"))
}

/// Which lwIP it is.
enum Lwip {
    Library,
    /// The folder that holds `core` and `include`.
    Source(PathBuf),
}

impl Lwip {
    fn find() -> Result<Lwip, Trouble> {
        let Some(folder) = std::env::var_os(SOURCE).filter(|path| !path.is_empty()) else {
            return Ok(Lwip::Library);
        };
        let folder = std::path::absolute(&folder).unwrap_or_else(|_| PathBuf::from(&folder));
        let found = [folder.join("src"), folder.clone()].into_iter();
        let mut found = found.filter(|one| one.join("core/init.c").is_file());
        found.next().map(Lwip::Source).ok_or_else(|| {
            Trouble::Cannot(format!(
                "{SOURCE}={} holds no src/core/init.c, nor core/init.c",
                folder.display()
            ))
        })
    }

    fn arguments(&self) -> Result<Vec<OsString>, Trouble> {
        match self {
            Lwip::Library => Ok(vec![format!("-I{HEADERS}").into(), "-llwip".into()]),
            Lwip::Source(folder) => {
                let include = folder.join("include").into_os_string();
                let mut arguments = vec!["-Iport".into(), "-I".into(), include];
                for part in ["core", "core/ipv4", "core/ipv6"] {
                    arguments.extend(files(&folder.join(part), "c")?.into_iter().map(PathBuf::into_os_string));
                }
                Ok(arguments)
            }
        }
    }

    /// Of everything that the program depends on.
    fn fingerprint(&self, compiler: &str) -> u64 {
        let mut hash = fnv(0xcbf2_9ce4_8422_2325, compiler.as_bytes());
        for (_, text) in FILES {
            hash = fnv(hash, text.as_bytes());
        }
        let depends = match self {
            Lwip::Library => vec![
                format!("{HEADERS}/lwip/init.h").into(),
                format!("{HEADERS}/lwipopts.h").into(),
            ],
            Lwip::Source(folder) => [
                "core",
                "core/ipv4",
                "core/ipv6",
                "include/lwip",
                "include/lwip/priv",
                "include/lwip/prot",
            ]
            .iter()
            .flat_map(|part| ["c", "h"].map(|ending| files(&folder.join(part), ending).unwrap_or_default()))
            .flatten()
            .collect(),
        };
        for path in depends {
            hash = fnv(hash, path.as_os_str().as_encoded_bytes());
            hash = fnv(hash, &std::fs::read(&path).unwrap_or_default());
        }
        hash
    }

    fn compile(&self, compiler: &str, work: &Path) -> Result<(), Trouble> {
        let mut words = compiler.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or("cc"));
        command.current_dir(work).args(words);
        command
            .args(["-O2", "-w", "-o", "shim", "shim.c", "serve.c", "stack.c"])
            .args(self.arguments()?);
        let output = command.output().map_err(|error| {
            Trouble::Cannot(format!("needs a C compiler, and '{compiler}' cannot be started ({error}): install gcc or clang, or name one in CC"))
        })?;
        if output.status.success() {
            return Ok(());
        }
        let complaint = String::from_utf8_lossy(&output.stderr);
        let said = first_error(&complaint);
        Err(Trouble::Cannot(match self {
            Lwip::Library => {
                format!("needs lwIP, `apt install liblwip-dev` or its source in {SOURCE} ({compiler} says: {said})")
            }
            Lwip::Source(folder) => format!(
                "the lwIP in {} does not compile ({compiler} says: {said})",
                folder.display()
            ),
        }))
    }
}

/// The files of a folder with that ending, in order.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Trouble> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| Trouble::Cannot(format!("cannot read {}: {error}", folder.display())))?;
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    found.retain(|path| path.extension().is_some_and(|one| one == ending));
    found.sort();
    Ok(found)
}

/// The FNV-1a hash, continued: it stays the same from one release of this program to the next.
fn fnv(hash: u64, octets: &[u8]) -> u64 {
    octets.iter().fold(hash, |hash, &octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The line of a compiler's complaint that tells most.
fn first_error(said: &str) -> &str {
    let telling = |line: &&str| line.contains("error") || line.contains("cannot find") || line.contains("undefined");
    said.lines()
        .find(telling)
        .or(said.lines().next())
        .unwrap_or("nothing")
        .trim()
}

#[cfg(test)]
mod tests {
    use super::first_error;
    use rstest::rstest;

    #[rstest]
    #[case(
        "In file included from shim.c:3:\nstack.h:6:10: fatal error: lwip/netif.h: No such file\n",
        "stack.h:6:10: fatal error: lwip/netif.h: No such file"
    )]
    #[case(
        "/usr/bin/ld: cannot find -llwip: No such file\ncollect2: error: ld returned 1\n",
        "/usr/bin/ld: cannot find -llwip: No such file"
    )]
    #[case("killed\n", "killed")]
    #[case("", "nothing")]
    fn the_line_that_tells_most_is_quoted(#[case] said: &str, #[case] line: &str) {
        assert_eq!(first_error(said), line);
    }
}
