//! Outcomes and past attempts come back as they were.

use super::arbitrary::Draw;
use super::*;
use crate::store::{Done, Refused, State};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn any_outcome_comes_back_as_it_was(seed in any::<u64>()) {
        let place = Place::new();
        let mut store = place.open();
        let claim = begin(&mut store);
        let mut draw = Draw(seed);
        let host = store.id();
        let outcomes: Vec<Outcome> = (1..=40)
            .map(|number| draw.outcome(JobId { host, number }, 2, false))
            .collect();
        let mut batch: Vec<Write> = (1..=40).map(|n| submit(job(n, Some(claim)))).collect();
        batch.extend(outcomes.iter().map(|outcome| finish(outcome.clone(), 7)));
        commit(&mut store, &batch);
        let mut reader = store.reader().unwrap();
        for outcome in outcomes {
            let entry = find(&mut *reader, outcome.id.number);
            prop_assert_eq!(entry.attempts, outcome.attempts);
            let done = Done { ended_ms: 7, outcome, is_delivered: false };
            prop_assert_eq!(entry.state, State::Done(Box::new(done)));
        }
    }

    #[test]
    fn any_past_attempt_comes_back_as_it_was(seed in any::<u64>()) {
        let place = Place::new();
        let mut store = place.open();
        let claim = begin(&mut store);
        let mut draw = Draw(seed);
        let past: Vec<PastAttempt> = (0..40).map(|_| draw.past()).collect();
        let mut batch = vec![submit(job(1, Some(claim)))];
        batch.extend((1..).zip(&past).map(|(fence, past)| Write::Again {
            number: 1,
            fence,
            past: Box::new(past.clone()),
        }));
        commit(&mut store, &batch);
        let mut reader = store.reader().unwrap();
        prop_assert_eq!(&reader.past(1).unwrap(), &past);
        prop_assert_eq!(&find(&mut *reader, 1).carried, &past[39].state);
    }
}

// Whatever is retried, dropped, or given another state leaves no large value behind.
#[test]
fn large_values_are_kept_once_and_while_they_are_used() {
    let place = Place::new();
    let mut store = place.open();
    let claim = begin(&mut store);
    let large = |byte: u8| Value::bin(&vec![byte; 100_000]);
    let big = |number| NewJob {
        value: large(1),
        said: Value::map([("x", large(2))]),
        ..job(number, Some(claim))
    };
    commit(&mut store, &[submit(big(1)), submit(big(2))]);
    assert_eq!(count(&store), 2);
    // A refused one leaves nothing.
    let third = NewJob {
        value: large(9),
        ..job(2, None)
    };
    let answers = store.commit(&[submit(third)]).unwrap();
    assert_eq!(answers, [Answer::Refused(Refused::Exists)]);
    assert_eq!(count(&store), 2);
    for byte in 3..10 {
        let state = large(byte);
        let checkpoint = Write::Checkpoint {
            number: 1,
            fence: 1,
            state: state.clone(),
        };
        commit(&mut store, &[checkpoint]);
        assert_eq!(count(&store), 3);
        let mut reader = store.reader().unwrap();
        assert_eq!(find(&mut *reader, 1).carried, Some(state));
    }
    let ended = Outcome {
        data: large(1),
        log: Some("x".repeat(100_000)),
        ..outcome(&store, 1, Reason::Error)
    };
    commit(&mut store, &[finish(ended, 1)]);
    assert_eq!(count(&store), 4);
    let mut reader = store.reader().unwrap();
    let entry = find(&mut *reader, 1);
    assert_eq!(entry.job.said, big(1).said);
    assert_eq!(entry.done().unwrap().outcome.data, large(1));
    let retry = Write::Retry {
        number: 1,
        resets_state: true,
    };
    commit(&mut store, &[retry]);
    // The attempt that is past has the state and the log.
    assert_eq!(count(&store), 4);
    let drop = |number, fence| Write::Drop { number, fence };
    commit(&mut store, &[drop(1, None)]);
    assert_eq!(count(&store), 2);
    commit(&mut store, &[drop(2, Some(1))]);
    assert_eq!(count(&store), 0);
}

fn count(store: &SqliteStore) -> i64 {
    let sql = "SELECT count(*) FROM large";
    store.conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

// Whatever stands in a text stays a text.
#[test]
fn no_text_is_taken_for_a_command() {
    let place = Place::new();
    let mut store = place.open();
    let evil: Arc<str> = "'; DROP TABLE job; --".into();
    let evil_job = NewJob {
        stream: evil.clone(),
        key: Some(Key::Text(evil.clone())),
        worker: evil.clone(),
        singleton: Some(evil.clone()),
        group: Some(evil.clone()),
        value: Value::from(&*evil),
        ..job(1, None)
    };
    let cursor = Write::Cursor {
        name: evil.clone(),
        value: Value::from(&*evil),
    };
    commit(&mut store, &[submit(evil_job.clone()), cursor]);
    let mut reader = store.reader().unwrap();
    assert_eq!(find(&mut *reader, 1).job, evil_job);
    let key = Key::Text(evil.clone());
    assert!(reader.find_key(&evil, &key).unwrap().is_some());
    assert_eq!(reader.cursor(&evil).unwrap(), Some(Value::from(&*evil)));
    let text = || Some(evil.to_string());
    let filter = crate::store::Filter {
        worker: text(),
        stream: text(),
        group: text(),
        ..Default::default()
    };
    let page = crate::store::Page {
        below: u64::MAX,
        most: 10,
    };
    assert_eq!(reader.list(&filter, page).unwrap().len(), 1);
    let filter = crate::store::Filter {
        reason: Some(format!("{evil}*")),
        ..filter
    };
    assert_eq!(reader.list(&filter, page).unwrap(), []);
    assert_eq!(reader.summary(Some(&evil)).unwrap().queued, 1);
    assert_eq!(reader.summary(None).unwrap().queued, 1);
}
