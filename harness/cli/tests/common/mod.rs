//! What the tests of commands share.
#![allow(dead_code, reason = "each test takes what it needs")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub fn stackproof(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stackproof"))
        .args(arguments)
        .output()
        .expect("the binary runs")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A file or folder of the repository.
pub fn at_top(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

/// A JSON document, which must be as the schema of this name in `docs/` says.
pub fn valid(output: &Output, schema: &str) -> serde_json::Value {
    let schema = std::fs::read(at_top("docs").join(schema)).expect("the schema");
    let schema = serde_json::from_slice(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    document
}
