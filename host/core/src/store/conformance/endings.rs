//! How jobs end, once each, and what may come after.

use super::Maker;
use super::bench::Bench;
use super::samples::{
    Finish, STREAM, child, job, lost, outcome, past, receipt, special_outcome, value,
};
use crate::Outcome;
use crate::store::{
    ChildName, Claims, Done, Entry, Key, NewJob, PastAttempt, Refused, State, Write,
};
use crate::task::{Earlier, Reason};
use crate::value::Value;

pub(super) fn an_outcome_comes_back_as_it_was(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    bench.claimed(5, session);
    let before = bench.find(1);
    let special = special_outcome(bench.host, 1);
    bench.done(Finish::of(1, special.clone()));
    let none = Outcome {
        receipts: crate::task::Receipts::default(),
        ..outcome(bench.host, 5, Reason::Cancelled)
    };
    bench.done(Finish::of(1, none.clone()));
    bench.crash();
    let done = |outcome: &Outcome| {
        State::Done(Box::new(Done {
            ended_ms: 5000,
            outcome: outcome.clone(),
            is_delivered: false,
        }))
    };
    let expected = Entry {
        attempts: 3,
        state: done(&special),
        ..before
    };
    assert_eq!(bench.find(1), expected);
    assert_eq!(bench.find(5).state, done(&none));
}

pub(super) fn what_stands_with_past_attempts_is_left_out(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    bench.done(Write::Again {
        number: 1,
        fence: 1,
        past: Box::new(past(1, None)),
    });
    let plain = outcome(bench.host, 1, Reason::Error);
    let mut full = Outcome {
        earlier: vec![past(1, None).earlier],
        ..plain.clone()
    };
    full.receipts.push(receipt(9));
    bench.done(Finish::of(2, full));
    let entry = bench.find(1);
    let found = &entry.done().unwrap().outcome;
    assert_eq!(found.earlier, []);
    let receipts: Vec<_> = found.receipts.iter().copied().collect();
    assert_eq!(receipts, [receipt(9)]);
    assert_eq!(bench.read().past(1).unwrap(), [past(1, None)]);
}

pub(super) fn a_job_ends_once(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    let first = outcome(bench.host, 1, Reason::Error);
    let second = outcome(bench.host, 1, Reason::Returned);
    bench.done(Finish::of(1, first));
    bench.crash();
    for fence in [Some(1), Some(2), None] {
        let again = Finish {
            fence,
            ..Finish::of(1, second.clone())
        };
        bench.refused(again, Refused::Over);
    }
    assert_eq!(bench.claim(session, Claims::One(1)), []);
}

pub(super) fn a_queued_job_can_end(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    bench.done(job(1));
    let stopped = Outcome {
        attempts: 0,
        ..outcome(bench.host, 1, Reason::Cancelled)
    };
    bench.done(Finish {
        fence: None,
        ..Finish::of(0, stopped.clone())
    });
    let entry = bench.find(1);
    assert_eq!((entry.fence, entry.attempts), (0, 0));
    assert_eq!(entry.done().unwrap().outcome, stopped);
    let session = bench.begin();
    let next = Claims::Next {
        stream: STREAM.into(),
        most: 1,
    };
    assert_eq!(bench.claim(session, next), []);
}

pub(super) fn ends_never_go_back_in_time(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    bench.submit((1..6).map(job));
    let end = |bench: &mut Bench, number: u64, now_ms: u64| {
        let outcome = outcome(bench.host, number, Reason::Error);
        bench.done(Finish {
            fence: None,
            now_ms,
            ..Finish::of(0, outcome)
        });
        bench.find(number).done().unwrap().ended_ms
    };
    assert_eq!(end(&mut bench, 1, 5000), 5000);
    assert_eq!(end(&mut bench, 2, 4000), 5000);
    assert_eq!(end(&mut bench, 3, 6000), 6000);
    bench.crash();
    assert_eq!(end(&mut bench, 4, 5500), 6000);
    for number in [3, 4] {
        bench.done(Write::Drop {
            number,
            fence: None,
        });
    }
    bench.crash();
    let last = end(&mut bench, 5, 100);
    assert_eq!(last, 6000, "what was dropped ended all the same");
}

