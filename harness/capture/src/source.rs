//! Where the bytes come from, decompressed.

use std::io::{self, BufReader, Cursor, Read};

/// Looks at the first bytes and puts a decompressor in front where they ask for one. The flag says whether they did.
pub(crate) fn decompressed(mut reader: impl Read + Send + 'static) -> io::Result<(Box<dyn Read + Send>, bool)> {
    let mut magic = Vec::with_capacity(MAGIC_LEN as usize);
    reader.by_ref().take(MAGIC_LEN).read_to_end(&mut magic)?;
    let kind = Compression::of(&magic);
    let whole = Cursor::new(magic).chain(reader);
    Ok(match kind {
        None => (Box::new(whole), false),
        // RFC 1952 section 2.2: a gzip file is a series of members.
        Some(Compression::Gzip) => (
            Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::new(whole))),
            true,
        ),
        // RFC 8878 section 3: zstd data is a series of frames; the decoder reads on by itself. Its window is at most 128 MiB
        // (the library's default, and the most that the zstd tool writes unasked).
        Some(Compression::Zstd) => (Box::new(zstd::Decoder::new(whole)?), true),
    })
}

enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    fn of(magic: &[u8]) -> Option<Compression> {
        match magic {
            // RFC 1952 section 2.3.1: ID1, ID2, and the only compression method in use.
            [0x1f, 0x8b, 8, ..] => Some(Compression::Gzip),
            // RFC 8878 section 3.1.1 (frame) and 3.1.2 (a skippable frame may come first).
            [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Some(Compression::Zstd),
            _ => None,
        }
    }
}

const MAGIC_LEN: u64 = 4;
