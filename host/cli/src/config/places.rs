//! Lines of a TOML file: where each key stands.

use std::collections::HashMap;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Where the keys of a file are.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// The file, as it is named in messages.
    pub(crate) file: String,
    /// From a key's path to its line.
    lines: HashMap<Vec<String>, usize>,
}

impl Places {
    /// Finds the keys of a text; one that is no TOML has none.
    pub(crate) fn of(file: &str, text: &str) -> Places {
        let mut places = Places {
            file: file.to_owned(),
            lines: HashMap::new(),
        };
        if let Ok(table) = DeTable::parse(text) {
            let mut path = Vec::new();
            places.walk(text, table.get_ref(), &mut path);
        }
        places
    }

    fn walk(&mut self, text: &str, table: &DeTable<'_>, path: &mut Vec<String>) {
        for (key, value) in table {
            path.push(key.get_ref().to_string());
            self.lines.insert(path.clone(), line_of(text, &key.span()));
            if let DeValue::Table(inner) = value.get_ref() {
                self.walk(text, inner, path);
            }
            path.pop();
        }
    }

    /// The line of a key, or of the nearest table around it.
    pub(crate) fn line(&self, path: &[String]) -> usize {
        (0..=path.len())
            .rev()
            .find_map(|len| self.lines.get(&path[..len]))
            .copied()
            .unwrap_or(1)
    }

    /// The line of a key that is given in pieces.
    pub(crate) fn line_at(&self, path: &[&str]) -> usize {
        let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        self.line(&path)
    }
}

/// The line on which a range begins, from 1.
pub(crate) fn line_of(text: &str, range: &Range<usize>) -> usize {
    let end = range.start.min(text.len());
    1 + text[..text.floor_char_boundary(end)].matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_line() {
        let text = "slots = 4\n\n[plugins.list]\npath = \"x\"\nallow.read = []\n";
        let places = Places::of("wodehost.toml", text);
        assert_eq!(places.line_at(&["slots"]), 1);
        assert_eq!(places.line_at(&["plugins", "list", "path"]), 4);
        assert_eq!(places.line_at(&["plugins", "list", "allow", "read"]), 5);
        assert_eq!(places.line_at(&["plugins", "list", "limits"]), 3);
    }
}
