//! `stackproof interop`: every stack meets every other, and itself, across a network that does this or that.

use crate::args::{Interop, ListFormat};
use crate::report::style::{BOLD, ERROR, GOOD, RESET, WARNING};
use crate::{CONFORMS, COULD_NOT, Failure, VIOLATIONS};
use conformance::{Level, Report};
use serde_json::{Value, json};
use stacks::Setup;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use suite::Family;
use suite::interop::{Condition, Meeting, meet};

/// Some rounds of one stack with another, under one condition.
struct Cell<'a> {
    client: &'a str,
    server: &'a str,
    condition: Condition,
    rounds: u32,
    finished: u32,
    /// The longest, in virtual seconds.
    slowest: f64,
    packets: u32,
    /// What went wrong first: the seed, and what it was.
    wrong: Option<(u64, String)>,
    /// Requirements that each side broke.
    broken: [BTreeSet<&'static str>; 2],
    /// Why these two cannot meet.
    unable: Option<String>,
}

pub fn run(options: &Interop) -> Result<u8, Failure> {
    let everyone = ["reference".to_owned(), "smoltcp".to_owned()];
    let stacks = if options.stacks.is_empty() {
        &everyone[..]
    } else {
        &options.stacks
    };
    if let Some(folder) = &options.record {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let mut cells = Vec::new();
    for client in stacks {
        for server in stacks {
            for condition in Condition::ALL {
                cells.push(cell(client, server, condition, options)?);
            }
        }
    }
    match options.format {
        ListFormat::Text => text(&cells, options)?,
        ListFormat::Json => json(&cells, options)?,
    }
    let broken = cells
        .iter()
        .any(|cell| cell.wrong.is_some() || cell.broken.iter().any(|side| !side.is_empty()));
    let unable = cells.iter().any(|cell| cell.unable.is_some());
    Ok(match (broken, unable) {
        (true, _) => VIOLATIONS,
        (false, true) => COULD_NOT,
        (false, false) => CONFORMS,
    })
}

fn cell<'a>(client: &'a str, server: &'a str, condition: Condition, options: &Interop) -> Result<Cell<'a>, Failure> {
    let mut cell = Cell {
        client,
        server,
        condition,
        rounds: options.rounds,
        finished: 0,
        slowest: 0.0,
        packets: 0,
        wrong: None,
        broken: Default::default(),
        unable: None,
    };
    for round in 0..options.rounds {
        let seed = options.seed.wrapping_add(u64::from(round));
        let (one, two) = if round % 2 == 0 { Family::Ipv4 } else { Family::Ipv6 }.addresses();
        let opens = [client, server].map(|name| move |setup: &Setup| stacks::open(name, setup));
        let [first, second] = &opens;
        let met = catch_unwind(AssertUnwindSafe(|| meet([first, second], [one, two], condition, seed)));
        match met {
            Err(_) => {
                cell.wrong.get_or_insert((seed, "a stack panicked".to_owned()));
            }
            Ok(Err(trouble)) => {
                cell.unable = Some(trouble.to_string());
                return Ok(cell);
            }
            Ok(Ok(meeting)) => take(&mut cell, meeting, seed, options)?,
        }
    }
    Ok(cell)
}

fn take(cell: &mut Cell<'_>, meeting: Meeting, seed: u64, options: &Interop) -> Result<(), Failure> {
    cell.packets += meeting.packets;
    let mut suspicious = false;
    for (at, report) in meeting.reports.iter().enumerate() {
        let broken = broken(report, meeting.addresses[at]);
        suspicious |= !broken.is_empty();
        cell.broken[at].extend(broken);
    }
    match &meeting.outcome {
        Ok(()) => {
            cell.finished += 1;
            cell.slowest = cell.slowest.max(meeting.time.as_secs_f64());
        }
        Err(why) => {
            suspicious = true;
            cell.wrong.get_or_insert((seed, why.clone()));
        }
    }
    let Some(folder) = options.record.as_ref().filter(|_| suspicious) else {
        return Ok(());
    };
    let plain = |text: &str| text.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    for (log, side) in meeting.logs.iter().zip(["client", "server"]) {
        let (client, server) = (plain(cell.client), plain(cell.server));
        let path = folder.join(format!(
            "{client}--{server}--{}--{seed}.{side}.pcapng",
            cell.condition.name()
        ));
        let file = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        log.write(BufWriter::new(file), side)
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// Requirements of level MUST that the host at `its` broke.
fn broken(report: &Report, its: IpAddr) -> Vec<&'static str> {
    let of_its = report.book.findings().filter(|finding| finding.endpoint == its);
    of_its
        .filter_map(|finding| conformance::all_requirements().nth(usize::from(finding.requirement.0)))
        .filter(|requirement| requirement.level == Level::Must)
        .map(|requirement| requirement.id)
        .collect()
}

fn text(cells: &[Cell<'_>], options: &Interop) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    write!(out, "{BOLD}{:28}", "connects -> listens")?;
    for condition in Condition::ALL {
        write!(out, " {:18}", condition.name())?;
    }
    writeln!(out, "{RESET}")?;
    for row in cells.chunks(Condition::ALL.len()) {
        let Some(first) = row.first() else { continue };
        write!(out, "{:28}", format!("{} -> {}", first.client, first.server))?;
        for cell in row {
            let count: usize = cell.broken.iter().map(BTreeSet::len).sum();
            let (style, told) = match cell {
                Cell { unable: Some(_), .. } => (WARNING, "cannot".to_owned()),
                Cell { wrong: Some(_), .. } => (ERROR, format!("{} of {} finish", cell.finished, cell.rounds)),
                _ if count > 0 => (WARNING, format!("{count} broken, {:.1} s", cell.slowest)),
                _ => (GOOD, format!("ok, {:.1} s", cell.slowest)),
            };
            write!(out, " {style}{told:18}{RESET}")?;
        }
        writeln!(out)?;
    }
    for cell in cells {
        details(cell, &mut out)?;
    }
    writeln!(
        out,
        "{} rounds each, seeds from {}; the time is the slowest round's, on virtual time",
        options.rounds, options.seed
    )?;
    Ok(())
}

fn details(cell: &Cell<'_>, out: &mut impl Write) -> Result<(), Failure> {
    let name = format!("{} -> {}, {}", cell.client, cell.server, cell.condition.name());
    if let Some(why) = &cell.unable {
        writeln!(out, "{WARNING}{name}{RESET}: {why}")?;
    }
    if let Some((seed, why)) = &cell.wrong {
        writeln!(out, "{ERROR}{name}{RESET}: seed {seed}: {why}")?;
    }
    for (stack, broken) in [cell.client, cell.server].into_iter().zip(&cell.broken) {
        for id in broken {
            writeln!(out, "{WARNING}{name}{RESET}: {stack} breaks {id}")?;
        }
    }
    Ok(())
}

fn json(cells: &[Cell<'_>], options: &Interop) -> Result<(), Failure> {
    let value = |cell: &Cell<'_>| -> Value {
        let [client, server] = &cell.broken;
        json!({
            "client": cell.client, "server": cell.server, "condition": cell.condition.name(), "does": cell.condition.does(),
            "rounds": cell.rounds, "finished": cell.finished, "slowest_seconds": cell.slowest, "packets": cell.packets,
            "seed": cell.wrong.as_ref().map(|(seed, _)| seed), "wrong": cell.wrong.as_ref().map(|(_, why)| why),
            "broken_by_client": client, "broken_by_server": server, "unable": cell.unable,
        })
    };
    let cells: Vec<Value> = cells.iter().map(value).collect();
    let mut out = anstream::stdout().lock();
    serde_json::to_writer_pretty(
        &mut out,
        &json!({ "seed": options.seed, "rounds": options.rounds, "cells": cells }),
    )?;
    writeln!(out)?;
    Ok(())
}
