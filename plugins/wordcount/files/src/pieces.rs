//! Cuts a text into pieces without cutting a word.
//!
//! Only as much of the text is in memory as one piece needs. A cut comes after
//! white space; where a piece has none, as in languages that do without, after
//! any other character that cannot be part of a word; and only inside a "word"
//! that fills a whole piece between two of its letters. A character is never
//! cut, and bytes that are no UTF-8 are passed on as they are.

use std::io::{self, Read};

/// The pieces of one text; after an error there is no more.
#[derive(Debug)]
pub(crate) struct Pieces<R> {
    source: R,
    /// Read and not yet given out; at most `bytes_max` and one read more.
    ahead: Vec<u8>,
    bytes_max: usize,
    /// The source has no more.
    drained: bool,
    /// Nothing more is given out.
    ended: bool,
}

/// Fewer bytes than this do not always hold a whole character.
const PIECE_BYTES_MIN: usize = 4;

impl<R: Read> Pieces<R> {
    /// Pieces of at most `bytes_max` bytes (but at least 4). An empty text is
    /// one empty piece, so that it is counted as a text.
    pub(crate) fn new(source: R, bytes_max: usize) -> Self {
        Self {
            source,
            ahead: Vec::new(),
            bytes_max: bytes_max.max(PIECE_BYTES_MIN),
            drained: false,
            ended: false,
        }
    }

    /// Reads until there is more than one piece, or no more to read.
    fn fill(&mut self) -> io::Result<()> {
        let wanted = self.bytes_max + 1;
        let missing = wanted.saturating_sub(self.ahead.len()) as u64;
        let source = self.source.by_ref();
        source.take(missing).read_to_end(&mut self.ahead)?;
        self.drained = self.ahead.len() < wanted;
        Ok(())
    }

    fn piece(&mut self) -> Vec<u8> {
        if self.drained {
            self.ended = true;
            return std::mem::take(&mut self.ahead);
        }
        let cut = cut(&self.ahead[..self.bytes_max]);
        let rest = self.ahead.split_off(cut);
        std::mem::replace(&mut self.ahead, rest)
    }
}

impl<R: Read> Iterator for Pieces<R> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        if let Err(error) = self.fill() {
            self.ended = true;
            return Some(Err(error));
        }
        Some(Ok(self.piece()))
    }
}

/// Where to end a piece that begins as `window` does, when more follows.
fn cut(window: &[u8]) -> usize {
    let (mut after_space, mut after_other, mut after_any) = (None, None, None);
    let mut at = 0;
    for chunk in window.utf8_chunks() {
        for c in chunk.valid().chars() {
            at += c.len_utf8();
            after_any = Some(at);
            if c.is_whitespace() {
                after_space = Some(at);
            } else if !may_be_in_a_word(c) {
                after_other = Some(at);
            }
        }
        at += chunk.invalid().len();
        // At the very end it may be the first half of a good character.
        if !chunk.invalid().is_empty() && at < window.len() {
            after_other = Some(at);
        }
    }
    after_space
        .or(after_other)
        .or(after_any)
        .unwrap_or(window.len())
}

/// Letters and digits, and what may stand between them: apostrophes and
/// combining marks. Must hold for every character that `wordcount-count` does
/// not end a word at.
fn may_be_in_a_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '’' | '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &[u8] = include_bytes!("../../samples/erlkoenig.txt");

    fn pieces(text: &[u8], bytes_max: usize) -> Vec<Vec<u8>> {
        Pieces::new(text, bytes_max)
            .map(|piece| piece.unwrap())
            .collect()
    }

    /// The words of `text`, crudely, but with the same idea of a word.
    fn words(text: &[u8]) -> Vec<String> {
        String::from_utf8_lossy(text)
            .split(|c| !may_be_in_a_word(c))
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn pieces_make_up_the_text_and_split_no_word_and_no_character() {
        for bytes_max in 32..200 {
            let pieces = pieces(SAMPLE, bytes_max);
            assert_eq!(pieces.concat(), SAMPLE);
            assert!(pieces.iter().all(|piece| piece.len() <= bytes_max));
            assert!(pieces.iter().all(|piece| str::from_utf8(piece).is_ok()));
            let counted: Vec<_> = pieces.iter().flat_map(|piece| words(piece)).collect();
            assert_eq!(counted, words(SAMPLE), "pieces of {bytes_max}");
        }
    }

    #[test]
    fn without_white_space_a_cut_comes_after_punctuation() {
        let text = "春眠不覺曉，處處聞啼鳥，夜來風雨聲，花落知多少。";
        let pieces = pieces(text.as_bytes(), 20);
        let pieces: Vec<_> = pieces.iter().map(|p| str::from_utf8(p).unwrap()).collect();
        assert_eq!(
            pieces,
            [
                "春眠不覺曉，",
                "處處聞啼鳥，",
                "夜來風雨聲，",
                "花落知多少。"
            ]
        );
    }

    #[test]
    fn an_apostrophe_is_no_place_to_cut() {
        assert_eq!(pieces(b"ab-rock'n'roll", 8)[0], b"ab-");
    }

    #[test]
    fn a_word_longer_than_a_piece_is_cut_between_letters() {
        let text = "ä".repeat(10);
        let pieces = pieces(text.as_bytes(), 5);
        assert!(pieces.iter().all(|piece| piece.len() == 4));
        assert_eq!(pieces.concat(), text.as_bytes());
    }

    #[test]
    fn bytes_that_are_no_text_pass_unchanged() {
        let text: Vec<u8> = (0..=255).cycle().take(3000).collect();
        for bytes_max in [4, 5, 7, 64, 1000] {
            assert_eq!(pieces(&text, bytes_max).concat(), text);
        }
        assert_eq!(pieces(&[0x80; 100], 10).concat(), [0x80; 100]);
    }

    #[test]
    fn an_empty_text_is_one_empty_piece() {
        assert_eq!(pieces(b"", 100), [b""]);
        assert_eq!(pieces(b"abcd", 4), [b"abcd"]);
    }

    #[test]
    fn an_error_while_reading_ends_the_text() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        let mut pieces = Pieces::new(Broken, 100);
        assert!(pieces.next().unwrap().is_err());
        assert!(pieces.next().is_none());
    }
}
