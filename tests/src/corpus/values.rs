//! Values that are none, are too large, or only look odd: as result, error value, declared
//! end, carried state and emitted value.

use super::wat::{returns, runs};
use super::{Case, built, case};
use wodehost::Limit::{State, Value};
use wodehost::Status::{self, Failure, Success};

/// Bytes, how many times over, and what is said of them.
const BAD: &[(&str, &str, u32, &str)] = &[
    ("nothing", "", 1, "cut off"),
    ("a truncated text", "a56162", 1, "cut off"),
    ("two values", "0102", 1, "more bytes follow"),
    ("the unused byte", "c1", 1, "0xc1"),
    ("a million arrays", "91", 1_000_000, "nested too deep"),
    ("an array of 4 G items", "ddffffffff", 1, "cut off"),
    ("a map of 4 G entries", "dfffffffff", 1, "cut off"),
    ("a text of 4 GiB", "dbffffffff", 1, "cut off"),
    ("bytes of 4 GiB", "c6ffffffff", 1, "cut off"),
    ("an extension of 4 GiB", "c9ffffffff05", 1, "cut off"),
    ("the same key twice", "82a16101a16102", 1, "same key twice"),
    (
        "the same key in two widths",
        "820101cd000102",
        1,
        "same key twice",
    ),
    ("a text that is not UTF-8", "a1ff", 1, "not UTF-8"),
    ("half a surrogate", "a3eda080", 1, "not UTF-8"),
];

/// Odd, and taken as they are; as JSON shows them.
const ODD: &[(&str, &str, &str)] = &[
    ("a small number in nine bytes", "cf0000000000000001", "1"),
    (
        "the largest number",
        "cfffffffffffffffff",
        "18446744073709551615",
    ),
    (
        "the smallest number",
        "d38000000000000000",
        "-9223372036854775808",
    ),
    ("a NaN with a payload", "ca7fc00001", "NaN"),
    ("minus zero", "cb8000000000000000", "-0.0"),
    ("an extension", "c70305616263", "$ext"),
    ("a timestamp", "d6ff00000001", "$ext"),
    ("a map with a map as key", "8181a16101c0", "$map"),
];

/// Where a value goes, how that ends, and where what is wrong is said.
const PLACES: [(&str, Status, &str, bool); 6] = [
    ("return", Failure, "bad-value", true),
    ("error", Failure, "bad-value", true),
    ("success", Failure, "bad-value", true),
    ("failure", Failure, "bad-value", true),
    ("state", Success, "returned", false),
    ("emit", Success, "returned", false),
];

/// All of them, of those that are many times the same only a hundred.
pub(super) fn vectors() -> Vec<(&'static str, Vec<u8>)> {
    let bad = BAD.iter().map(|&(what, hex, times, _)| (what, hex, times));
    let odd = ODD.iter().map(|&(what, hex, _)| (what, hex, 1));
    bad.chain(odd)
        .map(|(what, hex, times)| (what, bytes(hex).repeat(times.min(100) as usize)))
        .collect()
}

/// What hexadecimal digits say.
fn bytes(hex: &str) -> Vec<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16).unwrap() as u8;
    let pairs = hex.as_bytes().chunks_exact(2);
    pairs
        .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
        .collect()
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (place, status, reason, in_message) in PLACES {
        for &(what, hex, times, said) in BAD {
            // The exception of languages that leave no value.
            if place == "error" && hex.is_empty() {
                continue;
            }
            // A state may have 256 KiB, and its size is looked at first.
            let most = if place == "state" { 100_000 } else { times };
            let case = mischief(place, what, hex, times.min(most));
            cases.push(if in_message {
                case.ends(status, reason, said)
            } else {
                case.ends(status, reason, "").leaves(said)
            });
        }
    }
    for &(what, hex, said) in ODD {
        cases.push(mischief("return", what, hex, 1).leaves(said));
        cases.push(mischief("emit", what, hex, 1).leaves("taken"));
    }
    cases.extend(too_large());
    cases
}

fn mischief(place: &str, what: &str, hex: &str, times: u32) -> Case {
    let name = format!("{place}: {what}");
    let job = format!(r#"{{"do": "{place}", "hex": "{hex}", "times": {times}}}"#);
    case("values", name, built("mischief")).job(job)
}

fn too_large() -> Vec<Case> {
    const SMALL: super::Changes = &[(Value, "1000"), (State, "1000")];
    let mut cases: Vec<Case> = PLACES
        .iter()
        .map(|&(place, status, _, in_message)| {
            // Binary data of 2,000 bytes, each of them 0xc5.
            let case = mischief(place, "2,000 bytes too many", "c5", 2000).under(SMALL);
            let free: super::Changes = &[(Value, "10000"), (State, "10000")];
            // The length that the first bytes tell is not that of the rest.
            if in_message {
                case.ends(Failure, "value-too-large", "limit 1000").unless(
                    free,
                    Failure,
                    "bad-value",
                )
            } else {
                case.ends(status, "returned", "").leaves("limit 1000")
            }
        })
        .collect();
    let hundred = 100 << 20;
    let grown = |discriminant| {
        format!(
            "(drop (memory.grow (i32.const 1700)))
            (i32.store (i32.const 64) (i32.const {discriminant}))
            (i32.store (i32.const 68) (i32.const 1024))
            (i32.store (i32.const 72) (i32.const {hundred}))
            i32.const 64"
        )
    };
    for (name, discriminant) in [("a result", 0), ("an error text", 1)] {
        let case = case(
            "values",
            format!("{name} of 100 MiB"),
            runs(&grown(discriminant)),
        );
        let message = "more than the host takes at once";
        cases.push(case.ends(Failure, "value-too-large", message));
    }
    cases.push(
        case("values", "an error without a value", returns([1, 32, 0])).ends(Failure, "error", ""),
    );
    cases
}
