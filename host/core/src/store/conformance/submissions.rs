//! Jobs come in, each once, and come back as they came.

use super::Maker;
use super::bench::Bench;
use super::samples::{Finish, value};
use super::samples::{
    STREAM, child, conditions, every_kind, job, outcome, past, special_job, special_outcome,
};
use crate::store::{ChildName, Entry, Key, NewJob, Refused, State, Write};
use crate::task::Reason;

pub(super) fn numbers_are_never_given_twice(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    assert_eq!(bench.read().next_number().unwrap(), 1);
    bench.done(NewJob { span: 4, ..job(1) });
    assert_eq!(bench.read().next_number().unwrap(), 5);
    // An item, whose number is one of those.
    bench.done(child(3, 1, ChildName::Item(1)));
    assert_eq!(bench.read().next_number().unwrap(), 5);
    bench.over(5, Reason::Returned);
    for number in [5, 1] {
        bench.done(Write::Drop {
            number,
            fence: None,
        });
    }
    assert_eq!(bench.read().next_number().unwrap(), 6);
    bench.crash();
    assert_eq!(bench.read().next_number().unwrap(), 6);
}

pub(super) fn a_number_belongs_to_one_job(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    bench.done(job(1));
    let other = NewJob {
        stream: "run".into(),
        value: value(7),
        ..job(1)
    };
    bench.refused(other, Refused::Exists);
    bench.end(1, Reason::Returned);
    bench.refused(job(1), Refused::Exists);
}

pub(super) fn a_key_belongs_to_one_job_of_its_stream(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let with = |number: u64, key: &Key| NewJob {
        key: Some(key.clone()),
        ..job(number)
    };
    let keys = [
        Key::Place(0),
        Key::Place(u64::MAX),
        Key::Text("0".into()),
        Key::Text("a".into()),
        Key::Text("A".into()),
        Key::Text("".into()),
    ];
    for (number, key) in (1..).zip(&keys) {
        bench.done(with(number, key));
    }
    let next = keys.len() as u64 + 1;
    for (number, key) in (1..).zip(&keys) {
        bench.refused(with(next, key), Refused::Exists);
        let found = bench.read().find_key(STREAM, key).unwrap();
        assert_eq!(found, Some(bench.find(number)), "{key:?}");
        assert_eq!(bench.read().find_key("run", key).unwrap(), None);
    }
    let elsewhere = NewJob {
        stream: "run".into(),
        ..with(next, &keys[0])
    };
    bench.done(elsewhere);
    let unknown = Key::Place(1);
    assert_eq!(bench.read().find_key(STREAM, &unknown).unwrap(), None);
    // It stays the job's when that is over, and over a crash.
    bench.end(1, Reason::Returned);
    bench.crash();
    bench.refused(with(next + 1, &keys[0]), Refused::Exists);
}

pub(super) fn a_name_belongs_to_one_child_of_its_parent(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    bench.submit([job(1), job(2)]);
    let names = [
        ChildName::Item(0),
        ChildName::Ordinal(0),
        ChildName::Ordinal(1),
        ChildName::Key("0".into()),
        ChildName::Key("".into()),
    ];
    for (number, name) in (3..).zip(&names) {
        bench.done(child(number, 1, name.clone()));
    }
    for name in &names {
        bench.refused(child(9, 1, name.clone()), Refused::Exists);
    }
    bench.done(child(9, 2, names[0].clone()));
}

pub(super) fn a_job_comes_back_as_it_came(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let key = Key::Place(u64::MAX);
    let jobs = [
        job(1),
        special_job(2),
        child(14, 2, ChildName::Key("n'ame".into())),
        child(15, 2, ChildName::Ordinal(u32::MAX)),
        child(16, 14, ChildName::Item(u32::MAX)),
        NewJob {
            key: Some(key),
            arity: 0,
            ..job(17)
        },
    ];
    bench.submit(jobs.clone());
    bench.crash();
    for job in jobs {
        let conditions = job.conditions.clone();
        let entry = Entry {
            fence: 0,
            attempts: 0,
            lost: 0,
            is_suspect: false,
            carried: None,
            state: State::Queued,
            job,
        };
        assert_eq!(bench.find(entry.job.number), entry);
        let found = bench.read().conditions(conditions.digest()).unwrap();
        assert_eq!(found.as_ref(), Some(conditions.value()));
    }
    assert!(bench.is_gone(3));
    let unknown = conditions(99).digest();
    assert_eq!(bench.read().conditions(unknown).unwrap(), None);
}

pub(super) fn a_job_may_be_claimed_from_the_start(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    let entry = bench.find(1);
    assert_eq!((entry.fence, &entry.state), (1, &State::Claimed(session)));
    assert_eq!(entry.job, job(1), "the claim is not part of the job");
}

pub(super) fn values_come_back_byte_for_byte(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    let every = every_kind();
    let large = crate::Value::bin(&vec![0x5a; 300_000]);
    for (number, value) in (1..).zip([&every, &large]) {
        let value = value.clone();
        bench.done(NewJob {
            value: value.clone(),
            said: every.clone(),
            claim: Some(session),
            ..job(number)
        });
        bench.done(Write::Again {
            number,
            fence: 1,
            past: Box::new(past(1, Some(value.clone()))),
        });
        let outcome = crate::Outcome {
            data: value.clone(),
            ..outcome(bench.host, number, Reason::Declared)
        };
        bench.done(Finish::of(2, outcome));
        bench.done(Write::Cursor {
            name: "cursor".into(),
            value: value.clone(),
        });
        bench.crash();
        let entry = bench.find(number);
        let data = &entry.done().unwrap().outcome.data;
        let past = bench.read().past(number).unwrap().remove(0).state.unwrap();
        let cursor = bench.read().cursor("cursor").unwrap().unwrap();
        let carried = entry.carried.as_ref().unwrap();
        for (what, found) in [
            ("value", &entry.job.value),
            ("outcome", data),
            ("past state", &past),
            ("cursor", &cursor),
            ("carried state", carried),
        ] {
            assert_eq!(found.as_bytes(), value.as_bytes(), "{what}");
        }
    }
}

pub(super) fn what_was_answered_is_there_after_a_crash(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    for number in 1..4 {
        bench.claimed(number, session);
    }
    bench.done(special_job(4));
    bench.done(Write::Checkpoint {
        number: 1,
        fence: 1,
        state: value(1),
    });
    bench.done(Finish::of(1, special_outcome(bench.host, 2)));
    bench.done(Write::Again {
        number: 3,
        fence: 1,
        past: Box::new(past(1, None)),
    });
    let before = bench.picture();
    bench.crash();
    assert_eq!(bench.picture(), before);
    let host = bench.store().id();
    assert_eq!(host, bench.host, "it is the same store");
}
