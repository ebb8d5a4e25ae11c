//! The packetdrill language: any text is answered; what is read is printed, formatted and read again as it was; and short
//! scripts run at the reference.

use script::run::{Mode, Options};
use script::syntax::ast::ScriptOption;
use script::syntax::{Defines, explain, format, parse};

/// Longer scripts say nothing new.
const MOST_EVENTS: usize = 40;

pub fn script(octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    let Ok(script) = parse(text, &Defines::new()) else {
        return;
    };
    explain(&script);
    // Symbols stand for something else only until they are printed.
    let has_symbols = script.options.iter().any(ScriptOption::is_definition) || !script.undefined.is_empty();
    if !has_symbols {
        let printed = script.to_string();
        assert_eq!(parse(&printed, &Defines::new()).as_ref(), Ok(&script), "{printed}");
        let formatted = format(text).expect("what can be read can be formatted");
        assert_eq!(parse(&formatted, &Defines::new()).as_ref(), Ok(&script), "{formatted}");
    }
    if script.events.len() <= MOST_EVENTS {
        let options = Options {
            mode: Mode::Neutral,
            six: false,
            seed: 1,
            tolerance: 0,
            folder: None,
        };
        script::run::run(&script, options, |setup| stacks::open("reference", setup));
    }
}
