//! Colours, in one place. They vanish in a pipe.

use anstyle::{AnsiColor, Reset, Style};

pub const RESET: Reset = Reset;
pub const BOLD: Style = Style::new().bold();
pub const DIM: Style = Style::new().dimmed();
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub const GOOD: Style = AnsiColor::Green.on_default();
