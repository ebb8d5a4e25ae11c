//! What is written for a find, a folder each: the input, the same for people, a report of one page, a packetdrill script, a
//! capture.

use super::Target;
use super::corpus;
use super::report::Found;
use fuzzing::{Find, Input, Played, listing};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// Lines of a diagram in a report, from its beginning and from its end.
const FIRST: usize = 80;
const LAST: usize = 20;

/// Writes or replaces the folder's files, each whole or not at all; the input first, since all else can be made from it.
pub fn write(folder: &Path, found: &Found, input: &Input, target: &Target, stack: &(String, String)) -> io::Result<()> {
    corpus::write(&folder.join("input"), &input.encode())?;
    corpus::write(&folder.join("input.txt"), listing(input).as_bytes())?;
    let Ok(played) = target.play(input, true) else {
        return Ok(());
    };
    let signature = found.find.signature();
    let shown = played.finds.iter().find(|find| find.signature() == signature);
    let find = shown.unwrap_or(&found.find);
    corpus::write(
        &folder.join("report.md"),
        page(find, found, &played, input, target, stack).as_bytes(),
    )?;
    let about = format!(
        "{} at {} {}: expected {}; seen {}.",
        find.what, stack.0, stack.1, find.expected, find.seen
    );
    let requires: Vec<&str> = conformance::requirement_by_id(&find.what)
        .map(|(_, requirement)| requirement.id)
        .into_iter()
        .collect();
    if let Some(script) = script::captured::of_log(&played.log, &about, &requires, Some(&fuzzing::setup(input))) {
        corpus::write(&folder.join("script.pkt"), script.as_bytes())?;
    }
    let mut capture = Vec::new();
    played
        .log
        .write(&mut capture, &target.name)
        .map_err(|error| io::Error::other(error.to_string()))?;
    corpus::write(&folder.join("capture.pcapng"), &capture)
}

fn page(
    find: &Find,
    found: &Found,
    played: &Played,
    input: &Input,
    target: &Target,
    (name, version): &(String, String),
) -> String {
    let mut page = String::new();
    let requirement = conformance::requirement_by_id(&find.what).map(|(_, requirement)| requirement);
    let frames: Vec<String> = find.frames.iter().map(ToString::to_string).collect();
    let _ = writeln!(page, "# {} at {name} {version}\n", find.what);
    if let Some(requirement) = requirement {
        let _ = writeln!(
            page,
            "{} ({}, {}).\n",
            requirement.says.trim_end_matches('.'),
            find.level,
            find.source
        );
    }
    let _ = writeln!(page, "- expected: {}", find.expected);
    let _ = writeln!(page, "- seen: {}", find.seen);
    let _ = writeln!(page, "- frames: {} of `capture.pcapng`", frames.join(", "));
    let _ = writeln!(
        page,
        "- found after {} conversations, {:.1} s; {} events are left\n",
        found.executions,
        found.seconds,
        input.records.len()
    );
    let against = target
        .against()
        .map(|other| format!(" --against {other}"))
        .unwrap_or_default();
    let _ = writeln!(
        page,
        "Once more: `stackproof fuzz {}{against} --replay input`\n",
        target.name
    );
    let _ = writeln!(page, "The stack is on the left, the peer on the right.\n\n```");
    page.push_str(&shortened(&played.log.diagram()));
    let _ = writeln!(page, "```\n\nThe events:\n\n```");
    let _ = write!(page, "{}", listing(input));
    let _ = writeln!(page, "```");
    page
}

/// Its beginning and its end, where it would not fit a page or two.
fn shortened(diagram: &str) -> String {
    let lines: Vec<&str> = diagram.lines().collect();
    let left_out = lines.len().saturating_sub(FIRST + LAST);
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        if at < FIRST || at >= FIRST + left_out {
            let _ = writeln!(text, "{line}");
        } else if at == FIRST {
            let _ = writeln!(text, "      ... {left_out} more lines: see capture.pcapng ...");
        }
    }
    text
}

/// The finds that earlier sessions left for this stack, by signature: each is played again.
pub fn known(folder: &Path, target: &Target) -> HashMap<String, Found> {
    let mut known = HashMap::new();
    let prefix = format!("{}--", target.plain_name());
    let Ok(entries) = std::fs::read_dir(folder) else {
        return known;
    };
    for entry in entries.flatten() {
        let id = entry.file_name().to_string_lossy().into_owned();
        let Ok(octets) = std::fs::read(entry.path().join("input")) else {
            continue;
        };
        let Some(input) = Input::decode(&octets).ok().filter(|_| id.starts_with(&prefix)) else {
            continue;
        };
        let Ok(played) = target.play(&input, false) else {
            continue;
        };
        for find in played.finds {
            if id.strip_prefix(&prefix) == Some(&find.id()) {
                let found = Found {
                    id: id.clone(),
                    records: input.records.len(),
                    find: find.clone(),
                    executions: 0,
                    seconds: 0.0,
                };
                known.insert(find.signature(), found);
            }
        }
    }
    known
}
