//! Any text as `wodehost.toml`: it is shown as what it says, or the error has its place.

use crate::Checked;

/// How messages call the file.
const NAME: &str = "wodehost.toml";

/// What shows a configuration, or a double of it: from a file's name and text to what
/// `config show` prints, or the error.
pub type Show = fn(&str, &str) -> Result<String, String>;

/// Checks what becomes of some bytes as a configuration.
pub fn check(bytes: &[u8]) -> Checked {
    check_of(bytes, wodehost_cli::shown_configuration)
}

/// Checks what somebody makes of some bytes as a configuration.
pub fn check_of(bytes: &[u8], show: Show) -> Checked {
    // What is no UTF-8 does not come so far.
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(());
    };
    match show(NAME, text) {
        Ok(shown) => is_shown(&shown, show),
        Err(error) => is_told(&error, text),
    }
}

/// What is shown is TOML, and a configuration that says the same.
fn is_shown(shown: &str, show: Show) -> Checked {
    let table = |text: &str| {
        let table = text.parse::<toml::Table>();
        table.map_err(|error| format!("shown as what is no TOML: {error}\n{text}"))
    };
    let said = table(shown)?;
    let again = show(NAME, shown).map_err(|error| format!("{error}\n{shown}"))?;
    let again = table(&again)?;
    // NaN is not equal to itself, but is written as itself.
    if said.to_string() != again.to_string() {
        return Err(format!("shown as\n{said}\nand then as\n{again}"));
    }
    Ok(())
}

/// An error names the line, or the key where two of them do not fit together.
fn is_told(error: &str, text: &str) -> Checked {
    let lines = 1 + text.matches('\n').count();
    let Some(first) = error
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("error: "))
    else {
        return Err(format!("an error without its word: {error:?}"));
    };
    let line = first.strip_prefix("wodehost.toml:").and_then(|rest| {
        let (number, _) = rest.split_once(": ")?;
        number.parse::<usize>().ok()
    });
    let is_placed = match line {
        Some(line) => (1..=lines).contains(&line),
        None => first.starts_with("live is "),
    };
    if !is_placed {
        return Err(format!("an error without its place: {error:?}"));
    }
    let steers = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}');
    if error.chars().any(steers) {
        return Err(format!("{error:?} steers a terminal"));
    }
    Ok(())
}
