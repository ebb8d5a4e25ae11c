//! How soon conversations find known bugs of older stacks.
//!
//! - `releases`: the stacks; `bugs`: the list, `bugs.tsv`; `hunt`: the search in one release; `known`: inputs that show a bug.
#![forbid(unsafe_code)]

mod bugs;
mod hunt;
mod known;
mod releases;

use bugs::Bug;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// How soon conversations find known bugs of older smoltcp releases.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The bugs and where they are looked for, one JSON object a line.
    Bugs,
    /// Looks for the bugs of a release from the built-in seeds alone, on one thread; tells each find as a JSON object a line.
    Hunt {
        /// As `bugs` names it.
        release: String,
        #[arg(long, default_value_t = 600.0)]
        seconds: f64,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Bugs that need not be looked for.
        #[arg(long)]
        without: Vec<String>,
        /// Every find is told, whether it is a known bug or not, and the whole time is used.
        #[arg(long)]
        all: bool,
        /// Where the smallest input of each bug is written.
        #[arg(long)]
        keep: Option<PathBuf>,
    },
    /// Plays the inputs of a folder, BUG.bin each, at the release that has the bug and at the one that has not.
    Replay { folder: PathBuf },
    /// Shows what an input does to a release.
    Show { release: String, input: PathBuf },
}

fn main() -> ExitCode {
    match run(Arguments::parse().what) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            eprintln!("yardstick: {why}");
            ExitCode::from(2)
        }
    }
}

/// Whether all is as it should be.
fn run(what: What) -> Result<bool, String> {
    let bugs = bugs::read()?;
    fuzzing::quiet_panics();
    match what {
        What::Bugs => {
            bugs.iter().for_each(|bug| println!("{}", bug.json()));
            Ok(true)
        }
        What::Hunt {
            release,
            seconds,
            seed,
            without,
            all,
            keep,
        } => {
            let sought = |bug: &Bug| bug.release == release && !without.contains(&bug.id);
            let options = hunt::Options {
                time: Duration::try_from_secs_f64(seconds).map_err(|error| format!("--seconds {seconds}: {error}"))?,
                seed,
                all,
                keep,
            };
            hunt::run(&release, bugs.into_iter().filter(sought).collect(), &options)
        }
        What::Replay { folder } => known::replay(&folder, &bugs),
        What::Show { release, input } => known::show(&release, &input),
    }
}
