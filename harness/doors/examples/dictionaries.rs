//! Writes libFuzzer's dictionaries, one per target that has any.
//!
//!     cargo run -p stackproof-doors --example dictionaries FOLDER

use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder: PathBuf = std::env::args_os()
        .nth(1)
        .ok_or("expected the folder to write to: fuzz/dictionaries")?
        .into();
    fs::create_dir_all(&folder)?;
    for (target, text) in doors::dictionaries() {
        fs::write(folder.join(format!("{target}.dict")), text)?;
    }
    Ok(())
}
