//! Two hosts, their applications, and a bad network between them, all from one seed; two captures, one beside each host.

use conformance::tracker::Vantage;
use conformance::{FrameInfo, Inspector, Settings, requirements};
use std::net::IpAddr;
use tcp::{Config, Ended, Faults, Host, SocketId, State};
use wire::link::LinkType;
use wire::{Duration, FrameNumber, Instant};

/// Steele, Lea and Flood's SplitMix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }
    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// What the network does, in parts of a thousand.
struct Weather {
    /// Nothing arrives in between.
    blackout: Option<(Instant, Instant)>,
    loss: u64,
    copies: u64,
    late: u64,
    delay: Duration,
}

/// A packet on its way: when it arrives, in which order it was sent, at which side.
struct Flying {
    at: Instant,
    order: u64,
    to: usize,
    packet: Vec<u8>,
}

struct World {
    now: Instant,
    hosts: [Host; 2],
    flying: Vec<Flying>,
    order: u64,
    weather: Weather,
    dice: Dice,
    /// What a capture at each host sees.
    captures: [Inspector; 2],
    frames: [u32; 2],
    trace: bool,
    /// A host that never stopped sending.
    floods: bool,
}

/// One side's part: what it sends, what it has received.
struct Party {
    id: Option<SocketId>,
    out: Vec<u8>,
    sent: usize,
    received: Vec<u8>,
    done_reading: bool,
    closed: bool,
    /// The most that it reads at once; 0 now and then.
    appetite: u64,
    /// Writes a message now and then instead of all at once: when the next one is due.
    chatty: bool,
    next_at: Instant,
    /// It does not read before.
    wakes: Instant,
}

const START: Instant = Instant(1_700_000_000_000_000_000);
const PORT: u16 = 80;

