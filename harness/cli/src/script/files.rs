//! The scripts that were asked for.

use crate::Failure;
use script::syntax::ast::Script;
use script::syntax::{Defines, SyntaxError, parse};
use std::path::{Path, PathBuf};

/// More than this is no script.
const LARGEST: u64 = 16 << 20;

/// A file, and its text or why there is none.
pub struct Source {
    pub name: String,
    pub text: Result<String, String>,
}

impl Source {
    /// An error is told with file, line and column, the line itself and a caret.
    pub fn parse(&self, defines: &Defines) -> Result<Script, String> {
        let text = self.text.as_ref().map_err(Clone::clone)?;
        parse(text, defines).map_err(|error| located(&self.name, &error))
    }
}

pub fn located(name: &str, error: &SyntaxError) -> String {
    format!("{name}:{error}\n{}", error.excerpt())
}

/// Every script of files, folders and patterns, in order.
pub fn read(given: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let mut files = Vec::new();
    for path in given {
        if path.is_dir() {
            let mut found = Vec::new();
            walk(path, &mut found, 0);
            found.sort();
            if found.is_empty() {
                return Err(format!("{}: no *.pkt in this folder", path.display()).into());
            }
            files.extend(found);
        } else if !path.exists() && path.to_string_lossy().contains(['*', '?', '[']) {
            let pattern = path.to_string_lossy();
            let matched: Vec<PathBuf> = glob::glob(&pattern)
                .map_err(|error| format!("{pattern}: {error}"))?
                .filter_map(Result::ok)
                .collect();
            if matched.is_empty() {
                return Err(format!("{pattern}: no file has such a name").into());
            }
            files.extend(matched);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files.iter().map(|path| source(path)).collect())
}

/// Depth beyond which folders are not entered: links may lead in circles.
const DEEPEST: u32 = 32;

fn walk(folder: &Path, found: &mut Vec<PathBuf>, depth: u32) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() && depth < DEEPEST {
            walk(&path, found, depth + 1);
        } else if path.extension().is_some_and(|extension| extension == "pkt") {
            found.push(path);
        }
    }
}

fn source(path: &Path) -> Source {
    let name = path.display().to_string();
    let text = match std::fs::metadata(path) {
        Ok(file) if file.len() > LARGEST => Err(format!("{name}: {} octets are too many for a script", file.len())),
        Ok(_) => std::fs::read(path)
            .map_err(|error| format!("{name}: {error}"))
            .and_then(|octets| {
                String::from_utf8(octets)
                    .map_err(|error| format!("{name}: octet {} is not UTF-8 text", error.utf8_error().valid_up_to()))
            }),
        Err(error) => Err(format!("{name}: {error}")),
    };
    Source { name, text }
}
