//! `stackproof replay`: one side of a captured connection, played at a live stack.

use crate::args::{ListFormat, Replay, SideArg};
use crate::check::expect;
use crate::report::style::{BOLD, RESET, WARNING};
use crate::test::{model, play, text};
use crate::{CONFORMS, COULD_NOT, Failure, VIOLATIONS};
use capture::Capture;
use serde::Serialize;
use std::io::Write;
use std::path::Path;
use suite::Outcome;
use suite::replay::{Conversation, Side, Told};

/// The scorecard of `test`, with what was replayed beside it.
#[derive(Serialize)]
struct Document {
    replay: Entry,
    #[serde(flatten)]
    scorecard: model::Scorecard,
}

#[derive(Serialize)]
struct Entry {
    capture: String,
    connection: u32,
    connections: u32,
    client: String,
    server: String,
    /// The side that was played; the stack was the other one.
    side: &'static str,
    /// Segments of that side: sent, and captured.
    sent: usize,
    captured: usize,
    /// Octets that side sent in the capture, and the stack's application received.
    delivered: [u64; 2],
    /// Octets its peer sent in the capture, and the stack sent.
    answered: [u64; 2],
    /// How the peer ended in the capture, and how the stack did.
    ended: [&'static str; 2],
    notes: Vec<String>,
    differences: Vec<String>,
}

/// Longer replays in real time are told of before they begin.
const PATIENCE: wire::Duration = wire::Duration::secs(5);

pub fn run(options: &Replay) -> Result<u8, Failure> {
    let mut flags = options.selection.live_flags()?;
    for (flag, requirement) in flags.iter_mut().zip(conformance::all_requirements()) {
        *flag &= suite::replay::concerns(requirement);
    }
    let expectations = options
        .expect
        .as_deref()
        .map(|file| expect::read(file, expect::Whom::Stack))
        .transpose()?
        .unwrap_or_default();
    let file = options.capture.display().to_string();
    let conversation = read(&options.capture, options.connection)?;
    let side = match options.side {
        SideArg::Client => Side::Client,
        SideArg::Server => Side::Server,
    };
    let open = |setup: &stacks::Setup| stacks::open(&options.stack, setup);
    let (its, ours) = suite::Family::Ipv4.addresses();
    let identity = open(&stacks::Setup::new(its, ours))?.identity();
    if identity.clock == stacks::Clock::Real && conversation.lasts() > PATIENCE && !options.quiet {
        let lasts = conversation.lasts();
        anstream::eprintln!(
            "the clock of {} is not ours: the replay takes {lasts}, as the capture did",
            options.stack
        );
    }
    let (report, told) = suite::replay::replay(&conversation, side, options.seed, open);
    if let Some(path) = &options.record {
        play::write(path, &options.stack, &report)?;
    }
    let stuck = matches!(report.outcome, Outcome::Stuck(_) | Outcome::Skipped(_));
    let played = play::Played {
        name: options.stack.clone(),
        identity: Some(identity),
        trouble: None,
        cases: vec![report],
    };
    let document = Document {
        replay: entry(file, &conversation, side, told),
        scorecard: model::document(vec![played], &flags, expectations),
    };
    print(&document, options)?;
    let broken = options
        .fail_on
        .level()
        .is_some_and(|level| document.scorecard.is_broken(level));
    Ok(match (broken, stuck || document.scorecard.has_failures()) {
        (true, _) => VIOLATIONS,
        (false, true) => COULD_NOT,
        (false, false) => CONFORMS,
    })
}

pub fn read(path: &Path, connection: Option<u32>) -> Result<Conversation, Failure> {
    let mut capture = match path.to_str() {
        Some("-") => Capture::from_reader("standard input", std::io::stdin())?,
        _ => Capture::open(path)?,
    };
    let named = |unfit: suite::replay::Unfit| match unfit {
        // It names its file itself.
        suite::replay::Unfit::Unreadable(error) => error.to_string(),
        other => format!("{}: {other}", path.display()),
    };
    Ok(suite::replay::read(&mut capture, connection).map_err(named)?)
}

fn entry(capture: String, conversation: &Conversation, side: Side, told: Told) -> Entry {
    let [client, server] = conversation
        .ends
        .map(|(address, port)| std::net::SocketAddr::new(address, port).to_string());
    Entry {
        capture,
        connection: conversation.number,
        connections: conversation.connections,
        client,
        server,
        side: side.name(),
        sent: told.sent,
        captured: told.of,
        delivered: told.delivered,
        answered: told.answered,
        ended: told.ended,
        notes: told.notes,
        differences: told.differences,
    }
}

fn print(document: &Document, options: &Replay) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    if options.format == ListFormat::Json {
        serde_json::to_writer_pretty(&mut out, document)?;
        writeln!(out)?;
        return Ok(());
    }
    let detail = text::Detail {
        trace: options.trace,
        all: options.all,
        quiet: options.quiet,
    };
    if !options.quiet {
        tell(&document.replay, &mut out)?;
    }
    text::write(&document.scorecard, detail, &mut out)
}

fn tell(replay: &Entry, out: &mut impl Write) -> Result<(), Failure> {
    let Entry {
        capture,
        connection,
        connections,
        client,
        server,
        ..
    } = replay;
    let stacks_side = if replay.side == "client" { "server" } else { "client" };
    writeln!(
        out,
        "{BOLD}{capture}{RESET}  connection {connection} of {connections}, {client} to {server}; we play the {}, the stack is the {stacks_side}",
        replay.side
    )?;
    let [sent, got] = replay.delivered;
    let [captured, answered] = replay.answered;
    writeln!(
        out,
        "  {} of {} segments sent; the stack's application received {got} of {sent} octets, and the stack sent {answered} of {captured}; it ended by {}",
        replay.sent, replay.captured, replay.ended[1]
    )?;
    for note in &replay.notes {
        writeln!(out, "  {WARNING}note{RESET} {note}")?;
    }
    for difference in &replay.differences {
        writeln!(out, "  {WARNING}differs{RESET} {difference}")?;
    }
    Ok(())
}
