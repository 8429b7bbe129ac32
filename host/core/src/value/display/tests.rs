//! What people see.

use super::{cut_middle, escape_bytes_for_people, escape_for_people};
use crate::value::Value;

#[test]
fn what_could_steer_a_terminal_is_shown_instead_of_done() {
    for (text, shown) in [
        (
            "plain text, häßlich 😀 \\ \" '",
            "plain text, häßlich 😀 \\ \" '",
        ),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\u{1b}[2J\u{7}\u{8}\u{0}\u{7f}", r"\x1b[2J\x07\x08\x00\x7f"),
        ("\u{85}\u{9b}31m", r"\u{85}\u{9b}31m"),
        (
            "\u{202a}\u{202e}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}",
            r"\u{202a}\u{202e}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}",
        ),
        ("\u{2028}\u{2029}", r"\u{2028}\u{2029}"),
        ("", ""),
    ] {
        assert_eq!(escape_for_people(text, 100), shown);
    }
}

#[test]
fn text_is_cut_to_so_many_characters_with_an_ellipsis_counted_in() {
    for (text, max, shown) in [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("äöüß", 3, "äö…"),
        ("ab", 1, "…"),
        ("ab", 0, ""),
        ("", 0, ""),
        // An escape is never torn apart.
        ("ab\u{1b}c", 7, r"ab\x1bc"),
        ("ab\u{1b}cd", 7, r"ab\x1b…"),
        ("ab\u{1b}cd", 6, "ab…"),
        ("ab\u{1b}", 6, r"ab\x1b"),
        ("ab\u{1b}", 5, "ab…"),
        ("\u{1b}", 2, "…"),
    ] {
        assert_eq!(escape_for_people(text, max), shown, "{text:?} to {max}");
    }
}

#[test]
fn long_text_costs_only_what_is_shown() {
    let text = "\n".repeat(100_000_000);
    assert_eq!(escape_for_people(&text, 6), r"\n\n…");
    assert_eq!(escape_bytes_for_people(text.as_bytes(), 6), r"\n\n…");
}

#[test]
fn bytes_that_are_not_utf8_are_shown_as_bytes() {
    assert_eq!(
        escape_bytes_for_people(b"a\xffb\xc3\xa9\n\xe2\x82", 80),
        r"a\xffbé\n\xe2\x82"
    );
    assert_eq!(escape_bytes_for_people(b"\xff\xff\xff", 9), r"\xff\xff…");
    assert_eq!(escape_bytes_for_people(b"\xff\xff", 8), r"\xff\xff");
}

#[test]
fn a_value_is_shown_as_json_on_one_line_and_cut() {
    let value =
        Value::from_json(r#"{"name":"a\nb\u001b","list":[1,2.0,null],"raw":{"$bin":"AA=="}}"#)
            .unwrap();
    let shown = r#"{"name":"a\nb\u001b","list":[1,2.0,null],"raw":{"$bin":"AA=="}}"#;
    assert_eq!(value.to_string(), shown);
    assert_eq!(format!("{value:?}"), shown);

    let long = Value::array(&vec![Value::from("text"); 1000]);
    let shown = long.to_string();
    assert_eq!(shown.chars().count(), 120);
    assert!(
        shown.starts_with(r#"["text","text","#) && shown.ends_with('…'),
        "{shown}"
    );
    let exact = Value::from("x".repeat(118).as_str());
    assert_eq!(exact.to_string(), exact.to_json());
    let large = Value::bin(&vec![0; 100_000_000]);
    assert_eq!(large.to_string().chars().count(), 120);
}

#[test]
fn a_path_is_cut_in_its_middle() {
    assert_eq!(cut_middle("abcdefgh", 8), "abcdefgh");
    assert_eq!(cut_middle("abcdefghi", 8), "abcd…ghi");
}
