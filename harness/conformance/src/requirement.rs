//! One normative statement of an RFC, and who must keep it.

/// How strongly the RFC asks (RFC 2119); a negative form has the level of its positive one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Must,
    Should,
    May,
}

impl Level {
    pub const fn name(self) -> &'static str {
        match self {
            Level::Must => "MUST",
            Level::Should => "SHOULD",
            Level::May => "MAY",
        }
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// Whether the RFC uses the keyword itself or the level was read from its prose (RFCs older than 2119, or plain text).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    Keyword,
    Prose,
}

/// The end that a requirement binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Sender,
    Receiver,
    /// The end that opens a connection, or asks.
    Client,
    /// The end that listens, or answers.
    Server,
    /// Either end, or any host.
    Any,
}

impl Role {
    pub const fn name(self) -> &'static str {
        match self {
            Role::Sender => "sender",
            Role::Receiver => "receiver",
            Role::Client => "client",
            Role::Server => "server",
            Role::Any => "any host",
        }
    }
}

/// A place in an RFC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source {
    pub rfc: u16,
    /// As the RFC numbers it: `5.5`, `3.10.7.4`; a title where the RFC has no numbers (768, 826).
    pub section: &'static str,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RFC {} {}", self.rfc, self.section)
    }
}

pub const fn rfc(rfc: u16, section: &'static str) -> Source {
    Source { rfc, section }
}

/// One normative statement, written once; its check sits beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// `protocol/words`: what an endpoint does. Stable across releases.
    pub id: &'static str,
    pub source: Source,
    pub level: Level,
    pub basis: Basis,
    /// RFC 9293's own labels (`MUST-20`), where it has any.
    pub labels: &'static [&'static str],
    /// Other sections that say the same or refine it.
    pub also: &'static [Source],
    pub binds: Role,
    /// The statement, in our words.
    pub says: &'static str,
    /// How it is judged from packets, and when the check abstains.
    pub judged: &'static str,
    /// The frames named with a finding prove it, whatever else the capture may have missed.
    pub by_itself: bool,
}

/// Starts a requirement; `says` and `judged` complete it.
pub const fn requirement(id: &'static str, source: Source, level: Level) -> Requirement {
    Requirement {
        id,
        source,
        level,
        basis: Basis::Keyword,
        labels: &[],
        also: &[],
        binds: Role::Any,
        says: "",
        judged: "",
        by_itself: false,
    }
}

impl Requirement {
    /// The level was read from prose without a keyword.
    pub const fn prose(mut self) -> Requirement {
        self.basis = Basis::Prose;
        self
    }
    pub const fn labels(mut self, labels: &'static [&'static str]) -> Requirement {
        self.labels = labels;
        self
    }
    pub const fn also(mut self, also: &'static [Source]) -> Requirement {
        self.also = also;
        self
    }
    pub const fn binds(mut self, role: Role) -> Requirement {
        self.binds = role;
        self
    }
    pub const fn says(mut self, statement: &'static str) -> Requirement {
        self.says = statement;
        self
    }
    pub const fn judged(mut self, how: &'static str) -> Requirement {
        self.judged = how;
        self
    }
    /// No packet that the capture missed could excuse what the named frames show.
    pub const fn by_itself(mut self) -> Requirement {
        self.by_itself = true;
        self
    }
    /// `tcp` of `tcp/rto-backoff`.
    pub fn protocol(&self) -> &'static str {
        self.id.split('/').next().unwrap_or(self.id)
    }
}
