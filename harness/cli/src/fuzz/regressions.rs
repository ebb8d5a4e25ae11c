//! Inputs that once showed something: kept under the name of their find, and played again, a line each.

use super::{Target, corpus, report};
use crate::args::{Fuzz, ListFormat};
use crate::report::style::{BOLD, ERROR, GOOD, RESET, WARNING};
use crate::{CONFORMS, COULD_NOT, Failure, VIOLATIONS};
use fuzzing::{Find, Input};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Copies a find's input into `folder`. One that is there already stays, if it is no larger and still shows the find.
pub fn keep(folder: &Path, input: &Path, find: &Find, target: &Target) -> Result<(), String> {
    let path = folder.join(format!("{}.bin", find.id()));
    let octets = fs::read(input).map_err(|error| format!("{}: {error}", input.display()))?;
    let shows = |finds: &[Find]| finds.iter().any(|one| one.signature() == find.signature());
    let stays = fs::read(&path).is_ok_and(|old| old.len() <= octets.len())
        && played(&path, target).is_ok_and(|finds| shows(&finds));
    if stays {
        return Ok(());
    }
    corpus::write(&path, &octets).map_err(|error| format!("{}: {error}", path.display()))
}

/// Plays every input at a stack, and tells of each what it shows.
pub fn replay(paths: &[PathBuf], options: &Fuzz, target: &Target) -> Result<u8, Failure> {
    let (name, version) = target.check()?;
    let as_json = options.format == ListFormat::Json;
    let mut out = anstream::stdout().lock();
    let mut tally = Tally::default();
    let mut rows = Vec::new();
    for (path, there) in files(paths) {
        let result = there.and_then(|()| played(&path, target));
        tally.count(&result);
        if as_json {
            rows.push(row(&path, &result));
        } else {
            writeln!(out, "{}", line(&path, &result))?;
        }
    }
    if as_json {
        let value = json!({ "stack": target.name, "version": version, "inputs": rows });
        report::document(&mut out, "replay", value)?;
    } else {
        let Tally { shown, nothing, unread } = tally;
        writeln!(
            out,
            "{BOLD}{name} {version}{RESET}  {shown} show something, {nothing} show nothing, {unread} could not be played"
        )?;
    }
    Ok(match tally {
        Tally { shown: 1.., .. } => VIOLATIONS,
        Tally { unread: 1.., .. } => COULD_NOT,
        Tally { .. } => CONFORMS,
    })
}

#[derive(Default)]
struct Tally {
    shown: usize,
    nothing: usize,
    unread: usize,
}

impl Tally {
    fn count(&mut self, result: &Result<Vec<Find>, String>) {
        match result {
            Ok(finds) if finds.is_empty() => self.nothing += 1,
            Ok(_) => self.shown += 1,
            Err(_) => self.unread += 1,
        }
    }
}

fn played(path: &Path, target: &Target) -> Result<Vec<Find>, String> {
    let octets = fs::read(path).map_err(|error| error.to_string())?;
    let input = Input::decode(&octets).map_err(|error| error.to_string())?;
    let played = target.play(&input, false);
    played.map(|played| played.finds).map_err(|trouble| trouble.to_string())
}

fn line(path: &Path, result: &Result<Vec<Find>, String>) -> String {
    let path = path.display();
    match result {
        Ok(finds) if finds.is_empty() => format!("{path}  {GOOD}nothing{RESET}"),
        Ok(finds) => format!("{path}  {ERROR}{}{RESET}", each_once(finds).join("; ")),
        Err(why) => format!("{path}  {WARNING}could not be played{RESET}: {why}"),
    }
}

/// `requirement: seen`, of finds that differ in more than numbers.
fn each_once(finds: &[Find]) -> Vec<String> {
    let mut signatures = HashSet::new();
    let new = finds.iter().filter(|find| signatures.insert(find.signature()));
    new.map(|find| format!("{}: {}", find.what, find.seen)).collect()
}

fn row(path: &Path, result: &Result<Vec<Find>, String>) -> Value {
    let finds: Vec<Value> = result.iter().flatten().map(report::find).collect();
    json!({ "path": path.display().to_string(), "finds": finds, "error": result.as_ref().err() })
}

/// Every file that is named, and every input below the folders; or why there is none.
fn files(paths: &[PathBuf]) -> Vec<(PathBuf, Result<(), String>)> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push((path.clone(), Ok(())));
            continue;
        }
        let before = files.len();
        let mut below = Vec::new();
        if let Err((folder, error)) = gather(path, &mut below) {
            files.push((folder, Err(error.to_string())));
        }
        below.sort();
        files.extend(below.into_iter().map(|file| (file, Ok(()))));
        if files.len() == before {
            // A test that plays nothing would pass for ever.
            let why = "no file named `input` or *.bin is in it".to_owned();
            files.push((path.clone(), Err(why)));
        }
    }
    files
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    let trouble = |error| (folder.to_owned(), error);
    for entry in fs::read_dir(folder).map_err(trouble)? {
        let entry = entry.map_err(trouble)?;
        let path = entry.path();
        // Of the link itself: folders that contain themselves are not followed.
        if entry.file_type().map_err(trouble)?.is_dir() {
            gather(&path, files)?;
        } else if path.file_name().is_some_and(|name| name == "input")
            || path.extension().is_some_and(|extension| extension == "bin")
        {
            files.push(path);
        }
    }
    Ok(())
}
