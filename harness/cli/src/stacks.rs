//! `stackproof stacks` and `stackproof faults`: what there is to be tested.

use crate::args::Faults;
use crate::report::style::{BOLD, GOOD, RESET, WARNING};
use crate::{CONFORMS, Failure};
use std::io::Write;

pub fn run() -> Result<u8, Failure> {
    let mut out = anstream::stdout().lock();
    for adapter in stacks::ADAPTERS {
        let (style, state) = match (adapter.needs)() {
            Ok(()) => (GOOD, "ready".to_owned()),
            Err(trouble) => (WARNING, trouble.to_string()),
        };
        writeln!(out, "{BOLD}{:16}{RESET} {}", adapter.name, adapter.about)?;
        writeln!(out, "{:16} {style}{state}{RESET}", "")?;
    }
    Ok(CONFORMS)
}

pub fn faults(options: &Faults) -> Result<u8, Failure> {
    let mut out = anstream::stdout().lock();
    for fault in stacks::Fault::ALL {
        if options.names {
            writeln!(out, "{}", fault.name())?;
        } else {
            writeln!(
                out,
                "{BOLD}{:28}{RESET} {:36} {}",
                fault.name(),
                fault.breaks(),
                fault.does()
            )?;
        }
    }
    Ok(CONFORMS)
}
