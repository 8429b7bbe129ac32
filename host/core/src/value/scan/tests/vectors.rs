//! The cases of the public `MessagePack` test vectors: every format with its
//! boundaries, what it means (as JSON), and what happens when it is cut.

use super::{check, hex, refusal, truncated};
use crate::value::{ScanLimits, Value, ValueErrorKind};
use wodehost_reference as reference;

/// Accepted bytes, and the JSON that says what they mean.
const ACCEPTED: &[(&str, &str)] = &[
    ("c0", "null"),
    ("c2", "false"),
    ("c3", "true"),
    // Integers in every width, at its ends, and small numbers in wide ones.
    ("00", "0"),
    ("7f", "127"),
    ("e0", "-32"),
    ("ff", "-1"),
    ("cc 00", "0"),
    ("cc 80", "128"),
    ("cc ff", "255"),
    ("cd 0000", "0"),
    ("cd 0100", "256"),
    ("cd ffff", "65535"),
    ("ce 00000000", "0"),
    ("ce 00010000", "65536"),
    ("ce ffffffff", "4294967295"),
    ("cf 0000000000000000", "0"),
    ("cf 0000000100000000", "4294967296"),
    ("cf ffffffffffffffff", "18446744073709551615"),
    ("d0 00", "0"),
    ("d0 7f", "127"),
    ("d0 df", "-33"),
    ("d0 80", "-128"),
    ("d0 ff", "-1"),
    ("d1 0001", "1"),
    ("d1 7fff", "32767"),
    ("d1 ff7f", "-129"),
    ("d1 8000", "-32768"),
    ("d2 ffffffff", "-1"),
    ("d2 7fffffff", "2147483647"),
    ("d2 80000000", "-2147483648"),
    ("d3 ffffffffffffffff", "-1"),
    ("d3 7fffffffffffffff", "9223372036854775807"),
    ("d3 8000000000000000", "-9223372036854775808"),
    // Single floats.
    ("ca 3fc00000", r#"{"$f32":1.5}"#),
    ("ca 00000000", r#"{"$f32":0.0}"#),
    ("ca 80000000", r#"{"$f32":-0.0}"#),
    ("ca 3dcccccd", r#"{"$f32":0.1}"#),
    ("ca 00000001", r#"{"$f32":1e-45}"#),
    ("ca 7f7fffff", r#"{"$f32":3.4028235e38}"#),
    ("ca 7f800000", r#"{"$f32":"Infinity"}"#),
    ("ca ff800000", r#"{"$f32":"-Infinity"}"#),
    ("ca 7fc00000", r#"{"$f32":"NaN"}"#),
    ("ca 7fc00001", r#"{"$f32":"NaN:7fc00001"}"#),
    ("ca ffc00000", r#"{"$f32":"NaN:ffc00000"}"#),
    ("ca 7f800001", r#"{"$f32":"NaN:7f800001"}"#),
    // Double floats.
    ("cb 3ff0000000000000", "1.0"),
    ("cb 0000000000000000", "0.0"),
    ("cb 8000000000000000", "-0.0"),
    ("cb 3fb999999999999a", "0.1"),
    ("cb 4340000000000000", "9007199254740992.0"),
    ("cb 444b1ae4d6e2ef50", "1e21"),
    ("cb 3e7ad7f29abcaf48", "1e-7"),
    ("cb 0000000000000001", "5e-324"),
    ("cb 7fefffffffffffff", "1.7976931348623157e308"),
    ("cb 7ff0000000000000", r#"{"$float":"Infinity"}"#),
    ("cb fff0000000000000", r#"{"$float":"-Infinity"}"#),
    ("cb 7ff8000000000000", r#"{"$float":"NaN"}"#),
    (
        "cb 7ff8000000000001",
        r#"{"$float":"NaN:7ff8000000000001"}"#,
    ),
    (
        "cb fff8000000000000",
        r#"{"$float":"NaN:fff8000000000000"}"#,
    ),
    (
        "cb 7ff0000000000001",
        r#"{"$float":"NaN:7ff0000000000001"}"#,
    ),
    // Text and bytes.
    ("a0", r#""""#),
    ("a1 61", r#""a""#),
    ("d9 00", r#""""#),
    ("d9 01 61", r#""a""#),
    ("da 0000", r#""""#),
    ("da 0001 61", r#""a""#),
    ("db 00000000", r#""""#),
    ("db 00000001 61", r#""a""#),
    ("a2 d0af", "\"Я\""),
    ("a3 e38182", "\"あ\""),
    ("a4 f09f9880", "\"😀\""),
    ("a3 000a1b", r#""\u0000\n\u001b""#),
    ("c4 00", r#"{"$bin":""}"#),
    ("c4 01 ff", r#"{"$bin":"/w=="}"#),
    ("c5 0000", r#"{"$bin":""}"#),
    ("c5 0002 0001", r#"{"$bin":"AAE="}"#),
    ("c6 00000000", r#"{"$bin":""}"#),
    ("c6 00000003 000102", r#"{"$bin":"AAEC"}"#),
    // Exts, with the type numbers at their ends.
    ("d4 01 10", r#"{"$ext":[1,"EA=="]}"#),
    ("d5 7f 2021", r#"{"$ext":[127,"ICE="]}"#),
    ("d6 80 30313233", r#"{"$ext":[-128,"MDEyMw=="]}"#),
    ("d7 04 4041424344454647", r#"{"$ext":[4,"QEFCQ0RFRkc="]}"#),
    (
        "d8 05 50515253545556575859 5a5b5c5d5e5f",
        r#"{"$ext":[5,"UFFSU1RVVldYWVpbXF1eXw=="]}"#,
    ),
    ("c7 00 06", r#"{"$ext":[6,""]}"#),
    ("c7 03 07 707172", r#"{"$ext":[7,"cHFy"]}"#),
    ("c8 0001 07 70", r#"{"$ext":[7,"cA=="]}"#),
    ("c9 00000001 07 70", r#"{"$ext":[7,"cA=="]}"#),
    // Timestamps with 32, 64 and 96 bits.
    ("d6 ff 5a4af6a5", r#"{"$ext":[-1,"Wkr2pQ=="]}"#),
    ("d7 ff a1dcd7c85a4af6a5", r#"{"$ext":[-1,"odzXyFpK9qU="]}"#),
    (
        "c7 0c ff 3b9ac9ff ffffffffffffffff",
        r#"{"$ext":[-1,"O5rJ//////////// "]}"#,
    ),
    // Arrays and maps.
    ("90", "[]"),
    ("91 90", "[[]]"),
    ("92 01 a1 61", r#"[1,"a"]"#),
    ("dc 0000", "[]"),
    ("dc 0001 c0", "[null]"),
    ("dd 00000000", "[]"),
    ("dd 00000001 c0", "[null]"),
    ("80", "{}"),
    ("81 a1 61 01", r#"{"a":1}"#),
    ("82 a1 62 01 a1 61 02", r#"{"b":1,"a":2}"#),
    ("de 0000", "{}"),
    ("de 0001 a1 61 c0", r#"{"a":null}"#),
    ("df 00000000", "{}"),
    ("df 00000001 a1 61 c0", r#"{"a":null}"#),
    ("81 a1 61 81 a1 62 93 01 02 80", r#"{"a":{"b":[1,2,{}]}}"#),
    // Maps that are no JSON objects.
    ("81 07 01", r#"{"$map":[[7,1]]}"#),
    ("82 a1 61 01 c0 02", r#"{"$map":[["a",1],[null,2]]}"#),
    ("81 a2 2461 01", r#"{"$map":[["$a",1]]}"#),
    ("81 a4 2462696e a1 61", r#"{"$map":[["$bin","a"]]}"#),
    ("81 90 80", r#"{"$map":[[[],{}]]}"#),
    ("81 81 07 08 09", r#"{"$map":[[{"$map":[[7,8]]},9]]}"#),
    // Outcomes, and what only looks like one.
    ("81 a8 246f7574636f6d65 c0", r#"{"$outcome":null}"#),
    (
        "81 d9 08 246f7574636f6d65 81 01 02",
        r#"{"$outcome":{"$map":[[1,2]]}}"#,
    ),
    (
        "82 a8 246f7574636f6d65 c0 a1 61 01",
        r#"{"$map":[["$outcome",null],["a",1]]}"#,
    ),
    // Keys that are different: by number, by width of float, by kind.
    (
        "83 01 c0 ca 3f800000 c0 cb 3ff0000000000000 c0",
        r#"{"$map":[[1,null],[{"$f32":1.0},null],[1.0,null]]}"#,
    ),
    (
        "82 a1 61 01 c4 01 61 02",
        r#"{"$map":[["a",1],[{"$bin":"YQ=="},2]]}"#,
    ),
    (
        "82 cb 0000000000000000 01 cb 8000000000000000 02",
        r#"{"$map":[[0.0,1],[-0.0,2]]}"#,
    ),
    ("82 ff 01 cc ff 02", r#"{"$map":[[-1,1],[255,2]]}"#),
    // Arrays as keys count by their bytes.
    (
        "82 91 01 c0 91 cc 01 c0",
        r#"{"$map":[[[1],null],[[1],null]]}"#,
    ),
];

#[test]
fn every_format_is_accepted_and_means_what_the_format_says() {
    for (bytes, json) in ACCEPTED {
        let json = json.replace(' ', "");
        let value = Value::check(hex(bytes), &ScanLimits::default())
            .unwrap_or_else(|error| panic!("{bytes}: {error}"));
        assert_eq!(value.to_json(), json, "{bytes}");
    }
}

#[test]
fn every_format_cut_anywhere_is_truncated_and_nothing_else() {
    for (bytes, _) in ACCEPTED {
        let bytes = hex(bytes);
        for cut in 0..bytes.len() {
            let error = refusal(&bytes[..cut]);
            assert!(
                error.kind.is_truncated(),
                "{bytes:02x?} cut at {cut}: {error}"
            );
            assert!(error.offset <= cut);
        }
    }
}

#[test]
fn a_byte_behind_every_format_is_trailing() {
    for (bytes, _) in ACCEPTED {
        let mut bytes = hex(bytes);
        let length = bytes.len();
        bytes.push(0xc1);
        let error = refusal(&bytes);
        assert_eq!(
            error.kind,
            ValueErrorKind::Trailing { bytes: 1 },
            "{bytes:02x?}"
        );
        assert_eq!((error.offset, &*error.path), (length, "$"));
    }
}

#[test]
fn each_of_the_256_first_bytes_alone_gives_one_answer() {
    for first in 0..=u8::MAX {
        // Offset, path and least number of bytes that are missing.
        let (missing, offset, path) = match first {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 | 0x80 | 0x90 | 0xa0 => {
                assert_eq!(check(&[first]), Ok(()), "{first:02x}");
                continue;
            }
            0xc1 => {
                let error = refusal(&[first]);
                assert_eq!((error.kind, error.offset), (ValueErrorKind::Reserved, 0));
                continue;
            }
            0x81..=0x8f => (2 * u64::from(first & 15), 1, "$<key 0>"),
            0x91..=0x9f => (u64::from(first & 15), 1, "$[0]"),
            0xa1..=0xbf => (u64::from(first & 31), 0, "$"),
            0xc4 | 0xcc | 0xd0 | 0xd9 => (1, 0, "$"),
            0xc5 | 0xc7 | 0xcd | 0xd1 | 0xd4 | 0xda | 0xdc | 0xde => (2, 0, "$"),
            0xc8 | 0xd5 => (3, 0, "$"),
            0xc6 | 0xca | 0xce | 0xd2 | 0xdb | 0xdd | 0xdf => (4, 0, "$"),
            0xc9 | 0xd6 => (5, 0, "$"),
            0xcb | 0xcf | 0xd3 => (8, 0, "$"),
            0xd7 => (9, 0, "$"),
            0xd8 => (17, 0, "$"),
        };
        let error = refusal(&[first]);
        assert_eq!(error.kind, truncated(missing), "{first:02x}");
        assert_eq!((error.offset, &*error.path), (offset, path), "{first:02x}");
    }
}

#[test]
fn every_byte_is_judged_the_same_behind_runs_of_small_integers() {
    // Such runs are skipped in chunks, which must end before any other byte.
    for run in [0, 1, 31, 32, 33, 64, 100_u8] {
        for first in 0..=u8::MAX {
            for behind in [&[][..], &[0xc1], &[0xc0; 20]] {
                let header = [0xdc, 0, run + 2];
                let bytes = [&header, vec![0x05; run.into()].as_slice(), &[first], behind].concat();
                let ours = check(&bytes).map_err(|error| error.offset);
                let reference = reference::check(&bytes, 64).map_err(|(_, offset)| offset);
                assert_eq!(ours, reference, "{first:02x} behind {run}");
            }
        }
    }
}

#[test]
fn lengths_are_accepted_at_the_ends_of_every_header_width() {
    // Header, the filling behind it, how often.
    let sizes: &[(&str, &str, usize)] = &[
        ("bf", "61", 31),
        ("d9 ff", "61", 255),
        ("da 0100", "61", 256),
        ("da ffff", "61", 65_535),
        ("db 00010000", "61", 65_536),
        ("c4 ff", "80", 255),
        ("c5 0100", "80", 256),
        ("c5 ffff", "80", 65_535),
        ("c6 00010000", "80", 65_536),
        ("c7 ff 05", "80", 255),
        ("c8 0100 05", "80", 256),
        ("c8 ffff 05", "80", 65_535),
        ("c9 00010000 05", "80", 65_536),
        ("9f", "c0", 15),
        ("dc 0010", "05", 16),
        ("dc ffff", "05", 65_535),
        ("dd 00010000", "cd 0102", 65_536),
    ];
    for &(header, filling, count) in sizes {
        let mut bytes = hex(header);
        bytes.extend(hex(filling).repeat(count));
        assert_eq!(check(&bytes), Ok(()), "{header}");
        let cut = refusal(&bytes[..bytes.len() - 1]);
        assert_eq!(cut.kind, truncated(1), "{header}");
        bytes.push(0);
        let more = refusal(&bytes);
        assert_eq!(more.kind, ValueErrorKind::Trailing { bytes: 1 }, "{header}");
    }
}

#[test]
fn maps_are_accepted_at_the_ends_of_every_header_width() {
    for (header, count) in [
        ("8f", 15),
        ("de 0010", 16),
        ("de ffff", 65_535),
        ("df 00010000", 65_536),
    ] {
        let mut bytes = hex(header);
        for key in 0..count {
            bytes.push(0xce);
            bytes.extend(u32::to_be_bytes(key));
            bytes.push(0xc0);
        }
        assert_eq!(check(&bytes), Ok(()), "{header}");
        assert!(refusal(&bytes[..bytes.len() - 1]).kind.is_truncated());
    }
}

const fn duplicate(first: usize) -> ValueErrorKind {
    ValueErrorKind::DuplicateKey { first }
}

/// Refused bytes: what is wrong, at which byte, and the path.
const REFUSED: &[(&str, ValueErrorKind, usize, &str)] = &[
    ("", truncated(1), 0, "$"),
    ("c1", ValueErrorKind::Reserved, 0, "$"),
    ("93 01 c1 02", ValueErrorKind::Reserved, 2, "$[1]"),
    ("93 01 02", truncated(1), 3, "$[2]"),
    ("93 01", truncated(2), 2, "$[1]"),
    ("92 01 cd 00", truncated(1), 2, "$[1]"),
    ("92 91 a5 61 62", truncated(4), 2, "$[0][0]"),
    (
        "81 a5 6974656d73 94 01 02 03 81 a4 6e616d65 c1",
        ValueErrorKind::Reserved,
        17,
        "$.items[3].name",
    ),
    ("81 a1 61", truncated(1), 3, "$.a"),
    ("81 a1", truncated(2), 1, "$<key 0>"),
    (
        "82 01 02 92 c0 c1 03",
        ValueErrorKind::Reserved,
        5,
        "$<key 1>[1]",
    ),
    (
        "81 92 01 02 c1",
        ValueErrorKind::Reserved,
        4,
        "$[{array of 2}]",
    ),
    ("81 07 c1", ValueErrorKind::Reserved, 2, "$[{7}]"),
    ("81 d0 f9 c1", ValueErrorKind::Reserved, 3, "$[{-7}]"),
    ("81 c0 c1", ValueErrorKind::Reserved, 2, "$[{nil}]"),
    ("81 c3 c1", ValueErrorKind::Reserved, 2, "$[{true}]"),
    (
        "81 cb 3ff8000000000000 c1",
        ValueErrorKind::Reserved,
        10,
        "$[{1.5}]",
    ),
    (
        "81 c4 03 010203 c1",
        ValueErrorKind::Reserved,
        6,
        "$[{bin of 3 bytes}]",
    ),
    ("81 a3 612062 c1", ValueErrorKind::Reserved, 5, "$[\"a b\"]"),
    (
        "81 a3 61225c c1",
        ValueErrorKind::Reserved,
        5,
        r#"$["a\"\\"]"#,
    ),
    (
        "81 a2 1b0a c1",
        ValueErrorKind::Reserved,
        4,
        r#"$["\x1b\n"]"#,
    ),
    ("81 a0 c1", ValueErrorKind::Reserved, 2, "$[\"\"]"),
    // The offset of text that is not UTF-8 is that of the first wrong byte.
    ("a1 ff", ValueErrorKind::NotUtf8, 1, "$"),
    ("92 c0 a3 6162ff", ValueErrorKind::NotUtf8, 5, "$[1]"),
    ("a2 c3 28", ValueErrorKind::NotUtf8, 1, "$"),
    ("a2 c0 80", ValueErrorKind::NotUtf8, 1, "$"),
    ("a3 eda080", ValueErrorKind::NotUtf8, 1, "$"),
    ("a1 c3", ValueErrorKind::NotUtf8, 1, "$"),
    ("81 a1 80 01", ValueErrorKind::NotUtf8, 2, "$<key 0>"),
    // Duplicates of each kind of key, in different widths.
    ("82 a1 61 01 a1 61 02", duplicate(1), 4, "$.a"),
    ("82 a1 61 01 d9 01 61 02", duplicate(1), 4, "$.a"),
    ("82 da 0001 61 01 db 00000001 61 02", duplicate(1), 6, "$.a"),
    ("82 01 c0 cf 0000000000000001 c0", duplicate(1), 3, "$[{1}]"),
    ("82 01 c0 d0 01 c0", duplicate(1), 3, "$[{1}]"),
    (
        "82 d3 ffffffffffffffff c0 ff c0",
        duplicate(1),
        11,
        "$[{-1}]",
    ),
    ("82 c0 01 c0 02", duplicate(1), 3, "$[{nil}]"),
    ("82 c2 01 c2 02", duplicate(1), 3, "$[{false}]"),
    (
        "82 c4 01 61 01 c5 0001 61 02",
        duplicate(1),
        5,
        "$[{bin of 1 bytes}]",
    ),
    (
        "82 ca 3f800000 01 ca 3f800000 02",
        duplicate(1),
        7,
        "$[{1.0}]",
    ),
    (
        "82 cb 7ff8000000000001 01 cb 7ff8000000000001 02",
        duplicate(1),
        11,
        "$[{NaN}]",
    ),
    ("82 91 01 c0 91 01 c0", duplicate(1), 4, "$[{array of 1}]"),
    (
        "82 81 01 02 c0 81 01 02 c0",
        duplicate(1),
        5,
        "$[{map of 1}]",
    ),
    (
        "82 d4 05 01 c0 d4 05 01 c0",
        duplicate(1),
        5,
        "$[{ext of 1 bytes}]",
    ),
    // Inside something, and with other keys and maps in between.
    (
        "92 c0 83 a1 61 81 a1 61 01 a1 62 02 a1 61 03",
        duplicate(3),
        12,
        "$[1].a",
    ),
    ("81 82 01 02 01 03 c0", duplicate(2), 4, "$<key 0>[{1}]"),
];

#[test]
fn what_is_wrong_is_named_with_offset_and_path() {
    for (bytes, kind, offset, path) in REFUSED {
        let error = refusal(&hex(bytes));
        assert_eq!(error.kind, *kind, "{bytes}");
        assert_eq!((error.offset, &*error.path), (*offset, *path), "{bytes}");
    }
}

#[test]
fn an_error_reads_as_one_line() {
    let error = refusal(&hex("81 a1 61 92 01"));
    assert_eq!(
        error.to_string(),
        "the value is cut off: 1 or more bytes are missing, at byte 5 ($.a[1])"
    );
}
