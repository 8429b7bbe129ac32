//! Outcomes wait until somebody takes them.

use super::Maker;
use super::bench::{Bench, numbers};
use super::samples::{Finish, STREAM, job, outcome};
use crate::store::{Key, NewJob, Refused, Write};
use crate::task::Reason;

fn deliver(number: u64, frees_key: bool) -> Write {
    Write::Deliver { number, frees_key }
}

fn end_at(bench: &mut Bench, number: u64, now_ms: u64) {
    let outcome = outcome(bench.host, number, Reason::Returned);
    bench.done(Finish {
        fence: None,
        now_ms,
        ..Finish::of(0, outcome)
    });
}

pub(super) fn outcomes_wait_in_the_order_of_their_ends(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    bench.submit((1..8).map(job));
    bench.done(NewJob {
        stream: "run".into(),
        ..job(8)
    });
    let ends = [(5, 100), (2, 200), (8, 200), (3, 200), (1, 300), (7, 400)];
    for (number, now_ms) in ends {
        end_at(&mut bench, number, now_ms);
    }
    bench.done(deliver(2, false));
    let mut take = |after, most| {
        let found = bench.read().undelivered(STREAM, after, most).unwrap();
        for entry in &found {
            assert_eq!(*entry, bench.find(entry.job.number));
        }
        numbers(&found)
    };
    assert_eq!(take(None, 9), [5, 3, 1, 7]);
    assert_eq!(take(None, 2), [5, 3]);
    assert_eq!(take(Some((200, 3)), 1), [1]);
    assert_eq!(take(Some((200, 2)), 9), [3, 1, 7], "one that was taken");
    assert_eq!(take(Some((250, 0)), 9), [1, 7]);
    assert_eq!(take(Some((400, 7)), 9), [0; 0]);
    assert_eq!(take(None, 0), [0; 0]);
    let elsewhere = bench.read().undelivered("run", None, 9).unwrap();
    assert_eq!(numbers(&elsewhere), [8]);
}

pub(super) fn an_outcome_is_delivered_once(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    bench.over(1, Reason::Error);
    bench.over(2, Reason::Returned);
    let ended = bench.find(1).done().unwrap().outcome.clone();
    bench.done(deliver(1, false));
    bench.crash();
    let undelivered = bench.read().undelivered(STREAM, None, 9).unwrap();
    assert_eq!(numbers(&undelivered), [2]);
    bench.refused(deliver(1, false), Refused::Over);
    let entry = bench.find(1);
    let done = entry.done().unwrap();
    assert!(done.is_delivered);
    assert_eq!(done.outcome, ended, "it can be looked at still");
}

pub(super) fn only_what_is_over_is_delivered(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    bench.done(job(2));
    for number in [1, 2] {
        bench.refused(deliver(number, true), Refused::Over);
    }
}

pub(super) fn an_outcome_may_be_delivered_with_its_end(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    bench.done(Finish {
        is_delivered: true,
        ..Finish::of(1, outcome(bench.host, 1, Reason::Returned))
    });
    assert!(bench.find(1).done().unwrap().is_delivered);
    assert_eq!(bench.read().undelivered(STREAM, None, 9).unwrap(), []);
}

pub(super) fn a_delivery_may_free_the_key(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let key = Key::Place(7);
    let with_key = |number: u64| NewJob {
        key: Some(key.clone()),
        ..job(number)
    };
    bench.done(with_key(1));
    bench.end(1, Reason::Returned);
    bench.done(deliver(1, false));
    bench.refused(with_key(2), Refused::Exists);
    let other = NewJob {
        stream: "run".into(),
        ..with_key(2)
    };
    bench.done(other);
    bench.end(2, Reason::Error);
    bench.done(deliver(2, true));
    assert_eq!(bench.read().find_key("run", &key).unwrap(), None);
    bench.crash();
    let next = NewJob {
        stream: "run".into(),
        ..with_key(3)
    };
    bench.done(next.clone());
    let found = bench.read().find_key("run", &key).unwrap();
    assert_eq!(found.map(|entry| entry.job), Some(next));
    // It is not its own any more, even where it runs again.
    bench.done(Write::Retry {
        number: 2,
        resets_state: false,
    });
    let found = bench.read().find_key("run", &key).unwrap();
    assert_eq!(found.map(|entry| entry.job.number), Some(3));
}

pub(super) fn a_retried_job_is_delivered_again(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    bench.over(1, Reason::Error);
    bench.done(deliver(1, false));
    bench.done(Write::Retry {
        number: 1,
        resets_state: false,
    });
    assert_eq!(bench.read().undelivered(STREAM, None, 9).unwrap(), []);
    bench.end(1, Reason::Returned);
    let undelivered = bench.read().undelivered(STREAM, None, 9).unwrap();
    assert_eq!(undelivered, [bench.find(1)]);
    bench.done(deliver(1, false));
}

pub(super) fn retention_drops_what_nobody_needs(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let keyed = NewJob {
        key: Some(Key::Place(1)),
        ..job(2)
    };
    bench.submit([
        job(1),
        keyed,
        job(3),
        job(4),
        job(5),
        job(6),
        job(7),
        job(8),
    ]);
    let ends = [(6, 100), (1, 200), (2, 300), (4, 400), (5, 500), (7, 600)];
    for (number, now_ms) in ends {
        end_at(&mut bench, number, now_ms);
    }
    bench.end(3, Reason::Error);
    for number in [1, 2, 3, 5, 6, 7] {
        bench.done(deliver(number, false));
    }
    let there = |bench: &mut Bench| -> Vec<u64> {
        (1..9).filter(|number| !bench.is_gone(*number)).collect()
    };
    assert_eq!(bench.store().retain(100, u64::MAX).unwrap(), 0);
    assert_eq!(bench.store().retain(101, u64::MAX).unwrap(), 1);
    assert_eq!(there(&mut bench), [1, 2, 3, 4, 5, 7, 8]);
    assert_eq!(bench.store().retain(0, 1).unwrap(), 2, "the oldest");
    assert_eq!(there(&mut bench), [2, 3, 4, 7, 8]);
    bench.crash();
    assert_eq!(bench.store().retain(u64::MAX, 0).unwrap(), 1);
    let before = bench.picture();
    bench.store().compact().unwrap();
    assert_eq!(bench.picture(), before, "what is kept is kept");
    assert_eq!(there(&mut bench), [2, 3, 4, 8]);
    assert_eq!(bench.read().next_number().unwrap(), 9);
}

pub(super) fn retention_keeps_the_children_of_what_is_kept(maker: &mut dyn Maker) {
    use super::samples::child;
    use crate::store::ChildName;

    let mut bench = Bench::new(maker);
    bench.submit([job(1), child(2, 1, ChildName::Ordinal(0))]);
    end_at(&mut bench, 2, 100);
    bench.done(deliver(2, false));
    assert_eq!(bench.store().retain(u64::MAX, 0).unwrap(), 0);
    assert_eq!(numbers(&bench.read().children(1).unwrap()), [2]);
    end_at(&mut bench, 1, 200);
    bench.done(deliver(1, false));
    assert!(bench.store().retain(u64::MAX, 0).unwrap() > 0);
    assert!(bench.is_gone(1) && bench.is_gone(2));
}
