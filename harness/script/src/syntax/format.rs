//! The formatter: events in one style, times in a column; comments and commands stay as they are.

use crate::syntax::ast::{Action, Event, Script, ScriptOption};
use crate::syntax::error::SyntaxError;
use crate::syntax::parse::{Defines, parse};

/// Where actions begin, unless the time is longer.
const COLUMN: usize = 9;

/// The same script, in one style. An event that uses a `--define`d symbol, or has a comment inside it, stays as it is.
pub fn format(text: &str) -> Result<String, SyntaxError> {
    let script = parse(text, &Defines::new())?;
    let mut out = String::with_capacity(text.len());
    let mut last = 0;
    let in_lines = |option: &ScriptOption| option.value.as_ref().is_some_and(|value| value.contains('\n'));
    let spans_lines = script.options.iter().any(in_lines);
    for event in &script.events {
        let before = text.get(last..event.at.start).unwrap_or_default();
        let has_options = last == 0;
        between(&mut out, before, has_options && spans_lines || before.contains('`'));
        // Without a blank before it, its time would be read with what ends there: an event, or an option as in `--name-0`.
        if out.ends_with(|c: char| !c.is_whitespace()) {
            out.push('\n');
        }
        out.push_str(&one(text.get(event.at.clone()).unwrap_or_default(), event, &script));
        last = event.at.end;
    }
    let rest = text.get(last..).unwrap_or_default();
    let has_command = rest.contains('`');
    between(&mut out, if has_command { rest } else { rest.trim_end() }, has_command);
    if !out.ends_with('\n') {
        out.push('\n');
    }
    Ok(out)
}

/// What stands between events; the blanks before an event, and those that end a line, are ours. Commands, and strings of several lines,
/// stay as they are.
fn between(out: &mut String, text: &str, stays: bool) {
    if stays {
        let kept = text.trim_end_matches([' ', '\t']);
        out.push_str(if kept.ends_with('\n') { kept } else { text });
        return;
    }
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        match lines.peek() {
            Some(_) => {
                out.push_str(line.trim_end());
                out.push('\n');
            }
            // Blanks before the next event; or blanks behind a comment in its line.
            None if line.trim().is_empty() && (out.is_empty() || out.ends_with('\n')) => {}
            None => out.push_str(line),
        }
    }
}

fn one(source: &str, event: &Event, script: &Script) -> String {
    let has_comment = source.contains("//") || source.contains("/*");
    let uses_symbol = script
        .options
        .iter()
        .filter(|option| option.is_definition())
        .filter_map(|option| option.value.as_deref()?.split_once('='))
        .any(|(name, _)| source.contains(name));
    if has_comment || uses_symbol {
        return source.to_owned();
    }
    let time = event.time.to_string();
    match &event.action {
        Action::Call(call) if call.until.is_some() => format!("{time}{call}"),
        action => format!("{time:<COLUMN$}{}{action}", if time.len() < COLUMN { "" } else { " " }),
    }
}