pub(super) fn a_retried_job_is_as_if_it_had_just_come(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.submit([job(1), job(2)]);
    for number in [1, 2] {
        let ended = outcome(bench.host, number, Reason::Error);
        bench.done(Write::Lost {
            number,
            past: Box::new(lost(1)),
        });
        bench.claim(session, Claims::One(number));
        bench.done(Write::Checkpoint {
            number,
            fence: 1,
            state: value(1),
        });
        bench.done(Finish::of(
            1,
            Outcome {
                attempts: 2,
                ..ended
            },
        ));
        let resets_state = number == 2;
        bench.done(Write::Retry {
            number,
            resets_state,
        });
        bench.crash();
        let expected = Entry {
            job: job(number),
            fence: 1,
            attempts: 2,
            lost: 0,
            is_suspect: false,
            carried: (!resets_state).then(|| value(1)),
            state: State::Queued,
        };
        assert_eq!(bench.find(number), expected);
    }
    let next = Claims::Next {
        stream: STREAM.into(),
        most: 9,
    };
    let claimed = bench.claim(session, next);
    assert_eq!(claimed.len(), 2);
    assert_eq!(claimed[0].fence, 2, "a fence only rises");
    // It ends again, once.
    let well = outcome(bench.host, 1, Reason::Returned);
    bench.done(Finish::of(2, well.clone()));
    bench.refused(Finish::of(2, well.clone()), Refused::Over);
    assert_eq!(bench.find(1).done().unwrap().outcome, well);
}

/// What is kept of the attempt that this outcome tells of.
fn kept(outcome: &Outcome, state: Option<Value>) -> PastAttempt {
    PastAttempt {
        earlier: Earlier {
            attempt: outcome.attempts,
            reason: outcome.reason,
            message: outcome.message.clone(),
            stdout: outcome.stdout.clone(),
            stderr: outcome.stderr.clone(),
            log: outcome.log.clone(),
        },
        receipt: outcome.receipts.latest().copied(),
        state,
        recorded: None,
        ended_ms: 5000,
        conditions: None,
        is_reset: false,
    }
}

fn retry(number: u64, resets_state: bool) -> Write {
    Write::Retry {
        number,
        resets_state,
    }
}

pub(super) fn a_retried_job_keeps_its_latest_attempt(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    for (number, resets_state) in [(1, false), (3, true)] {
        bench.claimed(number, session);
        bench.done(Write::Again {
            number,
            fence: 1,
            past: Box::new(past(1, None)),
        });
        bench.done(Write::Checkpoint {
            number,
            fence: 2,
            state: value(7),
        });
        let first = Outcome {
            attempts: 2,
            ..special_outcome(bench.host, number)
        };
        bench.done(Finish::of(2, first.clone()));
        bench.done(retry(number, resets_state));
        bench.crash();
        let second = PastAttempt {
            is_reset: resets_state,
            ..kept(&first, Some(value(7)))
        };
        let before = [past(1, None), second];
        assert_eq!(bench.read().past(number).unwrap(), before);
        bench.claim(session, Claims::One(number));
        let third = Outcome {
            attempts: 3,
            ..outcome(bench.host, number, Reason::Silent)
        };
        bench.done(Finish::of(3, third.clone()));
        assert_eq!(bench.read().past(number).unwrap(), before);
        bench.done(retry(number, false));
        let carried = (!resets_state).then(|| value(7));
        let [first, second] = before;
        let after = [first, second, kept(&third, carried)];
        assert_eq!(bench.read().past(number).unwrap(), after);
    }
}

