//! One input: played with everything shown, or made small.

use super::{Target, corpus};
use crate::args::Fuzz;
use crate::{CONFORMS, Failure, VIOLATIONS};
use fuzzing::{Input, listing};
use std::io::Write;
use std::path::Path;

pub fn run(file: &Path, options: &Fuzz, target: &Target) -> Result<u8, Failure> {
    let shown = file.display();
    let octets = std::fs::read(file).map_err(|error| format!("{shown}: {error}"))?;
    let mut input = Input::decode(&octets).map_err(|error| format!("{shown}: {error}"))?;
    let mut played = target.play(&input, true).map_err(|trouble| trouble.to_string())?;
    let mut out = anstream::stdout().lock();
    if let (Some(_), Some(find)) = (&options.minimise, played.finds.first()) {
        input = target.minimise(&input, &find.signature());
        played = target.play(&input, true).map_err(|trouble| trouble.to_string())?;
        let small = file.with_extension("min");
        corpus::write(&small, &input.encode()).map_err(|error| format!("{}: {error}", small.display()))?;
        writeln!(out, "written to {}", small.display())?;
    }
    writeln!(out, "{}\n{}", listing(&input), played.log.diagram())?;
    for find in &played.finds {
        writeln!(out, "found     {}  {}  {}", find.what, find.level, find.source)?;
        writeln!(out, "          expected {}", find.expected)?;
        writeln!(out, "          seen     {}   frames {:?}", find.seen, find.frames)?;
    }
    if played.finds.is_empty() {
        writeln!(out, "nothing speaks against {}", target.name)?;
        return Ok(CONFORMS);
    }
    Ok(VIOLATIONS)
}
