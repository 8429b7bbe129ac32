//! Values that were made to hurt.

use super::{check, hex, refusal, truncated};
use crate::value::{ScanLimits, Value, ValueErrorKind, scan};

fn limits(bytes_max: usize, depth_max: usize) -> ScanLimits {
    ScanLimits {
        bytes_max,
        depth_max,
    }
}

#[test]
fn a_million_open_arrays_end_at_the_depth_limit() {
    let error = refusal(&vec![0x91; 1 << 20]);
    assert_eq!(error.kind, ValueErrorKind::TooDeep { limit: 64 });
    assert_eq!(error.offset, 64);
    assert!(error.path.starts_with("$[0][0]"), "{error}");
    assert_eq!(error.path.chars().count(), 1 + 64 * 3);
}

#[test]
fn depth_is_counted_in_arrays_and_maps_around_a_scalar() {
    let nested = |depth: usize, inner: &[u8]| [vec![0x91; depth], inner.to_vec()].concat();
    assert_eq!(check(&nested(64, &[0xc0])), Ok(()));
    assert_eq!(check(&nested(63, &[0x90])), Ok(()));
    assert_eq!(check(&nested(63, &[0x80])), Ok(()));
    assert_eq!(
        refusal(&nested(64, &[0x90])).kind,
        ValueErrorKind::TooDeep { limit: 64 }
    );
    assert_eq!(refusal(&nested(64, &[0x80])).offset, 64);
    // Keys nest too.
    let keys = [[0x81].repeat(64), vec![0xc0; 65]].concat();
    assert_eq!(check(&keys), Ok(()));

    assert_eq!(scan(&[0xc0], &limits(9, 0)), Ok(()));
    assert!(scan(&[0x90], &limits(9, 0)).is_err());
    assert_eq!(scan(&[0x91, 0xc0], &limits(9, 1)), Ok(()));
    assert!(scan(&[0x91, 0x90], &limits(9, 1)).is_err());
    // A setting cannot raise what the stack is made for.
    let error = scan(&nested(65, &[0xc0]), &limits(1000, 1000)).unwrap_err();
    assert_eq!(error.kind, ValueErrorKind::TooDeep { limit: 64 });
}

#[test]
fn siblings_do_not_add_to_the_depth() {
    let deep = [vec![0x91; 63], vec![0xc0]].concat();
    let many = [hex("dc 03e8"), deep.repeat(1000)].concat();
    assert_eq!(check(&many), Ok(()));
}

#[test]
fn four_billion_items_in_five_bytes_are_just_missing() {
    let missing = u64::from(u32::MAX);
    for (header, missing, offset, path) in [
        ("dd ffffffff", missing, 5, "$[0]"),
        ("df ffffffff", 2 * missing, 5, "$<key 0>"),
        ("db ffffffff", missing, 0, "$"),
        ("c6 ffffffff", missing, 0, "$"),
        ("c9 ffffffff 05", missing, 0, "$"),
    ] {
        let error = refusal(&hex(header));
        assert_eq!(error.kind, truncated(missing), "{header}");
        assert_eq!((error.offset, &*error.path), (offset, path), "{header}");
    }
    // 64 levels of such claims do not overflow either.
    let error = refusal(&hex("df ffffffff 00").repeat(64));
    assert!(error.kind.is_truncated());
}

#[test]
fn the_size_limit_holds_and_names_both_numbers() {
    let bytes = [hex("c5 0100"), vec![0; 256]].concat();
    assert_eq!(scan(&bytes, &limits(259, 64)), Ok(()));
    let error = scan(&bytes, &limits(258, 64)).unwrap_err();
    let kind = ValueErrorKind::TooLarge {
        bytes: 259,
        limit: 258,
    };
    assert_eq!((error.kind, error.offset), (kind, 258));
    assert!(
        error
            .to_string()
            .starts_with("the value is too large: 259 bytes or more; limit 258")
    );
    // The way out for scalars does not get around it.
    assert!(scan(&hex("cd 0000"), &limits(2, 64)).is_err());
    let usual = Value::check(
        [hex("c6 00100000"), vec![0; 1 << 20]].concat(),
        &ScanLimits::default(),
    );
    assert_eq!(
        usual.unwrap_err().kind,
        ValueErrorKind::TooLarge {
            bytes: (1 << 20) + 5,
            limit: 1 << 20
        }
    );
}

#[test]
fn a_duplicate_is_found_wherever_it_stands_in_maps_of_every_size() {
    for count in (2..40_u32).chain([1000, 100_000]) {
        for second in [1, count / 2, count - 1] {
            let mut bytes = vec![0xdf];
            bytes.extend(count.to_be_bytes());
            let mut offset_of_second = 0;
            for key in 0..count {
                if key == second {
                    offset_of_second = bytes.len();
                }
                let key = if key == second { 0 } else { key };
                bytes.push(0xce);
                bytes.extend(key.to_be_bytes());
                bytes.push(0xc0);
            }
            let error = refusal(&bytes);
            assert_eq!(
                error.kind,
                ValueErrorKind::DuplicateKey { first: 5 },
                "{count}"
            );
            assert_eq!((error.offset, &*error.path), (offset_of_second, "$[{0}]"));
        }
    }
}

#[test]
fn maps_with_many_keys_are_not_compared_pair_by_pair() {
    // Pair by pair these would be 20 billion comparisons, and this test would
    // not end. The low bits are alike, which a hash without a key may not spread.
    let count = 200_000_u32;
    let mut bytes = vec![0xdf];
    bytes.extend(count.to_be_bytes());
    for key in 0..count {
        bytes.push(0xce);
        bytes.extend((key << 12).rotate_left(3).to_be_bytes());
        bytes.push(0xc0);
    }
    assert_eq!(scan(&bytes, &limits(usize::MAX, 64)), Ok(()));
}

#[test]
fn a_hostile_key_cannot_flood_the_path() {
    let key = "\u{1b}]0;owned\u{7}\u{202e}".repeat(10_000);
    let mut bytes = Vec::new();
    for _ in 0..60 {
        bytes.push(0x81);
        bytes.push(0xdb);
        bytes.extend((key.len() as u32).to_be_bytes());
        bytes.extend(key.as_bytes());
    }
    bytes.push(0xc1);
    let error = scan(&bytes, &limits(usize::MAX, 64)).unwrap_err();
    assert_eq!(error.kind, ValueErrorKind::Reserved);
    assert!(error.path.chars().count() <= 200, "{}", error.path);
    assert!(
        error.path.starts_with("$[\"\\x1b]0;owned\\x07\\u{202e}"),
        "{}",
        error.path
    );
    assert!(
        error
            .path
            .chars()
            .all(|c| !c.is_control() && c != '\u{202e}')
    );
}

#[test]
fn a_key_is_cut_behind_forty_characters() {
    let bytes = [hex("81 d9 64"), vec![b'a'; 100], hex("c1")].concat();
    assert_eq!(
        &*refusal(&bytes).path,
        format!("$[\"{}…\"]", "a".repeat(39))
    );
}
