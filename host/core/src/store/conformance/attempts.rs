//! What attempts leave for those after them.

use super::Maker;
use super::bench::{Bench, numbers};
use super::samples::{STREAM, child, conditions, job, lost, past, value};
use crate::Value;
use crate::store::{ChildName, Claims, Entry, NewJob, PastAttempt, State, Write};

fn again(number: u64, fence: u32, attempt: u32, state: Option<Value>) -> Write {
    Write::Again {
        number,
        fence,
        past: Box::new(past(attempt, state)),
    }
}

fn is_lost(number: u64, attempt: u32) -> Write {
    Write::Lost {
        number,
        past: Box::new(lost(attempt)),
    }
}

pub(super) fn a_checkpoint_is_what_is_carried(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    for state in [value(1), value(2), Value::empty_map(), Value::nil()] {
        let before = bench.find(1);
        bench.done(Write::Checkpoint {
            number: 1,
            fence: 1,
            state: state.clone(),
        });
        bench.crash();
        let carried = Some(state);
        assert_eq!(bench.find(1), Entry { carried, ..before });
    }
}

pub(super) fn another_attempt_begins_with_what_the_last_one_left(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    let states = [Some(value(1)), Some(value(2)), None];
    for (fence, state) in (1..).zip(states) {
        let before = bench.find(1);
        bench.done(again(1, fence, fence, state.clone()));
        let after = Entry {
            fence: fence + 1,
            attempts: fence,
            carried: state,
            ..before
        };
        assert_eq!(bench.find(1), after);
        assert_eq!(after.state, State::Claimed(session));
    }
}

pub(super) fn past_attempts_come_oldest_first(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    bench.claimed(2, session);
    bench.done(again(1, 1, 1, Some(value(1))));
    bench.done(again(2, 1, 1, None));
    bench.done(again(1, 2, 2, None));
    bench.done(Write::Release {
        number: 1,
        fence: 3,
    });
    bench.done(is_lost(1, 3));
    bench.claim(session, Claims::One(1));
    bench.done(again(1, 4, 4, Some(value(4))));
    bench.crash();
    let expected = [
        past(1, Some(value(1))),
        past(2, None),
        lost(3),
        past(4, Some(value(4))),
    ];
    assert_eq!(bench.read().past(1).unwrap(), expected);
    assert_eq!(bench.read().past(2).unwrap(), [past(1, None)]);
    assert_eq!(bench.read().past(3).unwrap(), []);
}

pub(super) fn attempts_keep_what_they_ran_under(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    bench.claimed(2, session);
    let under = |which: u64, fence: u32| Write::Conditions {
        number: 1,
        fence,
        conditions: conditions(which),
    };
    bench.done(again(1, 1, 1, Some(value(1))));
    let before = bench.picture();
    bench.done(under(0, 2));
    assert_eq!(bench.picture(), before, "they are what they were");
    for (which, attempt) in [(1, 2), (2, 3), (0, 4)] {
        let entry = bench.find(1);
        bench.done(under(which, attempt));
        let after = Entry {
            job: NewJob {
                conditions: conditions(which),
                ..job(1)
            },
            ..entry
        };
        assert_eq!(bench.find(1), after);
        bench.done(again(1, attempt, attempt, None));
    }
    bench.crash();
    let ran = |attempt: u32, state: Option<Value>, which: u64| PastAttempt {
        conditions: Some(conditions(which)),
        ..past(attempt, state)
    };
    let expected = [
        ran(1, Some(value(1)), 0),
        ran(2, None, 1),
        ran(3, None, 2),
        past(4, None),
    ];
    assert_eq!(bench.read().past(1).unwrap(), expected);
    assert_eq!(bench.find(2).job, job(2), "and others are as they were");
    for which in 0..3 {
        let conditions = conditions(which);
        let found = bench.read().conditions(conditions.digest()).unwrap();
        assert_eq!(found.as_ref(), Some(conditions.value()));
    }
}

pub(super) fn a_lost_attempt_makes_a_suspect(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    bench.submit([job(2), child(3, 1, ChildName::Ordinal(0))]);
    let state = value(1);
    bench.done(Write::Checkpoint {
        number: 1,
        fence: 1,
        state: state.clone(),
    });
    bench.done(Write::Release {
        number: 1,
        fence: 1,
    });
    for (number, attempt) in [(1, 1), (3, 1), (1, 2)] {
        let before = bench.find(number);
        bench.done(is_lost(number, attempt));
        let after = Entry {
            attempts: attempt,
            lost: attempt,
            is_suspect: true,
            ..before
        };
        assert_eq!(bench.find(number), after, "and the state is carried");
    }
    let suspects = bench.read().suspects().unwrap();
    assert_eq!(suspects, [bench.find(1), bench.find(3)]);
    bench.claim(session, Claims::One(1));
    assert_eq!(numbers(&bench.read().suspects().unwrap()), [3]);
    assert!(bench.find(1).is_suspect, "until an attempt is over");
}

pub(super) fn a_suspect_is_none_after_another_attempt(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.done(job(1));
    bench.done(is_lost(1, 1));
    bench.claim(session, Claims::One(1));
    bench.done(again(1, 1, 2, None));
    let entry = bench.find(1);
    assert_eq!(
        (entry.is_suspect, entry.lost, entry.attempts),
        (false, 1, 2)
    );
    bench.done(Write::Release {
        number: 1,
        fence: 2,
    });
    let next = Claims::Next {
        stream: STREAM.into(),
        most: 1,
    };
    assert_eq!(numbers(&bench.claim(session, next)), [1]);
}
