//! What a scenario is: something that the world does to a stack.

use crate::tester::Tester;

/// How a scenario goes on: or why it cannot.
pub type Step<T = ()> = Result<T, Stop>;

/// Why a scenario ended early. None of these is a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The stack lacks an ability that the scenario is about.
    Needs(&'static str),
    /// Something did not come that everything later rests on.
    Stuck(String),
    /// The stack itself failed: its process ended, it sends without end.
    Trouble(String),
}

/// A scenario. `play` does it; verdicts are the checks' and its own `require`s.
pub struct Scenario {
    /// `group/words`: what the world does. Its file is named the same.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// Requirements that it certainly gives a stack the occasion to keep or break.
    pub exercises: &'static [&'static str],
    /// Its variants; each is a run of its own. Empty when there is but one.
    pub variants: &'static [&'static str],
    pub play: fn(&mut Tester, usize) -> Step,
}

/// Declares the scenario of a file.
macro_rules! scenario {
    (
        $name:literal, $about:literal,
        exercises: [$($id:literal),* $(,)?],
        play: $play:expr $(,)?
    ) => {
        pub const SCENARIO: $crate::scenario::Scenario = $crate::scenario::Scenario {
            name: $name,
            about: $about,
            exercises: &[$($id),*],
            variants: &[],
            play: |t, _| $play(t),
        };
    };
    (
        $name:literal, $about:literal,
        exercises: [$($id:literal),* $(,)?],
        variants: $variants:expr,
        play: $play:expr $(,)?
    ) => {
        pub const SCENARIO: $crate::scenario::Scenario = $crate::scenario::Scenario {
            name: $name,
            about: $about,
            exercises: &[$($id),*],
            variants: $variants,
            play: $play,
        };
    };
}

/// Declares the scenarios of a folder: a module each.
macro_rules! scenarios {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*
        pub const SCENARIOS: &[$crate::scenario::Scenario] = &[$($module::SCENARIO),*];
    };
}

pub(crate) use {scenario, scenarios};
