//! What a word is, and how many there are of each.
//!
//! A word is a run of letters and digits, with apostrophes and combining marks
//! inside: `don't` is one word, `'quoted'` has no apostrophe, `well-known` is
//! two. Case does not count. That is right for most alphabets and knowingly
//! wrong for languages that write no spaces, where a clause becomes a word.

use std::collections::BTreeMap;

/// The words of a text, each with how often it stands there.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Counts {
    pub(crate) words: BTreeMap<String, u32>,
    /// Places where bytes are no UTF-8; words end there.
    pub(crate) invalid: u64,
}

/// Counts the words of `text`, whatever it is.
pub(crate) fn count(text: &[u8]) -> Counts {
    let mut counts = Counts::default();
    for chunk in text.utf8_chunks() {
        for word in words(chunk.valid()) {
            *counts.words.entry(word).or_default() += 1;
        }
        counts.invalid += u64::from(!chunk.invalid().is_empty());
    }
    counts
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric() && !joins(c))
        .map(|run| run.trim_matches(joins))
        .filter(|word| !word.is_empty())
        .map(|word| word.replace('’', "'").to_lowercase())
}

/// What may stand inside a word, and not at its ends. `wordcount-files` never
/// cuts a text at such a character.
fn joins(c: char) -> bool {
    matches!(c, '\'' | '’' | '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(counts: &Counts) -> u32 {
        counts.words.values().sum()
    }

    fn of(text: &str) -> Vec<String> {
        words(text).collect()
    }

    #[test]
    fn words_end_where_people_would_end_them() {
        assert_eq!(
            of("Don't stop—well-known."),
            ["don't", "stop", "well", "known"]
        );
        assert_eq!(
            of("'quoted' rock'n'roll ’tis"),
            ["quoted", "rock'n'roll", "tis"]
        );
        assert_eq!(of("Kron’ und grauset’s"), ["kron", "und", "grauset's"]);
        assert_eq!(of("ERLKÖNIG Straße Ωmega"), ["erlkönig", "straße", "ωmega"]);
        assert_eq!(of("4th of July, 1776"), ["4th", "of", "july", "1776"]);
        assert_eq!(of("re\u{301}sume\u{301}s"), ["re\u{301}sume\u{301}s"]);
        assert_eq!(of(" ' '' — … "), [] as [&str; 0]);
    }

    #[test]
    fn what_is_no_utf8_is_noted_and_the_rest_counted() {
        let counts = count(b"K\xf6nig und Kind und");
        assert_eq!(counts.invalid, 1);
        assert_eq!(total(&counts), 5);
        assert_eq!(counts.words["und"], 2);
        assert_eq!(counts.words["nig"], 1);
    }

    #[test]
    fn the_same_text_in_two_pieces_counts_the_same() {
        let text = include_str!("../../samples/declaration.txt");
        let (first, second) = text.split_at(text.find("Prudence").unwrap());
        let (first, second) = (count(first.as_bytes()), count(second.as_bytes()));
        let whole = count(text.as_bytes());
        assert_eq!(total(&first) + total(&second), total(&whole));
        for (word, n) in &whole.words {
            let of = |counts: &Counts| counts.words.get(word).copied().unwrap_or_default();
            assert_eq!(of(&first) + of(&second), *n, "{word}");
        }
    }

    #[test]
    fn a_sample_is_counted() {
        let counts = count(include_bytes!("../../samples/erlkoenig.txt"));
        assert_eq!((total(&counts), counts.invalid), (231, 0));
        assert_eq!(counts.words["mein"], 11);
        assert_eq!(counts.words["erlkönig"], 3);
    }
}
