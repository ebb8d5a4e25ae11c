//! Inputs that show a bug.

use crate::bugs::{self, Bug};
use crate::hunt::SETTINGS;
use fuzzing::{Input, Played, Settings, play};
use std::path::Path;

/// Whether each still shows its bug, and the release that mended it does not.
pub fn replay(folder: &Path, bugs: &[Bug]) -> Result<bool, String> {
    let mut right = true;
    for bug in bugs {
        let path = folder.join(format!("{}.bin", bug.id));
        if !path.is_file() {
            println!("{}: no input", bug.id);
            continue;
        }
        let shows = |release: &str| -> Result<bool, String> {
            let played = played(release, &path, false)?;
            Ok(played.finds.iter().any(|find| bug.looks_like(find)))
        };
        let (has, has_not) = (shows(&bug.release)?, !shows(&bug.sound)?);
        println!(
            "{}: {} {}, {} {}",
            bug.id,
            bug.release,
            if has { "shows it" } else { "does not show it" },
            bug.sound,
            if has_not { "does not" } else { "shows it too" }
        );
        right &= has && has_not;
    }
    Ok(right)
}

/// Packets, events, finds.
pub fn show(release: &str, path: &Path) -> Result<bool, String> {
    let played = played(release, path, true)?;
    println!("{}\n{}", fuzzing::listing(&read(path)?), played.log.diagram());
    for find in &played.finds {
        println!(
            "{} ({}): expected {}; seen {}",
            find.what, find.source, find.expected, find.seen
        );
    }
    Ok(played.finds.is_empty())
}

fn played(release: &str, path: &Path, log: bool) -> Result<Played, String> {
    let open = bugs::release(release)?;
    let settings = Settings { log, ..SETTINGS };
    play(&read(path)?, &move |setup| open(setup), settings).map_err(|trouble| trouble.to_string())
}

fn read(path: &Path) -> Result<Input, String> {
    let octets = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Input::decode(&octets).map_err(|error| format!("{}: {error}", path.display()))
}
