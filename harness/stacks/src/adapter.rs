//! Which stacks there are, and how they are found by name.

use crate::stack::{Setup, Stack};
use crate::{reference, smoltcp};

/// Why a stack cannot be had, in a sentence that tells what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Something is missing, or wrong.
    Cannot(String),
    /// The stack itself says that it has no such thing, an address family for example.
    Declines(String),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Trouble::Cannot(text) | Trouble::Declines(text)) = self;
        f.write_str(text)
    }
}

impl std::error::Error for Trouble {}

/// A fresh stack, or why there is none.
pub type Opened = Result<Box<dyn Stack>, Trouble>;

/// A kind of stack.
pub struct Adapter {
    /// As users name it; `process:COMMAND` for those that take an argument.
    pub name: &'static str,
    pub about: &'static str,
    /// What this machine lacks for it.
    pub needs: fn() -> Result<(), Trouble>,
    /// A fresh stack. `argument` is what follows the colon.
    pub open: fn(argument: &str, setup: &Setup) -> Opened,
}

/// Every adapter.
pub const ADAPTERS: &[Adapter] = &[
    reference::ADAPTER,
    smoltcp::ADAPTER,
    #[cfg(unix)]
    crate::lwip::ADAPTER,
    #[cfg(target_os = "linux")]
    crate::linux::ADAPTER,
    #[cfg(target_os = "linux")]
    crate::tun::ADAPTER,
    #[cfg(unix)]
    crate::process::ADAPTER,
];

/// A fresh stack of that name.
pub fn open(name: &str, setup: &Setup) -> Opened {
    let (kind, argument) = name.split_once(':').unwrap_or((name, ""));
    let Some(adapter) = ADAPTERS
        .iter()
        .find(|adapter| adapter.name.split(':').next() == Some(kind))
    else {
        let known: Vec<&str> = ADAPTERS.iter().map(|adapter| adapter.name).collect();
        return Err(Trouble::Cannot(format!(
            "there is no stack '{name}'; known are {}",
            known.join(", ")
        )));
    };
    (adapter.needs)()?;
    (adapter.open)(argument, setup)
}
