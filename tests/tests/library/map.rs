//! `Host::map`: a job for each of a stream of items.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;
use wodehost::{Host, Map, MapError, Outcome, Stop, SubmitError, Value, default_buffer};
use wodehost_tests::{data, load, once, options, runtime, soon, value};

fn host(slots: u32, worker: &str) -> Host {
    let builder = Host::builder(runtime()).slots(slots);
    builder.worker(once(load(worker))).build().unwrap()
}

fn numbers(n: i64) -> impl Iterator<Item = Value> {
    (1..=n).map(Value::from)
}

/// Jobs for the guest `act`.
fn acts(jobs: &[&str]) -> Vec<Value> {
    jobs.iter().map(|job| value(job)).collect()
}

/// A job that never ends by itself before any test does.
const FOR_EVER: &str = r#"{"do": "sleep", "n": 3600000}"#;

/// Everything that comes: the data of the outcomes, and the error at the end.
async fn all<I: Iterator<Item = Value>>(map: &mut Map<I>) -> (Vec<String>, Option<MapError>) {
    let mut outcomes = Vec::new();
    while let Some(next) = map.next().await {
        match next {
            Ok(outcome) => outcomes.push(data(&outcome)),
            Err(error) => {
                assert!(map.next().await.is_none(), "something behind the error");
                return (outcomes, Some(error));
            }
        }
    }
    assert!(map.next().await.is_none(), "something behind the end");
    (outcomes, None)
}

