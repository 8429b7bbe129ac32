//! Values that arrive in pieces, or with more behind them.

use super::{hex, truncated};
use crate::value::{Progress, ScanLimits, Scanner, ValueErrorKind, scan_prefix};

fn small(bytes_max: usize) -> ScanLimits {
    ScanLimits {
        bytes_max,
        ..ScanLimits::default()
    }
}

#[test]
fn the_first_value_of_a_stream_is_measured() {
    let limits = ScanLimits::default();
    assert_eq!(scan_prefix(&hex("92 01 02 c1 ff"), &limits), Ok(3));
    assert_eq!(scan_prefix(&hex("05 05"), &limits), Ok(1));
    let error = scan_prefix(&hex("92 01"), &limits).unwrap_err();
    assert_eq!(
        (error.kind, error.offset, &*error.path),
        (truncated(1), 2, "$[1]")
    );
    assert!(scan_prefix(&[], &limits).unwrap_err().kind.is_truncated());
    assert_eq!(
        scan_prefix(&hex("c1"), &limits).unwrap_err().kind,
        ValueErrorKind::Reserved
    );
}

#[test]
fn what_follows_the_value_does_not_count_for_its_size() {
    let stream = [hex("93 01 02 03"), vec![0; 1000]].concat();
    assert_eq!(scan_prefix(&stream, &small(4)), Ok(4));
    let error = scan_prefix(&stream, &small(3)).unwrap_err();
    assert_eq!(error.kind, ValueErrorKind::TooLarge { bytes: 4, limit: 3 });
}

#[test]
fn a_stream_that_claims_more_than_the_limit_is_refused_at_once() {
    let error = scan_prefix(&hex("dd ffffffff"), &ScanLimits::default()).unwrap_err();
    let bytes = 5 + u64::from(u32::MAX);
    assert_eq!(
        error.kind,
        ValueErrorKind::TooLarge {
            bytes,
            limit: 1 << 20
        }
    );
    let text = [hex("db 00100000"), vec![b'a'; 10]].concat();
    assert!(
        !scan_prefix(&text, &ScanLimits::default())
            .unwrap_err()
            .kind
            .is_truncated()
    );
}

#[test]
fn a_value_is_complete_with_its_last_byte_and_not_before() {
    let bytes = hex("83 a1 61 93 01 cd 0102 d9 03 616263 07 80 c0 ca 3f800000");
    let mut scanner = Scanner::new(ScanLimits::default());
    for end in 0..bytes.len() {
        let Progress::Incomplete { missing } = scanner.resume(&bytes[..end]).unwrap() else {
            panic!("complete after {end} of {} bytes", bytes.len());
        };
        assert!(missing >= 1 && missing <= (bytes.len() - end) as u64);
    }
    assert_eq!(
        scanner.resume(&bytes),
        Ok(Progress::Complete { bytes: bytes.len() })
    );
    assert_eq!(
        scanner.resume(&bytes),
        Ok(Progress::Complete { bytes: bytes.len() })
    );
}

#[test]
fn errors_are_the_same_in_pieces() {
    let bytes = hex("92 c0 82 a1 61 01 a1 61 02");
    let mut scanner = Scanner::new(ScanLimits::default());
    for end in 0..bytes.len() {
        assert!(scanner.resume(&bytes[..end]).is_ok());
    }
    let error = scanner.resume(&bytes).unwrap_err();
    assert_eq!(error.kind, ValueErrorKind::DuplicateKey { first: 3 });
    assert_eq!((error.offset, &*error.path), (6, "$[1].a"));
}

#[test]
fn a_large_value_in_single_bytes_is_scanned_once() {
    // 300,000 items: quadratic would be 45 billion steps and not end.
    let bytes = [hex("dd 000493e0"), hex("a1 61").repeat(300_000)].concat();
    let mut scanner = Scanner::new(ScanLimits::default());
    for end in 0..bytes.len() {
        assert!(matches!(
            scanner.resume(&bytes[..end]),
            Ok(Progress::Incomplete { .. })
        ));
    }
    assert_eq!(
        scanner.resume(&bytes),
        Ok(Progress::Complete { bytes: bytes.len() })
    );
}
