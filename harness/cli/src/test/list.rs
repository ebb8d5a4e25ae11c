//! What there is to be played, and how long each case takes where time is real: as long as at the reference.

use crate::Failure;
use std::io::Write;
use suite::{Case, PATIENT_IN_REAL_TIME};
use wire::Duration;

pub fn write(cases: &[Case], out: &mut impl Write) -> Result<(), Failure> {
    for case in cases {
        let report = suite::play(*case, 1, |setup| stacks::open("reference", setup));
        let mark = if report.asked > PATIENT_IN_REAL_TIME {
            "slow"
        } else {
            ""
        };
        writeln!(out, "{:60} {:>10}  {mark}", case.name(), rounded(report.took))?;
    }
    Ok(())
}

fn rounded(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        ..1.0 => "at once".to_owned(),
        ..120.0 => format!("{seconds:.0} s"),
        ..7200.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.0} h", seconds / 3600.0),
    }
}
