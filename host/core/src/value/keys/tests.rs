//! Which keys are the same, in maps small enough for pairs and in larger ones.

use super::{PAIRWISE_MAX, first_duplicate};
use crate::value::scan::tests::hex;

/// Whether two keys are the same, asked in both ways: compared and hashed.
fn are_same(one: &str, other: &str) -> bool {
    let (one, other) = (hex(one), hex(other));
    let pair = [one.as_slice(), other.as_slice()];
    let compared = first_duplicate(pair.iter().copied());
    let fill: Vec<Vec<u8>> = (0..PAIRWISE_MAX as u8)
        .map(|byte| vec![0xd4, 99, byte])
        .collect();
    let many = fill
        .iter()
        .map(Vec::as_slice)
        .chain(pair)
        .collect::<Vec<_>>();
    let hashed = first_duplicate(many.iter().copied());
    let shifted = compared.map(|(first, second)| (first + PAIRWISE_MAX, second + PAIRWISE_MAX));
    assert_eq!(hashed, shifted, "{one:02x?} {other:02x?}");
    compared.is_some()
}

#[test]
fn keys_are_the_same_by_what_they_mean() {
    let groups: &[&[&str]] = &[
        &[
            "01",
            "cc 01",
            "cd 0001",
            "ce 00000001",
            "cf 0000000000000001",
            "d0 01",
            "d1 0001",
            "d2 00000001",
            "d3 0000000000000001",
        ],
        &[
            "ff",
            "d0 ff",
            "d1 ffff",
            "d2 ffffffff",
            "d3 ffffffffffffffff",
        ],
        &["cc ff", "cd 00ff", "d1 00ff"],
        &["cf ffffffffffffffff"],
        &["00", "d0 00"],
        &["c0"],
        &["c2"],
        &["c3"],
        &["a1 61", "d9 01 61", "da 0001 61", "db 00000001 61"],
        &["a1 01"],
        &["a0", "d9 00", "da 0000", "db 00000000"],
        &["c4 01 61", "c5 0001 61", "c6 00000001 61"],
        &["c4 00", "c5 0000", "c6 00000000"],
        &["ca 3f800000"],
        &["cb 3ff0000000000000"],
        &["cb 0000000000000000"],
        &["cb 8000000000000000"],
        &["cb 7ff8000000000000"],
        &["cb 7ff8000000000001"],
        &["ca 00000001"],
        &["cb 0000000000000001"],
        &["90"],
        &["dc 0000"],
        &["91 01"],
        &["91 cc 01"],
        &["80"],
        &["de 0000"],
        &["d4 01 01"],
        &["c7 01 01 01"],
        &["d4 02 01"],
        // Longer than a sketch looks at, alike at both ends.
        &["ac 6161616161616161 61616161"],
        &["ad 6161616161616161 6161616161"],
        &["b4 6161616161616161 62626262 6161616161616161"],
        &["b4 6161616161616161 63636363 6161616161616161"],
    ];
    for (place, group) in groups.iter().enumerate() {
        for (other_place, other_group) in groups.iter().enumerate() {
            for one in *group {
                for other in *other_group {
                    let is_same = are_same(one, other);
                    assert_eq!(is_same, place == other_place, "{one} and {other}");
                }
            }
        }
    }
}

#[test]
fn the_first_that_repeats_is_named_with_the_one_it_repeats() {
    let keys: &[&[u8]] = &[&[1], &[2], &[3], &[2], &[1]];
    assert_eq!(first_duplicate(keys.iter().copied()), Some((1, 3)));
    assert_eq!(first_duplicate([].iter().copied()), None);
}