// J26
#[test]
fn outcomes_come_in_the_order_of_the_items() {
    let host = host(4, "act");
    let sleep = |n: u64| format!(r#"{{"do": "sleep", "n": {}, "value": {n}}}"#, 40 - n);
    let jobs = (1..=40).map(|n| value(&sleep(n)));
    let (outcomes, error) = soon(all(&mut host.map("act", jobs).unwrap()));
    let expected: Vec<String> = (1..=40).map(|n| n.to_string()).collect();
    assert_eq!((outcomes, error), (expected, None));
}

// J26
#[test]
fn where_order_is_given_up_nobody_waits_for_a_slow_one() {
    let host = host(2, "act");
    let jobs = acts(&[FOR_EVER, "1", "2", "3"]);
    let mut map = host.map("act", jobs).unwrap().unordered();
    let outcomes = soon(async {
        let mut outcomes = Vec::new();
        for _ in 0..3 {
            outcomes.push(data(&map.next().await.unwrap().unwrap()));
        }
        outcomes
    });
    assert_eq!(outcomes, ["1", "2", "3"]);
}

// J26
#[test]
fn every_outcome_comes_once_when_order_is_given_up_and_says_its_item() {
    let host = host(4, "double");
    let mut map = host.map("double", numbers(2000)).unwrap();
    map = map.unordered().buffer(100);
    let mut items = Vec::new();
    soon(async {
        while let Some(outcome) = map.next().await {
            let doubled = outcome.unwrap().data.to::<u64>().unwrap();
            assert_eq!(doubled, (map.item() + 1) * 2);
            items.push(map.item());
        }
    });
    items.sort_unstable();
    assert!(items.into_iter().eq(0..2000));
}

// J26: lazy.
#[test]
fn items_are_taken_no_further_ahead_than_the_buffer() {
    let host = host(2, "double");
    let taken = Arc::new(AtomicUsize::new(0));
    for unordered in [false, true] {
        taken.store(0, Ordering::Relaxed);
        let counter = taken.clone();
        let endless = (1..).map(move |n: i64| {
            counter.fetch_add(1, Ordering::Relaxed);
            Value::from(n)
        });
        let mut map = host.map("double", endless).unwrap().buffer(3);
        if unordered {
            map = map.unordered();
        }
        assert_eq!(taken.load(Ordering::Relaxed), 0, "nobody asked yet");
        for given_back in 0..200 {
            soon(map.next()).unwrap().unwrap();
            assert_eq!(taken.load(Ordering::Relaxed), given_back + 3);
        }
    }
}

// J26
#[test]
fn a_buffer_of_nothing_goes_one_by_one() {
    let host = host(2, "double");
    let mut map = host.map("double", numbers(3)).unwrap().buffer(0);
    assert_eq!(soon(all(&mut map)).0, ["2", "4", "6"]);
    assert_eq!(default_buffer(4), 256);
    assert_eq!(default_buffer(1000), 4096);
}

// J26
#[test]
fn what_fails_has_its_outcome_in_its_place() {
    let host = host(2, "double");
    let items = acts(&["1", "\"x\"", "3"]);
    let mut map = host.map("double", items).unwrap();
    let outcomes: Vec<Outcome> = soon(async {
        let mut outcomes = Vec::new();
        while let Some(outcome) = map.next().await {
            outcomes.push(outcome.unwrap());
        }
        outcomes
    });
    let succeeded: Vec<bool> = outcomes.iter().map(Outcome::is_success).collect();
    assert_eq!(succeeded, [true, false, true]);
}

#[test]
fn nothing_comes_of_nothing() {
    let host = host(1, "double");
    let mut map = host
        .map("double", [])
        .unwrap()
        .deadline(Duration::from_mins(1));
    assert_eq!(soon(all(&mut map)), (vec![], None));
}

// J26: the timeout counts from the call.
#[test]
fn a_deadline_that_is_over_lets_nothing_start() {
    let host = host(1, "double");
    let mut map = host
        .map("double", numbers(3))
        .unwrap()
        .deadline(Duration::ZERO);
    assert_eq!(soon(all(&mut map)), (vec![], Some(MapError::Blocked)));
    let host_tally = host.tally();
    assert_eq!(host_tally.total(), 0, "{host_tally:?}");
}

// J26
#[test]
fn a_deadline_that_came_after_the_last_outcome_cuts_nothing_off() {
    let host = host(1, "double");
    let mut map = host.map("double", numbers(2)).unwrap();
    map = map.deadline(Duration::from_mins(2));
    assert_eq!(soon(all(&mut map)), (vec!["2".into(), "4".into()], None));
    let mut map = host.map("double", []).unwrap().deadline(Duration::ZERO);
    assert_eq!(soon(all(&mut map)), (vec![], None));
}

// J26: what ended behind the first missing one is not given back.
#[test]
fn at_the_deadline_the_first_missing_one_is_the_last() {
    let host = host(2, "act");
    let jobs = acts(&["1", FOR_EVER, "3"]);
    let mut map = host.map("act", jobs).unwrap();
    map = map.deadline(Duration::from_millis(300));
    let (outcomes, error) = soon(all(&mut map));
    assert_eq!(error, Some(MapError::Blocked));
    assert!(["1"].starts_with(&outcomes.iter().map(String::as_str).collect::<Vec<_>>()));
    // No job goes on, though the map is still there.
    soon(host.shutdown(None)).unwrap();
    assert!(host.tally().cancelled >= 1);
}

// J26
#[test]
fn where_order_is_given_up_all_that_ended_comes_before_the_deadlines_error() {
    let host = host(2, "act");
    let jobs = acts(&[FOR_EVER, "1", "2", FOR_EVER]);
    let mut map = host.map("act", jobs).unwrap().unordered();
    map = map.deadline(Duration::from_millis(300));
    let (outcomes, error) = soon(all(&mut map));
    assert_eq!(error, Some(MapError::Blocked));
    let outcomes: Vec<&str> = outcomes.iter().map(String::as_str).collect();
    assert!(["1", "2"].starts_with(&outcomes), "{outcomes:?}");
}

// J26
#[test]
fn the_deadline_ends_jobs_though_nobody_asks_for_outcomes() {
    let host = host(2, "act");
    let jobs = acts(&["1", FOR_EVER, FOR_EVER]);
    let mut map = host.map("act", jobs).unwrap();
    map = map.deadline(Duration::from_millis(300));
    let first = soon(map.next()).unwrap();
    soon(host.shutdown(None)).unwrap();
    let cancelled = host.tally().cancelled;
    assert!(
        cancelled == 3 || first.is_ok() && cancelled == 2,
        "{first:?}"
    );
}

// J26
#[test]
fn dropping_a_map_cancels_what_is_in_flight() {
    let host = host(1, "act");
    let jobs = std::iter::repeat_with(|| value(FOR_EVER));
    let mut map = host.map("act", jobs).unwrap().buffer(10);
    {
        let mut next = pin!(map.next());
        let mut cx = Context::from_waker(Waker::noop());
        assert!(next.as_mut().poll(&mut cx).is_pending());
    }
    drop(map);
    soon(host.shutdown(None)).unwrap();
    assert_eq!(host.tally().cancelled, 10);
}

#[test]
fn whoever_stops_waiting_loses_nothing() {
    let host = host(2, "double");
    for unordered in [false, true] {
        let mut map = host.map("double", numbers(50)).unwrap().buffer(4);
        if unordered {
            map = map.unordered();
        }
        let mut doubled = Vec::new();
        while doubled.len() < 50 {
            let mut cx = Context::from_waker(Waker::noop());
            let once = pin!(map.next()).poll(&mut cx);
            let outcome = match once {
                Poll::Ready(outcome) => outcome,
                Poll::Pending => soon(map.next()),
            };
            doubled.push(outcome.unwrap().unwrap().data.to::<u64>().unwrap());
        }
        doubled.sort_unstable();
        assert!(doubled.into_iter().eq((1..=50).map(|n| n * 2)));
    }
}

/// The smallest executor there can be.
fn parked<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    loop {
        let mut cx = Context::from_waker(&waker);
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[test]
fn any_executor_will_do() {
    let host = host(2, "act");
    let jobs = acts(&["1", "2", FOR_EVER]);
    for unordered in [false, true] {
        let mut map = host.map("act", jobs.clone()).unwrap();
        map = map.deadline(Duration::from_millis(300));
        if unordered {
            map = map.unordered();
        }
        assert_eq!(parked(all(&mut map)).1, Some(MapError::Blocked));
    }
}

// J26
#[test]
fn a_map_has_options_of_its_own() {
    let host = host(2, "double");
    let mut map = host.map("double", acts(&["[1, 2]", "[3]"])).unwrap();
    map = map.options(options(r#"{"unwrap": true, "parallel": true}"#));
    assert_eq!(soon(all(&mut map)).0, ["[2,4]", "[6]"]);
}

#[test]
fn what_cannot_be_submitted_is_told_in_its_place_and_ends_the_map() {
    let host = host(1, "double");
    let unknown = SubmitError::UnknownWorker("dubble".to_owned());
    assert_eq!(host.map("dubble", []).err(), Some(unknown));
    let mut map = host.map("double", numbers(3)).unwrap();
    map = map.options(options(r#"{"filter": "nobody"}"#));
    let (outcomes, error) = soon(all(&mut map));
    assert!(outcomes.is_empty());
    let is_options = matches!(error, Some(MapError::Submit(SubmitError::Options(_))));
    assert!(is_options, "{error:?}");
}

#[test]
fn a_host_that_stops_leaves_outcomes_for_what_it_took_and_an_error_behind() {
    let host = host(1, "double");
    let mut map = host
        .map("double", (1..).map(Value::from))
        .unwrap()
        .buffer(5);
    soon(map.next()).unwrap().unwrap();
    host.stop(Stop::Cancel);
    let (outcomes, error) = soon(all(&mut map));
    assert_eq!(outcomes.len(), 4, "{outcomes:?}");
    assert_eq!(error, Some(MapError::Submit(SubmitError::Closed)));
}

#[test]
fn a_map_keeps_its_host() {
    let mut map = host(1, "double").map("double", numbers(2)).unwrap();
    assert_eq!(soon(all(&mut map)).0, ["2", "4"]);
}
