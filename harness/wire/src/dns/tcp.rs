//! Messages in a TCP stream: each follows its length in two bytes (RFC 1035 section 4.2.2).

/// Cuts a stream, given in pieces of any size, into messages. Holds at most one message (65535 bytes).
#[derive(Debug, Default)]
pub struct Framer {
    held: Vec<u8>,
}

impl Framer {
    /// Takes the next bytes of the stream; `message` is called with each message that is now whole, without its length.
    pub fn push(&mut self, mut bytes: &[u8], mut message: impl FnMut(&[u8])) {
        while !self.held.is_empty() && !bytes.is_empty() {
            let (now, later) = bytes.split_at(self.wanted().min(bytes.len()));
            self.held.extend_from_slice(now);
            bytes = later;
            if let Some((whole, _)) = split(&self.held) {
                message(whole);
                self.held.clear();
            }
        }
        while let Some((whole, rest)) = split(bytes) {
            message(whole);
            bytes = rest;
        }
        self.held.extend_from_slice(bytes);
    }

    /// Bytes until the message that has begun is whole, or until its length is known.
    pub fn wanted(&self) -> usize {
        match self.held.first_chunk::<2>() {
            Some(length) => 2 + usize::from(u16::from_be_bytes(*length)) - self.held.len(),
            None => 2 - self.held.len(),
        }
    }

    /// What has come of a message that is not whole yet, its length included; not empty at the end of a stream: cut short.
    pub fn pending(&self) -> &[u8] {
        &self.held
    }

    /// Forgets what is held, where bytes of the stream are missing: what comes next is taken for the start of a message.
    pub fn reset(&mut self) {
        self.held.clear();
    }
}

fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

/// Appends `message` after its length; none, and nothing appended, beyond 65535 bytes.
pub fn emit(message: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let length = u16::try_from(message.len()).ok()?;
    out.extend(length.to_be_bytes());
    out.extend(message);
    Some(())
}
