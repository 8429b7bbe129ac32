//! Who has a job.

use super::Maker;
use super::bench::{Bench, numbers};
use super::samples::{STREAM, child, job, lost, value};
use crate::store::{ChildName, Claims, Entry, Expiry, NewJob, State, Write};
use crate::task::Reason;

fn next(most: usize) -> Claims {
    Claims::Next {
        stream: STREAM.into(),
        most,
    }
}

pub(super) fn the_lowest_numbers_are_claimed_first(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    let elsewhere = NewJob {
        stream: "run".into(),
        ..job(2)
    };
    bench.submit([job(5), job(1), elsewhere, job(4), job(3)]);
    assert_eq!(bench.claim(session, next(0)), []);
    let claimed = bench.claim(session, next(3));
    assert_eq!(numbers(&claimed), [1, 3, 4]);
    for entry in claimed {
        assert_eq!(entry, bench.find(entry.job.number));
        assert_eq!((entry.fence, entry.state), (1, State::Claimed(session)));
    }
    assert_eq!(numbers(&bench.claim(session, next(3))), [5]);
    assert_eq!(bench.claim(session, next(3)), []);
    assert_eq!(bench.find(2).state, State::Queued);
}

pub(super) fn each_claim_raises_the_fence(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    bench.done(job(1));
    for fence in 1..4 {
        let session = bench.begin();
        let claimed = bench.claim(session, next(1));
        assert_eq!(claimed[0].fence, fence);
        bench.crash();
        let other = bench.begin();
        assert_eq!(bench.expire(Expiry::AllBut(other)), 1);
        assert_eq!(bench.find(1).fence, fence, "a void claim keeps it");
    }
}

pub(super) fn children_and_suspects_are_claimed_by_number(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.submit([job(1), job(2), child(3, 1, ChildName::Ordinal(0))]);
    bench.done(Write::Lost {
        number: 2,
        past: Box::new(lost(1)),
    });
    assert_eq!(numbers(&bench.claim(session, next(9))), [1]);
    for number in [2, 3] {
        let claimed = bench.claim(session, Claims::One(number));
        assert_eq!(claimed, [bench.find(number)]);
        assert_eq!(claimed[0].state, State::Claimed(session));
    }
    bench.done(Write::Release {
        number: 2,
        fence: 1,
    });
    assert_eq!(bench.claim(session, next(9)), [], "it is one still");
}

pub(super) fn only_what_is_queued_is_claimed(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    bench.over(2, Reason::Error);
    let before = bench.picture();
    for number in [1, 2, 3] {
        assert_eq!(bench.claim(session, Claims::One(number)), []);
    }
    assert_eq!(bench.picture(), before);
}

pub(super) fn claims_of_other_sessions_expire(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let first = bench.begin();
    let second = bench.begin();
    assert!(first < second, "a session is never given twice");
    bench.claimed(1, first);
    bench.claimed(2, second);
    bench.submit([
        NewJob {
            claim: Some(first),
            ..child(3, 1, ChildName::Ordinal(0))
        },
        job(4),
    ]);
    let others = bench.read().claimed_by_others(second).unwrap();
    assert_eq!(numbers(&others), [1, 3]);
    assert_eq!(others[0], bench.find(1));
    assert_eq!(bench.expire(Expiry::AllBut(second)), 2);
    assert_eq!(bench.read().claimed_by_others(second).unwrap(), []);
    assert_eq!(bench.find(2).state, State::Claimed(second));
    assert_eq!(bench.expire(Expiry::AllBut(second)), 0);
    assert_eq!(numbers(&bench.claim(second, next(9))), [1, 4]);
}

pub(super) fn claims_expire_with_the_time_of_their_session(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let short = bench.begin_until(100);
    let long = bench.begin_until(200);
    let endless = bench.begin();
    for (number, session) in (1..).zip([short, long, endless]) {
        bench.claimed(number, session);
    }
    assert_eq!(bench.expire(Expiry::At(100)), 0, "it is void after that");
    assert_eq!(bench.expire(Expiry::At(101)), 1);
    assert_eq!(bench.find(1).state, State::Queued);
    assert_eq!(bench.find(2).state, State::Claimed(long));
    bench.done(Write::Renew {
        session: long,
        until_ms: 300,
    });
    bench.crash();
    assert_eq!(bench.expire(Expiry::At(300)), 0);
    assert_eq!(bench.expire(Expiry::At(u64::MAX)), 1);
    assert_eq!(bench.find(3).state, State::Claimed(endless));
}

pub(super) fn a_void_claim_changes_nothing_else(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.done(job(1));
    bench.done(Write::Lost {
        number: 1,
        past: Box::new(lost(1)),
    });
    bench.claim(session, Claims::One(1));
    bench.done(Write::Checkpoint {
        number: 1,
        fence: 1,
        state: value(9),
    });
    let queued = Entry {
        state: State::Queued,
        ..bench.find(1)
    };
    bench.done(Write::Release {
        number: 1,
        fence: 1,
    });
    assert_eq!(bench.find(1), queued);
    let claimed = bench.claim(session, Claims::One(1));
    assert_eq!((claimed[0].fence, claimed[0].is_suspect), (2, true));
    let other = bench.begin();
    bench.expire(Expiry::AllBut(other));
    assert_eq!(bench.find(1), Entry { fence: 2, ..queued });
    assert_eq!(bench.read().past(1).unwrap(), [lost(1)]);
}
