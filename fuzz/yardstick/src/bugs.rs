//! The list of known bugs.

use crate::releases::{self, Open};
use fuzzing::{Find, Input};
use serde_json::{Value, json};

const LIST: &str = include_str!("../bugs.tsv");

/// A line of the list.
#[derive(Debug, Clone)]
pub struct Bug {
    pub id: String,
    /// The release that has it, the one that mended it, and the oldest one here that is not older than that.
    pub release: String,
    pub mended: String,
    pub sound: String,
    /// Pull request of smoltcp-rs/smoltcp that mended it.
    pub source: String,
    /// What a find of it is called, one of them: a requirement, or a class of failures; and words of what was seen, all of them.
    pub shows: Vec<String>,
    pub words: Vec<String>,
    /// Words that the listing of the smallest input has, all of them; those behind an exclamation mark it has not.
    pub events: Vec<String>,
    pub about: String,
}

impl Bug {
    /// Whether a find looks like this bug.
    pub fn looks_like(&self, find: &Find) -> bool {
        let said = |word: &String| find.kind.contains(word.as_str()) || find.seen.contains(word.as_str());
        self.shows.contains(&find.what) && self.words.iter().all(said)
    }

    /// Whether the smallest input that shows it does what the bug needs.
    pub fn plays(&self, small: &Input) -> bool {
        let listing = fuzzing::listing(small);
        self.events.iter().all(|word| match word.strip_prefix('!') {
            Some(word) => !listing.contains(word),
            None => listing.contains(word.as_str()),
        })
    }

    pub fn json(&self) -> Value {
        json!({
            "bug": self.id, "release": self.release, "mended": self.mended, "sound": self.sound, "source": self.source,
            "shows": self.shows, "about": self.about,
        })
    }
}

/// The release of that version.
pub fn release(version: &str) -> Result<Open, String> {
    let found = releases::RELEASES.iter().find(|(name, _)| *name == version);
    found.map(|(_, open)| *open).ok_or_else(|| {
        let known: Vec<&str> = releases::RELEASES.iter().map(|(name, _)| *name).collect();
        format!("no release {version} is built; there are {}", known.join(", "))
    })
}

/// Every bug; lines that begin with # say nothing.
pub fn read() -> Result<Vec<Bug>, String> {
    let lines = LIST.lines().enumerate();
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(at, line)| bug(line).map_err(|why| format!("bugs.tsv:{}: {why}", at + 1)))
        .collect()
}

fn bug(line: &str) -> Result<Bug, String> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [id, release, mended, sound, source, shows, words, events, about] = fields[..] else {
        return Err(format!("{} fields; expected nine", fields.len()));
    };
    self::release(release)?;
    self::release(sound)?;
    Ok(Bug {
        id: id.to_owned(),
        release: release.to_owned(),
        mended: mended.to_owned(),
        sound: sound.to_owned(),
        source: source.to_owned(),
        shows: listed(shows),
        words: listed(words),
        events: listed(events),
        about: about.to_owned(),
    })
}

fn listed(field: &str) -> Vec<String> {
    field.split('|').filter(|one| *one != "-").map(str::to_owned).collect()
}
