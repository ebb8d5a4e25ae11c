//! The `stackproof` command line.
#![forbid(unsafe_code)]

mod args;
mod check;
mod coverage;
mod explain;
mod facts;
mod fuzz;
mod interop;
mod replay;
mod report;
mod rules;
mod script;
mod selection;
mod stacks;
mod test;

use clap::{CommandFactory, Parser};
use std::process::ExitCode;

/// Conversations of a fuzzing session are short, and each makes its stack's buffers anew.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Everything conforms.
const CONFORMS: u8 = 0;
/// Violations at or above `--fail-on`.
const VIOLATIONS: u8 = 1;
/// The job could not be done, or not whole.
const COULD_NOT: u8 = 2;

fn main() -> ExitCode {
    let args = args::Args::parse();
    args.color.write_global();
    let outcome = match args.command {
        args::Command::Check(options) => check::run(&options),
        args::Command::Test(options) => test::run(&options),
        args::Command::Script(options) => script::run(&options),
        args::Command::Replay(options) => replay::run(&options),
        args::Command::Fuzz(options) => fuzz::run(&options),
        args::Command::Interop(options) => interop::run(&options),
        args::Command::Stacks => stacks::run(),
        args::Command::Faults(options) => stacks::faults(&options),
        #[cfg(target_os = "linux")]
        args::Command::LinuxAgent { raw } => ::stacks::serve_linux(raw).map(|()| CONFORMS).map_err(Failure::from),
        args::Command::Rules(options) => rules::run(&options),
        args::Command::Explain(options) => explain::run(&options),
        args::Command::Facts(options) => facts::run(&options),
        args::Command::Completions { shell } => {
            clap_complete::generate(shell, &mut args::Args::command(), "stackproof", &mut std::io::stdout());
            Ok(CONFORMS)
        }
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        // The reader of our output has gone away (`stackproof ... | head`): nothing left to say, nobody to say it to.
        Err(error) if is_broken_pipe(&error) => ExitCode::from(CONFORMS),
        Err(error) => {
            anstream::eprintln!("{}error:{} {error}", report::style::ERROR, report::style::RESET);
            ExitCode::from(COULD_NOT)
        }
    }
}

/// Whatever keeps a command from its job, told in one line.
type Failure = Box<dyn std::error::Error>;

fn is_broken_pipe(error: &Failure) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    let json = error
        .downcast_ref::<serde_json::Error>()
        .and_then(serde_json::Error::io_error_kind);
    io.map(std::io::Error::kind).or(json) == Some(std::io::ErrorKind::BrokenPipe)
}
