//! Jobs that are parts of others.

use super::Maker;
use super::bench::{Bench, numbers};
use super::samples::{Finish, STREAM, child, job, outcome};
use crate::store::{ChildName, Claims, Entry, Refused, State, Write};
use crate::task::{Reason, Status};

pub(super) fn children_come_by_number(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    bench.submit([
        job(1),
        child(9, 1, ChildName::Ordinal(0)),
        child(2, 1, ChildName::Key("z".into())),
        child(5, 1, ChildName::Item(0)),
        child(6, 5, ChildName::Item(0)),
    ]);
    bench.end(2, Reason::Returned);
    let children = bench.read().children(1).unwrap();
    assert_eq!(numbers(&children), [2, 5, 9]);
    for entry in children {
        assert_eq!(entry, bench.find(entry.job.number));
    }
    assert_eq!(bench.read().children(9).unwrap(), []);
}

pub(super) fn a_name_that_was_given_up_is_free(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let name = ChildName::Ordinal(0);
    bench.submit([job(1), child(2, 1, name.clone())]);
    let renamed = bench.find(2);
    let batch = [
        child(3, 1, name.clone()).into(),
        Write::Rename { number: 2 },
        child(3, 1, name.clone()).into(),
    ];
    let answers = bench.commit(&batch);
    let exists = crate::store::Answer::Refused(Refused::Exists);
    let done = crate::store::Answer::Done;
    assert_eq!(answers, [exists, done.clone(), done]);
    bench.crash();
    assert_eq!(numbers(&bench.read().children(1).unwrap()), [3]);
    assert_eq!(bench.find(2), renamed, "it is there as it was");
    bench.refused(child(4, 1, name), Refused::Exists);
}

pub(super) fn children_end_with_their_parents(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    bench.submit([
        child(2, 1, ChildName::Ordinal(0)),
        child(3, 1, ChildName::Ordinal(1)),
        child(4, 3, ChildName::Ordinal(0)),
        child(5, 4, ChildName::Ordinal(0)),
        child(6, 1, ChildName::Ordinal(2)),
        child(7, 1, ChildName::Ordinal(3)),
        job(8),
        child(9, 8, ChildName::Ordinal(0)),
    ]);
    bench.end(6, Reason::Error);
    bench.done(Write::Rename { number: 7 });
    bench.claim(session, Claims::One(4));
    let before = bench.find(6);
    bench.done(Finish {
        ends_children: true,
        now_ms: 7000,
        ..Finish::of(1, outcome(bench.host, 1, Reason::Returned))
    });
    bench.crash();
    assert_eq!(bench.find(6), before, "it was over");
    for number in [2, 3, 4, 5, 7] {
        let entry = bench.find(number);
        let done = entry.done().unwrap();
        assert_eq!(done.outcome.reason, Reason::ParentEnded, "{number}");
        assert_eq!(done.outcome.status, Status::Cancelled);
        assert_eq!(done.outcome.id.number, number);
        assert_eq!(done.outcome.id.host, bench.host);
        assert_eq!(done.outcome.worker, entry.job.worker);
        assert_eq!(done.ended_ms, 7000);
        assert!(done.is_delivered, "nobody is there to take it");
    }
    for number in [8, 9] {
        assert_eq!(bench.find(number).state, State::Queued, "others go on");
    }
    let undelivered = bench.read().undelivered(STREAM, None, 9).unwrap();
    assert_eq!(numbers(&undelivered), [6, 1]);
    // Whoever had a child hears of it.
    let late = Finish::of(1, outcome(bench.host, 4, Reason::Returned));
    bench.refused(late, Refused::Over);
}

pub(super) fn a_parent_may_end_without_its_children(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    bench.submit([job(1), child(2, 1, ChildName::Ordinal(0))]);
    bench.end(1, Reason::Error);
    let expected = Entry {
        job: child(2, 1, ChildName::Ordinal(0)),
        fence: 0,
        attempts: 0,
        lost: 0,
        is_suspect: false,
        carried: None,
        state: State::Queued,
    };
    assert_eq!(bench.find(2), expected);
}