// What was lost with its host is there already, and what never started is not.
pub(super) fn an_attempt_is_kept_once(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    bench.submit([job(1), job(2), job(3)]);
    let finish = |bench: &mut Bench, number: u64, attempts: u32| {
        let outcome = Outcome {
            attempts,
            ..outcome(bench.host, number, Reason::Cancelled)
        };
        bench.done(Finish {
            fence: None,
            ..Finish::of(0, outcome)
        });
    };
    for (number, resets_state) in [(1, false), (2, true)] {
        bench.done(Write::Lost {
            number,
            past: Box::new(lost(1)),
        });
        finish(&mut bench, number, 1);
        for _ in 0..2 {
            bench.done(retry(number, resets_state));
            let expected = PastAttempt {
                is_reset: resets_state,
                ..lost(1)
            };
            assert_eq!(bench.read().past(number).unwrap(), [expected]);
            finish(&mut bench, number, 1);
        }
    }
    finish(&mut bench, 3, 0);
    bench.done(retry(3, true));
    assert_eq!(bench.read().past(3).unwrap(), []);
}

// Its items have them.
pub(super) fn a_parallel_job_has_no_attempt_to_keep(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let parallel = NewJob { span: 2, ..job(1) };
    bench.submit([parallel, child(2, 1, ChildName::Item(0))]);
    for number in [1, 2] {
        let failed = outcome(bench.host, number, Reason::Error);
        bench.done(Finish {
            fence: None,
            ..Finish::of(0, failed)
        });
        bench.done(retry(number, false));
    }
    assert_eq!(bench.read().past(1).unwrap(), []);
    assert_eq!(bench.read().past(2).unwrap().len(), 1);
}

pub(super) fn only_what_did_not_succeed_is_retried(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    bench.done(job(2));
    bench.over(3, Reason::Returned);
    for number in [1, 2, 3] {
        bench.refused(retry(number, true), Refused::Over);
    }
    let reasons = [
        Reason::Error,
        Reason::Silent,
        Reason::Cancelled,
        Reason::Rejected,
    ];
    for (number, reason) in (4..).zip(reasons) {
        bench.over(number, reason);
        bench.done(retry(number, true));
        assert_eq!(bench.find(number).state, State::Queued, "{reason}");
    }
}

pub(super) fn a_dropped_job_is_gone_with_its_children(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let key = Key::Text("k".into());
    let with_key = |number: u64| NewJob {
        key: Some(key.clone()),
        singleton: Some("s".into()),
        ..job(number)
    };
    bench.submit([
        with_key(1),
        child(2, 1, ChildName::Ordinal(0)),
        child(3, 2, ChildName::Ordinal(0)),
        child(4, 2, ChildName::Ordinal(1)),
        job(5),
    ]);
    bench.done(Write::Rename { number: 4 });
    bench.done(Write::Lost {
        number: 3,
        past: Box::new(lost(1)),
    });
    bench.end(1, Reason::Returned);
    bench.done(Write::Drop {
        number: 1,
        fence: None,
    });
    bench.crash();
    for number in [1, 2, 3, 4] {
        assert!(bench.is_gone(number), "{number}");
        assert_eq!(bench.read().past(number).unwrap(), []);
    }
    assert_eq!(bench.read().children(1).unwrap(), []);
    assert_eq!(bench.read().find_key(STREAM, &key).unwrap(), None);
    assert_eq!(bench.read().undelivered(STREAM, None, 9).unwrap(), []);
    assert_eq!(bench.read().suspects().unwrap(), []);
    assert_eq!(bench.find(5).job, job(5));
    bench.done(with_key(6));
    bench.refused(
        Write::Drop {
            number: 1,
            fence: None,
        },
        Refused::Unknown,
    );
}

pub(super) fn a_withdrawn_job_is_dropped(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    bench.submit([job(2), child(3, 2, ChildName::Ordinal(0))]);
    for (number, fence) in [(1, Some(1)), (2, None)] {
        bench.done(Write::Drop { number, fence });
        assert!(bench.is_gone(number));
    }
    assert!(bench.is_gone(3));
}
