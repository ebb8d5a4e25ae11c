//! A child process that is asked line by line. One that takes another run is kept for it: to start a program takes longer than most runs.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Octets of a line; a packet of 65,535 octets needs twice that and a word.
const MAX_LINE: usize = 200_000;
/// Octets that are read at once.
const ROOM: usize = 1 << 16;

/// Children between two runs, each with the name that it was started under.
static IDLE: Mutex<Vec<(String, Asked)>> = Mutex::new(Vec::new());

/// A child, its input and its output.
pub struct Asked {
    child: Child,
    requests: ChildStdin,
    answers: ChildStdout,
    /// What was read and is no whole line yet, behind `taken` octets that are done with.
    read: Vec<u8>,
    taken: usize,
}

/// Why there is no line.
pub enum Lost {
    Late,
    Closed,
    Unreadable(io::Error),
}

impl Asked {
    pub fn start(mut command: Command) -> io::Result<Asked> {
        let command = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        let mut child = command.spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(requests), Some(answers)) => Ok(Asked {
                child,
                requests,
                answers,
                read: Vec::new(),
                taken: 0,
            }),
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// One that waits for its next run.
    pub fn idle(name: &str) -> Option<Asked> {
        let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
        let at = idle.iter().position(|(one, _)| one == name)?;
        Some(idle.swap_remove(at).1)
    }

    /// Keeps it for the next run.
    pub fn keep(self, name: &str) {
        let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push((name.to_owned(), self));
    }

    /// Writes one request.
    pub fn say(&mut self, request: &str) -> io::Result<()> {
        self.requests.write_all(format!("{request}\n").as_bytes())
    }

    /// The next line, without its end.
    pub fn line(&mut self, deadline: Instant) -> Result<String, Lost> {
        let mut searched = self.taken;
        loop {
            let fresh = self.read.get(searched..).unwrap_or_default();
            let end = fresh.iter().position(|&octet| octet == b'\n').map(|at| searched + at);
            searched = self.read.len();
            if end.is_some() || searched - self.taken > MAX_LINE {
                let end = end.unwrap_or(searched);
                let line = String::from_utf8_lossy(self.read.get(self.taken..end).unwrap_or_default()).into_owned();
                self.taken = searched.min(end + 1);
                return Ok(line);
            }
            self.read.drain(..self.taken);
            searched -= std::mem::take(&mut self.taken);
            self.wait(deadline)?;
            let before = self.read.len();
            self.read.resize(before + ROOM, 0);
            let got = self.answers.read(self.read.get_mut(before..).unwrap_or_default());
            self.read.truncate(before + got.as_ref().map_or(0, |&got| got));
            match got {
                Ok(0) => return Err(Lost::Closed),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Lost::Unreadable(error)),
            }
        }
    }

    /// Until there is something to read.
    fn wait(&self, deadline: Instant) -> Result<(), Lost> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let left = Timespec::try_from(left).ok();
            match poll(&mut [PollFd::new(&self.answers, PollFlags::IN)], left.as_ref()) {
                Ok(0) => return Err(Lost::Late),
                Ok(_) => return Ok(()),
                Err(error) if error == rustix::io::Errno::INTR => {}
                Err(error) => return Err(Lost::Unreadable(error.into())),
            }
        }
    }

    pub fn how_it_ended(&mut self) -> String {
        std::thread::sleep(Duration::from_millis(20));
        match self.child.try_wait() {
            Ok(Some(status)) => format!("the stack's process ended ({status})"),
            _ => "the stack's process closed its output".to_owned(),
        }
    }

    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
