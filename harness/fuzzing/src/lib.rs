//! Conversations out of bytes: what a fuzzer feeds to a stack, and what it makes of the answers.
//!
//! - `record`: the input, a header and events of a fixed size; `palette`: what their indices mean; `listing`: the same for people;
//! - `mutate`: changes of whole records; `seeds`: a few conversations to begin with, by `builder`;
//! - `play`: an input at a stack, judged by every check and by what the applications see (`stream`, `end`, `player`);
//! - `account`, `differ`: what each application saw, and what speaks against a stack beside another;
//! - `find`: what was found, grouped and made small; `panics`: where a stack panicked; `novelty`: whether a conversation was new;
//! - `memory`: how far this process has grown.
//!
//! No threads, and no files but that of `memory`: drivers have those.
#![forbid(unsafe_code)]

mod account;
mod builder;
pub mod captured;
mod differ;
mod end;
mod find;
mod listing;
mod memory;
pub mod mutate;
mod novelty;
mod palette;
mod panics;
mod play;
mod player;
mod record;
pub mod seeds;
mod stream;

pub use account::Account;
pub use differ::{Compared, compare};
pub use find::{Find, minimise, minimise_by};
pub use listing::listing;
pub use novelty::Novelty;
pub use panics::{panicked_at, quiet as quiet_panics};
pub use play::{Open, Played, Settings, play, setup};
pub use record::{HEADER, Header, Input, KINDS, Kind, MAX_RECORDS, NoInput, RECORD, Record, VERSION};
