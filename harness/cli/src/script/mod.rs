//! `stackproof script`: packetdrill scripts, read, explained, formatted, run.

mod files;
mod model;
mod play;
mod text;

use crate::args::{Script, ScriptFormat, SideArg};
use crate::{CONFORMS, COULD_NOT, Failure, VIOLATIONS};
use files::Source;
use script::syntax::Defines;
use std::io::Write;
use suite::replay::Side;

pub fn run(options: &Script) -> Result<u8, Failure> {
    let defines = defines(&options.define)?;
    if let Some(capture) = &options.from_capture {
        return from_capture(options, capture);
    }
    let sources = files::read(&options.files)?;
    if options.check {
        return check(&sources, &defines, options.quiet);
    }
    if options.explain {
        return explain(&sources, &defines);
    }
    if options.fmt {
        return format(&sources, options.in_place);
    }
    let document = play::all(options, &sources, &defines)?;
    let mut out = anstream::stdout().lock();
    match options.format {
        ScriptFormat::Text => text::write(&document, options, &mut out)?,
        ScriptFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &document)?;
            writeln!(out)?;
        }
    }
    let broken = options.fail_on.level().is_some_and(|level| document.is_broken(level));
    Ok(
        match (document.counts.failed > 0 || broken, document.counts.error > 0) {
            (true, _) => VIOLATIONS,
            (false, true) => COULD_NOT,
            (false, false) => CONFORMS,
        },
    )
}

fn defines(given: &[String]) -> Result<Defines, Failure> {
    given
        .iter()
        .map(|one| {
            let (name, value) = one
                .split_once('=')
                .ok_or_else(|| format!("-D {one}: expected NAME=VALUE"))?;
            Ok((name.to_owned(), value.to_owned()))
        })
        .collect()
}

/// A line per file: `ok`, or what is wrong and where.
fn check(sources: &[Source], defines: &Defines, quiet: bool) -> Result<u8, Failure> {
    let mut out = anstream::stdout().lock();
    let mut code = CONFORMS;
    for source in sources {
        match source.parse(defines) {
            Ok(script) if quiet => drop(script),
            Ok(script) if script.undefined.is_empty() => writeln!(out, "{}: ok", source.name)?,
            Ok(script) => writeln!(out, "{}: ok, needs -D for {}", source.name, script.undefined.join(", "))?,
            Err(error) => {
                code = COULD_NOT;
                writeln!(out, "{error}")?;
            }
        }
    }
    Ok(code)
}

fn explain(sources: &[Source], defines: &Defines) -> Result<u8, Failure> {
    let mut out = anstream::stdout().lock();
    let mut code = CONFORMS;
    for source in sources {
        match source.parse(defines) {
            Ok(script) => writeln!(out, "{}\n{}", source.name, script::syntax::explain(&script))?,
            Err(error) => {
                code = COULD_NOT;
                writeln!(out, "{error}")?;
            }
        }
    }
    Ok(code)
}

fn format(sources: &[Source], in_place: bool) -> Result<u8, Failure> {
    let mut out = anstream::stdout().lock();
    let mut code = CONFORMS;
    for source in sources {
        let formatted = source
            .text
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|text| script::syntax::format(text).map_err(|error| files::located(&source.name, &error)));
        match formatted {
            Ok(text) if in_place && source.text.as_ref() != Ok(&text) => {
                std::fs::write(&source.name, text).map_err(|error| format!("{}: {error}", source.name))?;
            }
            Ok(text) if !in_place => out.write_all(text.as_bytes())?,
            Ok(_) => {}
            Err(error) => {
                code = COULD_NOT;
                anstream::eprintln!("{error}");
            }
        }
    }
    Ok(code)
}

fn from_capture(options: &Script, path: &std::path::Path) -> Result<u8, Failure> {
    let conversation = crate::replay::read(path, options.connection)?;
    let (stack, name) = match options.side {
        SideArg::Client => (Side::Server, "server"),
        SideArg::Server => (Side::Client, "client"),
    };
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let mut about = format!(
        "Connection {} of {file}: its {name} is the stack under test.",
        conversation.number
    );
    for note in &conversation.notes {
        about.push('\n');
        about.push_str(note);
    }
    let text = script::captured::of_conversation(&conversation, stack, &about);
    anstream::stdout().lock().write_all(text.as_bytes())?;
    Ok(CONFORMS)
}
