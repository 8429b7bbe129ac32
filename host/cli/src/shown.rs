//! Names and paths as people may see them: whatever could steer a terminal is
//! escaped. A text that is escaped already stays as it is.

use std::path::Path;
use wodehost::value::escape_for_people;

/// More than any line has that is shown: nothing is cut here.
const CHARS_MAX: usize = 1 << 24;

/// A text of ours that has a name or a path in it.
pub(crate) fn text(text: &str) -> String {
    escape_for_people(text, CHARS_MAX)
}

/// A path.
pub(crate) fn path(path: &Path) -> String {
    text(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_shown_steers_a_terminal() {
        let shown = path(Path::new("a/\u{1b}[31mred\n.wasm"));
        assert_eq!(shown, "a/\\x1b[31mred\\n.wasm");
        assert_eq!(text(&shown), shown);
    }
}
