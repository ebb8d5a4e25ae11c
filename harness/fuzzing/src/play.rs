//! One conversation at one stack, and everything that speaks against the stack.

use crate::account::Account;
use crate::find::Find;
use crate::memory;
use crate::palette::{self, pick};
use crate::panics;
use crate::player::Player;
use crate::record::Input;
use conformance::{Level, Report};
use stacks::{Setup, Stack, Trouble};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use suite::log::Log;
use suite::{Family, Stop, Tester};

/// Small: stacks fill their buffers with zeros, and that takes longer than a conversation.
const SEND_BUFFER: usize = 16_384;
/// Connections that wait to be accepted; a conversation has few.
const BACKLOG: usize = 2;

/// Makes a fresh stack.
pub type Open<'a> = &'a (dyn Fn(&Setup) -> Result<Box<dyn Stack>, Trouble> + Sync);

/// How to play.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The weakest requirement whose breach is a find.
    pub level: Level,
    /// Whether a log is kept: slower by half.
    pub log: bool,
    /// Whether what each application sees is kept for a comparison.
    pub accounts: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            level: Level::Must,
            log: false,
            accounts: false,
        }
    }
}

/// What a conversation came to.
pub struct Played {
    pub finds: Vec<Find>,
    /// What was seen of the stack's behaviour, hashed.
    pub features: Vec<u16>,
    pub log: Log,
    /// Packets, both ways.
    pub frames: u32,
    /// The stack's name and version.
    pub stack: (String, String),
    /// Of each connection, where they were asked for.
    pub accounts: Vec<Account>,
}

/// Plays an input at a fresh stack.
pub fn play(input: &Input, open: Open<'_>, settings: Settings) -> Result<Played, Trouble> {
    let setup = setup(input);
    panics::playing(true);
    let played = catch_unwind(AssertUnwindSafe(|| -> Result<Played, Trouble> {
        let stack = open(&setup)?;
        let identity = stack.identity();
        let mut tester = Tester::new(stack, setup.address, setup.peer);
        if !settings.log {
            tester = tester.without_log();
        }
        let mut player = Player::new(tester, input, settings);
        let ended = catch_unwind(AssertUnwindSafe(|| player.play()));
        let event = player.event;
        let frames = player.tester.frames();
        let spun = player.tester.spun();
        let grown = memory::grown();
        let Player {
            tester,
            mut finds,
            mut features,
            ends,
            ..
        } = player;
        let accounts = ends.into_iter().map(|end| end.account).collect();
        match ended {
            Err(panic) => finds.push(panicked(&*panic, event, frames)),
            Ok(Err(Stop::Trouble(why))) => finds.push(Find::of_class("stack failed", &why, event, frames)),
            // What the stack lacks is no find.
            Ok(Ok(()) | Err(Stop::Needs(_) | Stop::Stuck(_))) => {}
        }
        if spun {
            let why = "it asked again and again to be woken at once, and did nothing";
            finds.push(Find::of_class("no time passes", why, event, frames));
        }
        if grown > memory::MOST {
            let why = format!("this process grew by {} MiB in one conversation", grown >> 20);
            finds.push(Find::of_class("memory", &why, event, frames));
        }
        let (report, log, trouble) = tester.finish();
        if let (Some(why), true) = (trouble, finds.is_empty()) {
            finds.push(Find::of_class("stack failed", &why, event, frames));
        }
        judge(&report, setup.address, settings.level, &mut finds, &mut features);
        Ok(Played {
            finds,
            features,
            log,
            frames,
            stack: (identity.name, identity.version),
            accounts,
        })
    }));
    panics::playing(false);
    match played {
        Ok(played) => played,
        // Opening, or the last word.
        Err(panic) => Ok(Played {
            finds: vec![panicked(&*panic, input.records.len(), 0)],
            features: Vec::new(),
            log: Log::default(),
            frames: 0,
            stack: Default::default(),
            accounts: Vec::new(),
        }),
    }
}

/// What the header asks of the stack.
pub fn setup(input: &Input) -> Setup {
    let header = &input.header;
    let family = if header.family.is_multiple_of(2) {
        Family::Ipv4
    } else {
        Family::Ipv6
    };
    let (its, ours) = family.addresses();
    let mut setup = Setup::new(its, ours);
    setup.seed = u64::from(header.seed) + 1;
    setup.receive_buffer = pick(palette::RECEIVE_BUFFERS, header.receive_buffer);
    (setup.send_buffer, setup.backlog) = (SEND_BUFFER, BACKLOG);
    setup.mtu = pick(palette::MTU, header.mtu);
    if its.is_ipv6() {
        // RFC 8200 section 5.
        setup.mtu = setup.mtu.max(1280);
    }
    setup
}

fn panicked(panic: &(dyn std::any::Any + Send), event: usize, frames: u32) -> Find {
    let place = panics::panicked_at().unwrap_or_else(|| "an unknown place".to_owned());
    let words = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a word");
    let mut find = Find::of_class("panic", &format!("it panicked at {place}: {words}"), event, frames);
    find.kind = place;
    find
}

/// What the checks say, as finds; what they saw, as features.
fn judge(report: &Report, its: IpAddr, level: Level, finds: &mut Vec<Find>, features: &mut Vec<u16>) {
    for finding in report.book.findings().filter(|one| one.endpoint == its) {
        let requirement = conformance::all_requirements().nth(usize::from(finding.requirement.0));
        if let Some(requirement) = requirement.filter(|one| one.level <= level) {
            finds.push(Find::of_requirement(requirement, finding));
        }
    }
    let Some((_, row)) = report.book.rows().find(|(address, _)| *address == its) else {
        return;
    };
    for (at, tally) in row.iter().enumerate() {
        for (kind, count) in [tally.held, tally.broken, tally.abstained].into_iter().enumerate() {
            if count > 0 {
                let bucket = count.ilog2().min(5);
                features.push(crate::novelty::feature([at as u64, kind as u64, u64::from(bucket)]));
            }
        }
    }
}