impl World {
    fn new(seed: u64, ipv6: bool, faults: [Faults; 2]) -> World {
        let mut dice = Dice(seed);
        let addresses: [IpAddr; 2] = if ipv6 {
            ["2001:db8::1".parse().unwrap(), "2001:db8::2".parse().unwrap()]
        } else {
            [IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2])]
        };
        let mut faults = faults.into_iter();
        let hosts = addresses.map(|address| {
            let mut config = Config::new(address);
            config.seed = dice.next();
            config.mtu = [1500, 1500, 1280, 9000][dice.below(4) as usize];
            config.receive_buffer = [4096, 16_000, 65_535, 200_000][dice.below(4) as usize];
            config.send_buffer = [4096, 65_535, 200_000][dice.below(3) as usize];
            config.timestamps = !dice.one_in(3);
            config.sack = !dice.one_in(3);
            config.window_scale = !dice.one_in(3);
            config.nagle = !dice.one_in(3);
            // RFC 6675 in every fifth conversation with SACK, RFC 8985 in the others.
            config.rack = !seed.is_multiple_of(5);
            // What gives up after R2 has told so; here everything is to arrive.
            (config.r2, config.r2_syn) = (Duration::minutes(40), Duration::minutes(40));
            config.faults = faults.next().unwrap_or_default();
            Host::new(config)
        });
        let storm = dice.below(3);
        let mut weather = Weather {
            loss: [0, 20, 80][storm as usize],
            copies: [0, 0, 30][storm as usize],
            late: [0, 30, 60][storm as usize],
            delay: Duration::millis(1 + dice.below(100) as i64),
            blackout: None,
        };
        if dice.one_in(6) {
            let from = START + Duration::millis(dice.below(1500) as i64);
            weather.blackout = Some((from, from + Duration::millis(3_000 + dice.below(25_000) as i64)));
        }
        let capture = |vantage| Inspector::new(Settings { vantage });
        World {
            now: START,
            hosts,
            flying: Vec::new(),
            order: 0,
            weather,
            dice,
            captures: [capture(Vantage::Client), capture(Vantage::Server)],
            frames: [0, 0],
            trace: std::env::var_os("TCP_TRACE").is_some(),
            floods: false,
        }
    }

    /// A packet leaves a host, or reaches it: the capture there sees it.
    fn capture(&mut self, at: usize, way: char, packet: &[u8]) {
        self.frames[at] += 1;
        if self.trace {
            let since = (self.now - START).as_secs_f64();
            println!("{since:10.6} {at} {way} {:4} {}", self.frames[at], describe(packet));
        }
        let info = FrameInfo {
            number: FrameNumber(self.frames[at]),
            time: self.now,
            link: LinkType::RAW,
            original_len: packet.len() as u32,
        };
        self.captures[at].frame(info, packet);
    }

    /// Everything that the hosts have to send goes onto the wire.
    fn drain(&mut self) {
        for side in 0..2 {
            let mut packet = Vec::new();
            let mut burst = 0;
            while self.hosts[side].transmit(self.now, &mut packet) {
                burst += 1;
                if burst > 2000 {
                    self.floods = true;
                    return;
                }
                self.capture(side, '>', &packet);
                self.throw(1 - side, packet.clone());
            }
        }
    }

    fn throw(&mut self, to: usize, packet: Vec<u8>) {
        let Weather {
            loss,
            copies,
            late,
            delay,
            blackout,
        } = self.weather;
        let dark = blackout.is_some_and(|(from, to)| from <= self.now && self.now < to);
        if self.dice.below(1000) < loss || dark {
            return;
        }
        let times = 1 + u64::from(self.dice.below(1000) < copies);
        for _ in 0..times {
            let extra = if self.dice.below(1000) < late {
                delay / 2 + Duration::millis(3)
            } else {
                Duration::ZERO
            };
            self.order += 1;
            self.flying.push(Flying {
                at: self.now + delay + extra,
                order: self.order,
                to,
                packet: packet.clone(),
            });
        }
    }

    /// To the next arrival, timer, or a tick of the applications.
    fn step(&mut self) {
        let arrival = self.flying.iter().map(|one| (one.at, one.order)).min();
        let timers = self.hosts.iter().filter_map(Host::wake_at).min();
        let tick = self.now + Duration::millis(50);
        let next = [arrival.map(|(at, _)| at), timers, Some(tick)]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(tick);
        self.now = next.max(self.now);
        while let Some(at) = (0..self.flying.len())
            .filter(|&at| self.flying[at].at <= self.now)
            .min_by_key(|&at| (self.flying[at].at, self.flying[at].order))
        {
            let Flying { to, packet, .. } = self.flying.swap_remove(at);
            self.capture(to, '<', &packet);
            self.hosts[to].deliver(self.now, &packet);
            self.drain();
        }
        let now = self.now;
        self.hosts.iter_mut().for_each(|host| host.advance_to(now));
    }
}

fn describe(packet: &[u8]) -> String {
    let header = if packet[0] >> 4 == 4 { 20 } else { 40 };
    let tcp = wire::tcp::Tcp::parse(&packet[header..]).expect("a segment");
    let blocks: Vec<String> = tcp
        .options()
        .sack
        .iter()
        .map(|block| format!("{}..{}", block.left, block.right))
        .collect();
    format!(
        "{} seq {} ack {} win {} len {} {}",
        tcp.flags,
        tcp.seq,
        tcp.ack,
        tcp.window,
        tcp.payload.len(),
        blocks.join(" ")
    )
}

fn party(dice: &mut Dice, id: Option<SocketId>) -> Party {
    let len = [0, 1, 100, 5_000, 100_000][dice.below(5) as usize];
    Party {
        id,
        out: (0..len).map(|n: u64| (n.wrapping_mul(31) ^ (n >> 8)) as u8).collect(),
        sent: 0,
        received: Vec::new(),
        done_reading: false,
        closed: false,
        appetite: [300, 3_000, 100_000][dice.below(3) as usize],
        chatty: len < 6_000 && dice.one_in(2),
        next_at: START,
        wakes: START + Duration::millis(if dice.one_in(6) { dice.below(40_000) as i64 } else { 0 }),
    }
}

