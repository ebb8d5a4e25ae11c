//! `stackproof facts`: a line of counts per capture.

use crate::args::Facts;
use crate::check::expand;
use crate::{CONFORMS, COULD_NOT, Failure};
use std::io::Write;

pub fn run(options: &Facts) -> Result<u8, Failure> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut whole = true;
    if !options.no_header {
        writeln!(out, "{}", ::facts::COLUMNS.join("\t"))?;
    }
    for capture in capture::open_all(expand(&options.files)?) {
        let error = match capture {
            Err(error) => Some(error),
            Ok(mut capture) => {
                let (facts, error) = ::facts::count(&mut capture);
                writeln!(out, "{}", facts.row(capture.name()).join("\t"))?;
                error
            }
        };
        if let Some(error) = error {
            anstream::eprintln!(
                "{}error:{} {error}",
                crate::report::style::ERROR,
                crate::report::style::RESET
            );
            whole = false;
        }
    }
    out.flush()?;
    Ok(if whole { CONFORMS } else { COULD_NOT })
}
