//! Room: where there is none, and giving it back.

use super::*;
use crate::plugin::Digest;
use crate::store::{Fault, Filter, Page};

#[test]
fn a_batch_that_found_no_room_may_be_tried_again() {
    let place = Place::new();
    let mut store = place.open();
    run_jobs(&mut store, 1, 10);
    let pages: i64 = store
        .conn
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    store
        .conn
        .pragma_update(None, "max_page_count", pages + 2)
        .unwrap();
    let big = |number| NewJob {
        value: Value::bin(&vec![number as u8; 20_000]),
        worker: "another".into(),
        ..job(number, None)
    };
    let batch = [submit(job(11, None)), submit(big(12)), submit(big(13))];
    for _ in 0..3 {
        let error = store.commit(&batch).unwrap_err();
        assert_eq!(error.fault, Fault::Full, "{error}");
        assert_eq!(store.reader().unwrap().next_number().unwrap(), 11);
    }
    store
        .conn
        .pragma_update(None, "max_page_count", 1_000_000)
        .unwrap();
    commit(&mut store, &batch);
    drop(store);
    let store = place.open();
    let mut reader = store.reader().unwrap();
    for number in [12, 13] {
        let entry = find(&mut *reader, number);
        assert_eq!(entry.job, big(number));
    }
}

#[test]
fn retention_gives_room_back() {
    let place = Place::new();
    let mut store = place.open();
    run_jobs(&mut store, 1, 5000);
    super::super::keep::empty_log(&store.conn).unwrap();
    let before = std::fs::metadata(place.file()).unwrap().len();
    assert_eq!(store.retain(0, 100).unwrap(), 4900);
    let after = std::fs::metadata(place.file()).unwrap().len();
    assert!(after * 3 < before, "{after} of {before}");
    let mut reader = store.reader().unwrap();
    let page = Page {
        below: u64::MAX,
        most: 1000,
    };
    let listed = reader.list(&Filter::default(), page).unwrap();
    let numbers: Vec<u64> = listed.iter().map(|job| job.number).collect();
    assert_eq!(numbers, (4901..=5000).rev().collect::<Vec<u64>>());
    // More than one transaction's worth, and by age.
    run_jobs(&mut store, 5001, 5000 + 12_000);
    assert_eq!(store.retain(1000 + 17_000, u64::MAX).unwrap(), 12_099);
    drop(store);
    let store = place.open();
    assert_eq!(store.reader().unwrap().next_number().unwrap(), 17_001);
}

#[test]
fn what_no_job_needs_is_not_kept() {
    let place = Place::new();
    let mut store = place.open();
    let claim = begin(&mut store);
    let plugin = |bytes: &'static [u8]| Write::Plugin {
        digest: Digest::of(bytes),
        bytes: bytes.into(),
    };
    let of = |number, bytes: &[u8]| NewJob {
        conditions: conditions(&Digest::of(bytes).to_string()),
        worker: format!("worker {number}").into(),
        ..job(number, Some(claim))
    };
    let raw = |number, bytes: &[u8]| NewJob {
        conditions: Arc::new(Conditions::new(Value::bin(Digest::of(bytes).as_bytes()))),
        ..job(number, Some(claim))
    };
    let batch = [
        plugin(b"open"),
        plugin(b"dead"),
        plugin(b"done"),
        plugin(b"raw"),
        plugin(b"nobody's"),
        submit(of(1, b"open")),
        submit(of(2, b"dead")),
        submit(of(3, b"done")),
        submit(raw(4, b"raw")),
        submit(of(5, b"dropped")),
    ];
    commit(&mut store, &batch);
    let ends = [
        finish(outcome(&store, 2, Reason::Error), 1),
        finish(outcome(&store, 3, Reason::Returned), 1),
        deliver(2),
        deliver(3),
        Write::Drop {
            number: 5,
            fence: Some(1),
        },
    ];
    commit(&mut store, &ends);
    let mut early = store.reader().unwrap();
    let before: Vec<Entry> = (1..=4).map(|number| find(&mut *early, number)).collect();
    store.compact().unwrap();
    let mut late = store.reader().unwrap();
    for reader in [&mut early, &mut late] {
        let kept = |reader: &mut Box<dyn Reader>, bytes: &[u8]| {
            reader.plugin(Digest::of(bytes)).unwrap().is_some()
        };
        assert!(kept(reader, b"open") && kept(reader, b"dead") && kept(reader, b"raw"));
        assert!(!kept(reader, b"done") && !kept(reader, b"nobody's"));
        let after: Vec<Entry> = (1..=4).map(|number| find(&mut **reader, number)).collect();
        assert_eq!(after, before);
        let dropped = of(5, b"dropped").conditions.digest();
        assert_eq!(reader.conditions(dropped).unwrap(), None);
    }
    // Names that come after are not taken for those that went.
    commit(
        &mut store,
        &[submit(of(6, b"new")), submit(of(7, b"newer"))],
    );
    assert_eq!(&*find(&mut *early, 6).job.worker, "worker 6");
    assert_eq!(
        find(&mut *early, 7).job.conditions,
        of(7, b"newer").conditions
    );
    assert_eq!(find(&mut *early, 1), before[0]);
}

// Replay runs an attempt under what it ran under.
#[test]
fn what_past_attempts_ran_under_is_kept_while_they_are() {
    let place = Place::new();
    let mut store = place.open();
    let claim = begin(&mut store);
    let old: &[u8] = b"old";
    let of = |bytes: &[u8]| conditions(&Digest::of(bytes).to_string());
    let plugin = |bytes: &'static [u8]| Write::Plugin {
        digest: Digest::of(bytes),
        bytes: bytes.into(),
    };
    let jobs = [1, 2].map(|number| NewJob {
        conditions: of(old),
        ..job(number, Some(claim))
    });
    commit(&mut store, &[plugin(old), plugin(b"new")]);
    commit(&mut store, &jobs.map(submit));
    for number in [1, 2] {
        let first = finish(outcome(&store, number, Reason::Error), 1);
        let retry = Write::Retry {
            number,
            resets_state: false,
        };
        let which = crate::store::Claims::One(number);
        let again = Write::Claim {
            session: claim,
            which,
        };
        let other = Write::Conditions {
            number,
            fence: 2,
            conditions: of(b"new"),
        };
        commit(&mut store, &[first, retry, again, other]);
    }
    let kept = |store: &SqliteStore, number: u64| {
        let mut reader = store.reader().unwrap();
        let past = reader.past(number).unwrap();
        let its = past[0].conditions.as_ref().map(|its| its.digest());
        assert_eq!(its, Some(of(old).digest()));
        assert!(reader.conditions(of(old).digest()).unwrap().is_some());
        reader.has_plugin(Digest::of(old)).unwrap()
    };
    store.compact().unwrap();
    assert!(kept(&store, 1) && kept(&store, 2));
    let last = |number| Write::Finish {
        number,
        fence: Some(2),
        outcome: Box::new(outcome(&store, number, Reason::Returned)),
        is_delivered: true,
        ends_children: false,
        now_ms: 2,
    };
    let ends = [last(1), last(2)];
    commit(&mut store, &ends);
    store.compact().unwrap();
    // The plugins of successes are not kept.
    assert!(!kept(&store, 1) && !kept(&store, 2));
    let drop = |number| Write::Drop {
        number,
        fence: None,
    };
    commit(&mut store, &[drop(1), drop(2)]);
    store.compact().unwrap();
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.conditions(of(old).digest()).unwrap(), None);
}