impl Party {
    /// The application's turn: writes what fits, reads what it likes, closes when all is written.
    fn act(&mut self, now: Instant, host: &mut Host, dice: &mut Dice) {
        let Some(connection) = self.id.and_then(|id| host.connection(id).ok()) else {
            return;
        };
        if now < self.next_at {
            // It thinks.
        } else if self.sent < self.out.len() {
            if self.chatty {
                self.next_at = now + Duration::secs(3);
            }
            let limit = if self.chatty { self.out.len() / 5 + 1 } else { 20_000 };
            let most = (1 + dice.below(limit as u64) as usize).min(self.out.len() - self.sent);
            let chunk = &self.out[self.sent..self.sent + most];
            self.sent += connection.send(chunk).unwrap_or(0);
        } else if !self.closed && matches!(connection.state(), State::Established | State::CloseWait) {
            connection.close();
            self.closed = true;
        }
        if !dice.one_in(4) && !self.done_reading && now >= self.wakes {
            let mut buffer = vec![0; self.appetite as usize];
            match connection.receive(&mut buffer) {
                Some(count) => self.received.extend(&buffer[..count]),
                None => self.done_reading = true,
            }
        }
    }
}

/// A conversation to its end, or to what went wrong.
pub fn converse(seed: u64, faults: [Faults; 2]) -> Outcome {
    let mut world = World::new(seed, seed.is_multiple_of(3), faults);
    world.hosts[1].listen(PORT).expect("a free port");
    let server = if seed.is_multiple_of(3) {
        "2001:db8::2".parse().unwrap()
    } else {
        IpAddr::from([192, 0, 2, 2])
    };
    let port = 40_000 + (seed % 10_000) as u16;
    let id = world.hosts[0]
        .connect(world.now, port, (server, PORT))
        .expect("an open");
    let mut dice = Dice(seed ^ 0x5555);
    let mut parties = [party(&mut dice, Some(id)), party(&mut dice, None)];
    let deadline = START + Duration::hours(1);
    loop {
        for (party, host) in parties.iter_mut().zip(&mut world.hosts) {
            party.act(world.now, host, &mut dice);
        }
        world.drain();
        if parties[1].id.is_none() {
            parties[1].id = world.hosts[1].accept(PORT);
        }
        let over = parties.iter().zip(&mut world.hosts).all(|(party, host)| {
            party.done_reading
                && party
                    .id
                    .is_some_and(|id| host.connection(id).is_ok_and(|one| one.ended().is_some()))
        });
        if over {
            break;
        }
        if world.floods {
            return world.outcome(Err("a host that never stops sending".to_owned()));
        }
        if world.now > deadline {
            let states: Vec<_> = parties
                .iter()
                .zip(&mut world.hosts)
                .map(|(party, host)| {
                    party
                        .id
                        .and_then(|id| host.connection(id).ok().map(|one| (one.state(), one.ended())))
                })
                .collect();
            let trouble = format!("not over after an hour: {states:?}");
            return world.outcome(Err(trouble));
        }
        world.step();
    }
    let delivered = delivered(&mut world, &parties);
    world.outcome(delivered)
}

/// Both sides closed in order, and have each other's data exactly.
fn delivered(world: &mut World, parties: &[Party; 2]) -> Result<(), String> {
    for (side, party) in parties.iter().enumerate() {
        let ended = party
            .id
            .and_then(|id| world.hosts[side].connection(id).ok().and_then(|one| one.ended()));
        if ended != Some(Ended::Closed) {
            return Err(format!("side {side} ended {ended:?}"));
        }
        let other = &parties[1 - side].out;
        if party.received != *other {
            return Err(format!(
                "side {side} received {} octets of {}",
                party.received.len(),
                other.len()
            ));
        }
    }
    Ok(())
}

/// How a conversation went, and what the checks said of it.
pub struct Outcome {
    #[allow(dead_code)] // a fault may keep data from arriving
    pub delivered: Result<(), String>,
    /// Every violation and deviation: the requirement's id, and the proof.
    pub findings: Vec<(&'static str, String)>,
}

impl World {
    fn outcome(self, delivered: Result<(), String>) -> Outcome {
        let mut findings = Vec::new();
        for (side, capture) in self.captures.into_iter().enumerate() {
            let report = capture.finish();
            findings.extend(report.book.findings().map(|finding| {
                let proof = format!(
                    "the capture at side {side}: {:?} {} expected {}, seen {}",
                    finding.frames, finding.flow, finding.expected, finding.seen
                );
                (requirements()[usize::from(finding.requirement.0)].id, proof)
            }));
        }
        Outcome { delivered, findings }
    }
}
