//! Folders of inputs. A file appears whole or not at all: it is written under another name first.

use super::Target;
use crate::Failure;
use crate::args::Fuzz;
use fuzzing::Input;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use suite::replay::Side;

/// Where the inputs of a stack are read from, besides the seeds that are built in.
pub fn folders(options: &Fuzz, target: &Target) -> Vec<PathBuf> {
    let mut folders = vec![
        own(options, target),
        PathBuf::from("corpus").join(format!("conversation_{}", target.plain_name())),
        PathBuf::from("corpus/regressions").join(target.plain_name()),
    ];
    if let Some(kept) = options
        .regressions
        .as_ref()
        .map(|folder| folder.join(target.plain_name()))
        && !folders.contains(&kept)
    {
        folders.push(kept);
    }
    folders.extend(options.corpus.clone());
    folders
}

/// Where new ones are written.
pub fn own(options: &Fuzz, target: &Target) -> PathBuf {
    options.out.join("corpus").join(target.plain_name())
}

/// What a folder holds.
#[derive(Default)]
pub struct Read {
    pub inputs: Vec<Input>,
    /// Files that are no inputs, and why.
    pub foreign: Vec<(PathBuf, String)>,
}

/// Every file of a folder, in the order of their names; what cannot be read is told of.
pub fn read(folder: &Path) -> io::Result<Read> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    let mut read = Read::default();
    for path in paths {
        let input = fs::read(&path).map_err(|error| error.to_string());
        match input.and_then(|octets| Input::decode(&octets).map_err(|error| error.to_string())) {
            Ok(input) => read.inputs.push(input),
            Err(why) => read.foreign.push((path, why)),
        }
    }
    Ok(read)
}

/// Connections of one capture that become inputs.
const MOST_CONNECTIONS: u32 = 64;

/// Inputs out of captures; a capture that holds none is told of.
pub fn captured(options: &Fuzz) -> Result<Vec<Input>, Failure> {
    let mut inputs = Vec::new();
    let paths = crate::check::expand(&options.seed_from)?;
    // Folders become their files.
    for capture in capture::open_all(paths).filter_map(Result::ok) {
        let path = PathBuf::from(capture.name());
        drop(capture);
        let before = inputs.len();
        let mut number = 0;
        while let Ok(conversation) = crate::replay::read(&path, Some(number)) {
            for side in [Side::Client, Side::Server] {
                inputs.push(fuzzing::captured::input(&conversation, side));
            }
            number += 1;
            if number >= conversation.connections.min(MOST_CONNECTIONS) {
                break;
            }
        }
        if inputs.len() == before {
            eprintln!("{}: no TCP connection in it begins with a SYN", path.display());
        }
    }
    Ok(inputs)
}

/// The folder for what is found: empty, or to be gone on with.
pub fn begin(options: &Fuzz) -> Result<(), Failure> {
    let out = &options.out;
    let used = out.join("log.jsonl").exists();
    if used && !options.resume {
        let out = out.display();
        return Err(
            format!("{out} holds an earlier session: go on with it by --resume, or choose another --out").into(),
        );
    }
    fs::create_dir_all(out.join("finds")).map_err(|error| format!("{}: {error}", out.display()))?;
    if used {
        eprintln!("resuming the session in {}", out.display());
    }
    Ok(())
}

/// Writes a file whole or not at all.
pub fn write(path: &Path, octets: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let thread = format!("{:?}", std::thread::current().id());
    let number: String = thread.chars().filter(char::is_ascii_digit).collect();
    let temporary = folder.join(format!(".{name}.{}-{number}", std::process::id()));
    let written = fs::write(&temporary, octets).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// FNV-1a: an input's name.
pub fn name(octets: &[u8]) -> String {
    let hash = octets.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}.bin")
}
