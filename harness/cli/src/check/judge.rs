//! Reads captures and judges them, several at a time, keeping their order.

use crate::Failure;
use crate::args::{Check, VantageArg};
use capture::{Capture, CaptureError, open_all};
use conformance::tracker::Vantage;
use conformance::{FrameInfo, Inspector, Report, Settings};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Mutex;
use wire::Instant;

/// One capture's verdicts, or why there are none.
pub struct Judged {
    pub file: String,
    pub warnings: Vec<String>,
    pub error: Option<String>,
    pub report: Option<Report>,
}

/// Judges every capture under `files`, in their order.
pub fn all(files: Vec<PathBuf>, options: &Check) -> Result<Vec<Judged>, Failure> {
    let threads = match options.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        given => given,
    };
    let settings = Settings {
        vantage: vantage(options.vantage),
    };
    let captures = Mutex::new((0, open_all(files)));
    let done = Mutex::new(Vec::new());
    let bar = progress(options);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((at, next)) = take(&captures) {
                    let judged = one(next, settings, &bar);
                    if let Ok(mut done) = done.lock() {
                        done.push((at, judged));
                    }
                }
            });
        }
    });
    bar.finish_and_clear();
    let mut done = done.into_inner().map_err(|_| "a worker thread failed")?;
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, judged)| judged).collect())
}

type Next = Result<Capture, CaptureError>;

fn take(captures: &Mutex<(usize, capture::OpenAll)>) -> Option<(usize, Next)> {
    let mut guard = captures.lock().ok()?;
    let (at, captures) = &mut *guard;
    *at += 1;
    captures.next().map(|next| (*at, next))
}

fn one(next: Next, settings: Settings, bar: &ProgressBar) -> Judged {
    let mut capture = match next {
        Ok(capture) => capture,
        Err(error) => {
            return Judged {
                file: error.file.clone(),
                warnings: Vec::new(),
                error: Some(error.to_string()),
                report: None,
            };
        }
    };
    bar.set_message(capture.name().to_string());
    let mut inspector = Inspector::new(settings);
    let mut untimed = 0u64;
    // A Simple Packet Block has no time: it takes the one before it, so that nothing seems to have passed.
    let mut latest = Instant(0);
    let mut since_tick = 0u64;
    let error = loop {
        match capture.next_frame() {
            Ok(Some(frame)) => {
                untimed += u64::from(frame.time.is_none());
                latest = frame.time.unwrap_or(latest);
                let info = FrameInfo {
                    number: frame.number,
                    time: latest,
                    link: frame.link,
                    original_len: frame.original_len,
                };
                inspector.frame(info, frame.data);
            }
            Ok(None) => break None,
            Err(error) => break Some(error.to_string()),
        }
        since_tick += 1;
        if since_tick == 1 << 14 {
            bar.inc(since_tick);
            since_tick = 0;
        }
    };
    bar.inc(since_tick);
    let mut warnings: Vec<String> = capture.warnings().kept().iter().map(ToString::to_string).collect();
    let more = capture.warnings().total().saturating_sub(warnings.len() as u64);
    if more > 0 {
        warnings.push(format!("{more} more of these"));
    }
    if untimed > 0 {
        warnings.push(format!(
            "{untimed} packets carry no time; each was given the time of the one before"
        ));
    }
    Judged {
        file: capture.name().to_string(),
        warnings,
        error,
        report: Some(inspector.finish()),
    }
}

fn vantage(arg: VantageArg) -> Vantage {
    match arg {
        VantageArg::Auto => Vantage::Auto,
        VantageArg::Client => Vantage::Client,
        VantageArg::Server => Vantage::Server,
        VantageArg::Middle => Vantage::Middle,
    }
}

/// On a terminal only, and only when somebody waits for it.
fn progress(options: &Check) -> ProgressBar {
    if options.quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} packets ({per_sec})  {wide_msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(120));
    bar
}
