//! Arbitrary values are accepted; arbitrary damage is judged as the reference does.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::value::arbitrary::{encode, encode_widely, tree};
use crate::value::{Progress, ScanLimits, Scanner, ValueErrorKind, scan, scan_prefix};
use wodehost_reference::{self as reference, Fault, Verdict};

/// What the scanner says, in the reference's words.
fn judge(bytes: &[u8], depth_max: usize) -> Verdict {
    let limits = ScanLimits {
        depth_max,
        ..ScanLimits::default()
    };
    scan(bytes, &limits).map_err(|error| {
        let fault = match error.kind {
            ValueErrorKind::Truncated { .. } => Fault::Truncated,
            ValueErrorKind::Trailing { .. } => Fault::Trailing,
            ValueErrorKind::Reserved => Fault::Reserved,
            ValueErrorKind::NotUtf8 => Fault::NotUtf8,
            ValueErrorKind::TooDeep { .. } => Fault::TooDeep,
            ValueErrorKind::DuplicateKey { .. } => Fault::DuplicateKey,
            ValueErrorKind::TooLarge { .. } => panic!("{error}"),
        };
        assert!(error.path.starts_with('$') && error.path.chars().count() <= 200);
        (fault, error.offset)
    })
}

/// Bytes that often look like headers and small keys.
fn header_like() -> impl Strategy<Value = u8> {
    prop_oneof![
        3 => 0_u8..4,
        3 => prop::sample::select(vec![0x81, 0x82, 0x83, 0x91, 0x92, 0xa0, 0xa1, 0x61, 0xc4, 0xcc, 0xd0, 0xd9]),
        2 => 0xc0_u8..=0xdf,
        1 => any::<u8>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn whatever_rmpv_writes_is_accepted(tree in tree()) {
        prop_assert_eq!(judge(&encode(&tree), 64), Ok(()));
    }

    #[test]
    fn wide_headers_are_accepted(tree in tree(), widths in vec(any::<u8>(), 0..200)) {
        let bytes = encode_widely(&tree, &mut widths.into_iter());
        prop_assert_eq!(judge(&bytes, 64), Ok(()));
    }

    #[test]
    fn damage_is_judged_as_the_reference_does(
        tree in tree(),
        places in vec((any::<prop::sample::Index>(), header_like()), 0..4),
        end in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
        depth_max in 0_usize..6,
    ) {
        let mut bytes = encode(&tree);
        for (place, byte) in places {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if is_cut {
            bytes.truncate(end.index(bytes.len() + 1));
        }
        prop_assert_eq!(judge(&bytes, depth_max), reference::check(&bytes, depth_max));
    }

    #[test]
    fn noise_is_judged_as_the_reference_does(bytes in vec(header_like(), 0..40), depth_max in 0_usize..6) {
        prop_assert_eq!(judge(&bytes, depth_max), reference::check(&bytes, depth_max));
    }

    #[test]
    fn maps_of_noise_are_judged_as_the_reference_does(
        items in vec(prop_oneof![(0_u8..6).prop_map(|key| vec![key]), (0_u8..6).prop_map(|key| vec![0xcc, key]),
            (0_u8..6).prop_map(|key| vec![0xa1, key]), (0_u8..6).prop_map(|key| vec![0xd9, 1, key]),
            (0_u8..6).prop_map(|key| vec![0x91, key]), (0_u8..6).prop_map(|key| vec![0xc4, 1, key]),
            any::<u16>().prop_map(|key| vec![0xcd, (key >> 8) as u8, key as u8])], 2..60),
    ) {
        let mut bytes = vec![0xde, 0, (items.len() / 2) as u8];
        bytes.extend(items[..items.len() / 2 * 2].concat());
        prop_assert_eq!(judge(&bytes, 64), reference::check(&bytes, 64));
    }

    #[test]
    fn pieces_of_any_size_give_the_same_answer(
        tree in tree(),
        damage in proptest::option::of((any::<prop::sample::Index>(), header_like())),
        steps in vec(1_usize..9, 1..50),
        behind in vec(any::<u8>(), 0..4),
    ) {
        let mut bytes = encode(&tree);
        if let Some((place, byte)) = damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes.extend(behind);
        let at_once = scan_prefix(&bytes, &ScanLimits::default());
        let mut scanner = Scanner::new(ScanLimits::default());
        let mut end = 0;
        for step in steps.iter().cycle() {
            end = bytes.len().min(end + step);
            let answer = scanner.resume(&bytes[..end]);
            match (&answer, &at_once) {
                (Ok(Progress::Complete { bytes }), _) => prop_assert_eq!(Ok(*bytes), at_once.clone()),
                (Ok(Progress::Incomplete { missing }), Ok(total)) => prop_assert!(end as u64 + missing <= *total as u64),
                (Ok(Progress::Incomplete { missing }), Err(error)) if end == bytes.len() => {
                    prop_assert_eq!(error.kind, ValueErrorKind::Truncated { missing: *missing });
                }
                (Ok(Progress::Incomplete { .. }), Err(_)) => {}
                // A size that is claimed may be refused before the rest is there.
                (Err(early), Err(error)) => prop_assert!(
                    matches!(early.kind, ValueErrorKind::TooLarge { .. }) || early == error,
                    "{early} early, {error} at once"
                ),
                (Err(_), Ok(_)) => prop_assert!(false, "refused in pieces only"),
            }
            if end == bytes.len() || !matches!(answer, Ok(Progress::Incomplete { .. })) {
                break;
            }
        }
    }
}
