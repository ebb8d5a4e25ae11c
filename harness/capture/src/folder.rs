//! Several captures, one after the other: files, and whatever is a capture in a folder.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use crate::capture::Capture;
use crate::error::{CaptureError, Problem};

/// Opens the captures named by `paths`, in that order. A folder stands for all files in it and below, sorted by name, that
/// start like a capture; `-` is standard input. A path that the caller named and that is no capture is an error.
pub fn open_all<P: Into<PathBuf>>(paths: impl IntoIterator<Item = P>) -> OpenAll {
    let pending = paths
        .into_iter()
        .map(|path| Pending {
            path: path.into(),
            named: true,
        })
        .collect();
    OpenAll {
        pending,
        skipped: Vec::new(),
    }
}

/// The captures in turn. Each is opened when it is asked for.
pub struct OpenAll {
    pending: VecDeque<Pending>,
    skipped: Vec<Skipped>,
}

/// A file in a folder that was passed over, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    pub path: PathBuf,
    pub reason: String,
}

struct Pending {
    path: PathBuf,
    named: bool,
}

impl OpenAll {
    /// What has been passed over so far; complete when the iterator has ended.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Puts the entries of a folder at the front. Links to folders are not followed below a named one: they may form a ring.
    fn enter(&mut self, folder: &Path) -> std::io::Result<()> {
        let mut paths = fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<Vec<_>>>()?;
        paths.sort();
        for path in paths.into_iter().rev() {
            self.pending.push_front(Pending { path, named: false });
        }
        Ok(())
    }

    fn open(&mut self, pending: Pending) -> Option<Result<Capture, CaptureError>> {
        let Pending { path, named } = pending;
        if named && path.as_os_str() == "-" {
            return Some(Capture::from_reader("standard input", std::io::stdin()));
        }
        // Neither wait on a pipe nor follow a link to a folder, where nobody asked for it by name.
        let link = fs::symlink_metadata(&path).is_ok_and(|entry| entry.is_symlink());
        match fs::metadata(&path) {
            Ok(target) if target.is_dir() && (named || !link) => match self.enter(&path) {
                Ok(()) => None,
                Err(error) => Some(Err(unreadable(&path, error))),
            },
            Ok(target) if named || target.is_file() => self.open_file(path, named),
            Ok(_) => self.skip(path, "not a regular file".into()),
            Err(error) if named => Some(Err(unreadable(&path, error))),
            Err(error) => self.skip(path, error.to_string()),
        }
    }

    fn open_file(&mut self, path: PathBuf, named: bool) -> Option<Result<Capture, CaptureError>> {
        match Capture::open(&path) {
            Err(CaptureError { problem, .. }) if !named && is_no_capture(&problem) => {
                self.skip(path, problem.to_string())
            }
            opened => Some(opened),
        }
    }

    fn skip(&mut self, path: PathBuf, reason: String) -> Option<Result<Capture, CaptureError>> {
        self.skipped.push(Skipped { path, reason });
        None
    }
}

impl Iterator for OpenAll {
    type Item = Result<Capture, CaptureError>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(pending) = self.pending.pop_front() {
            if let Some(opened) = self.open(pending) {
                return Some(opened);
            }
        }
        None
    }
}

fn is_no_capture(problem: &Problem) -> bool {
    matches!(problem, Problem::Empty | Problem::NotACapture { .. })
}

fn unreadable(path: &Path, error: std::io::Error) -> CaptureError {
    let (file, problem) = (path.display().to_string(), error.into());
    CaptureError {
        file,
        offset: None,
        compressed: false,
        frame: None,
        problem,
    }
}
