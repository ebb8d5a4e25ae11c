//! `stackproof fuzz --doctor`: what would be read from where, and what is there.

use super::{Target, corpus};
use crate::args::Fuzz;
use crate::report::style::{BOLD, GOOD, RESET, WARNING};
use crate::{CONFORMS, COULD_NOT, Failure};
use std::io::Write;
use std::process::Command;

/// Files named per folder.
const NAMED: usize = 5;

pub fn run(options: &Fuzz, targets: &[Target]) -> Result<u8, Failure> {
    let mut out = anstream::stdout().lock();
    let mut able = true;
    for target in targets {
        match target.check() {
            Ok((name, version)) => writeln!(out, "{BOLD}{name} {version}{RESET}  {GOOD}ready{RESET}")?,
            Err(why) => {
                able = false;
                writeln!(
                    out,
                    "{BOLD}{}{RESET}  {WARNING}cannot be fuzzed{RESET}: {why}",
                    target.name
                )?;
            }
        }
        writeln!(out, "  built in: {} seeds", fuzzing::seeds::seeds().len())?;
        for folder in corpus::folders(options, target) {
            let shown = folder.display();
            match corpus::read(&folder) {
                Ok(read) => {
                    writeln!(out, "  {shown}: {} inputs", read.inputs.len())?;
                    for (path, why) in read.foreign.iter().take(NAMED) {
                        writeln!(out, "    {WARNING}not read{RESET} {}: {why}", path.display())?;
                    }
                    if read.foreign.len() > NAMED {
                        writeln!(out, "    and {} more that are no inputs", read.foreign.len() - NAMED)?;
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => writeln!(out, "  {shown}: not there")?,
                Err(error) => writeln!(out, "  {WARNING}{shown}: {error}{RESET}")?,
            }
        }
    }
    writeln!(out, "  written to: {}", options.out.display())?;
    for (what, arguments) in [
        ("cargo fuzz", ["fuzz", "--version"]),
        ("nightly Rust", ["+nightly", "--version"]),
    ] {
        let output = Command::new("cargo").args(arguments).output();
        let there = output.is_ok_and(|output| output.status.success());
        let told = if there { "there" } else { "not there" };
        writeln!(out, "  {what}: {told} (only --engine libfuzzer needs it)")?;
    }
    Ok(if able { CONFORMS } else { COULD_NOT })
}
