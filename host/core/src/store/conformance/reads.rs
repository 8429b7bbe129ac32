//! What is asked by somebody who does not know the jobs' numbers.

use super::Maker;
use super::bench::{Bench, numbers};
use super::samples::{Finish, child, conditions, job, outcome, session};
use crate::plugin::Digest;
use crate::store::{ChildName, NewJob, Summary, Write};
use crate::task::Reason;
use std::sync::Arc;

pub(super) fn the_latest_session_is_told(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    assert_eq!(bench.read().session().unwrap(), None);
    let first = bench.begin_until(100);
    let second = bench.begin_until(u64::MAX);
    assert_ne!(first, second);
    let latest = bench.read().session().unwrap();
    assert_eq!(latest, Some((second, session(u64::MAX))));
    for until_ms in [300, u64::MAX] {
        bench.done(Write::Renew {
            session: second,
            until_ms,
        });
        bench.crash();
        let latest = bench.read().session().unwrap();
        assert_eq!(latest, Some((second, session(until_ms))));
    }
    let third = bench.begin();
    assert!(third > second, "{third:?}");
}

pub(super) fn the_keys_of_unfinished_singletons_are_told(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    let single = |number: u64, key: &str| NewJob {
        singleton: Some(key.into()),
        ..job(number)
    };
    bench.submit([
        single(1, "a"),
        single(2, "b"),
        NewJob {
            claim: Some(session),
            ..single(3, "c")
        },
        job(4),
        NewJob {
            parent: child(5, 4, ChildName::Ordinal(0)).parent,
            ..single(5, "d")
        },
    ]);
    bench.end(2, Reason::Error);
    let told = |bench: &mut Bench| {
        let mut found = bench.read().singletons().unwrap();
        found.sort();
        found
    };
    let of = |number: u64, key: &str| (number, Arc::<str>::from(key));
    assert_eq!(told(&mut bench), [of(1, "a"), of(3, "c"), of(5, "d")]);
    bench.done(Write::Retry {
        number: 2,
        resets_state: false,
    });
    assert!(told(&mut bench).contains(&of(2, "b")));
}

pub(super) fn plugins_are_kept(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let bytes: Arc<[u8]> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
    let digest = Digest::of(&bytes);
    assert_eq!(bench.read().plugin(digest).unwrap(), None);
    assert!(!bench.read().has_plugin(digest).unwrap());
    for _ in 0..2 {
        bench.done(Write::Plugin {
            digest,
            bytes: bytes.clone(),
        });
    }
    let empty = Digest::of(&[]);
    bench.done(Write::Plugin {
        digest: empty,
        bytes: Arc::default(),
    });
    bench.crash();
    assert_eq!(bench.read().plugin(digest).unwrap(), Some(bytes.to_vec()));
    assert!(bench.read().has_plugin(digest).unwrap());
    assert_eq!(bench.read().plugin(empty).unwrap(), Some(Vec::new()));
}

pub(super) fn conditions_are_shared(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    for number in 1..5 {
        bench.done(NewJob {
            conditions: conditions(number % 2),
            ..job(number)
        });
    }
    bench.end(1, Reason::Error);
    bench.done(Write::Drop {
        number: 1,
        fence: None,
    });
    bench.store().compact().unwrap();
    bench.crash();
    for which in 0..2 {
        let expected = conditions(which);
        let found = bench.read().conditions(expected.digest()).unwrap();
        assert_eq!(found.as_ref(), Some(expected.value()));
    }
    assert_eq!(bench.find(3).job.conditions, conditions(1));
}

pub(super) fn a_summary_counts_the_jobs_of_a_stream(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    assert_eq!(bench.read().summary(None).unwrap(), Summary::default());
    let session = bench.begin();
    bench.submit([job(1), job(2), child(3, 1, ChildName::Ordinal(0))]);
    bench.claimed(4, session);
    bench.over(5, Reason::Returned);
    bench.over(6, Reason::Error);
    bench.over(7, Reason::Cancelled);
    bench.done(NewJob {
        stream: "run".into(),
        ..job(8)
    });
    bench.done(Finish {
        fence: None,
        is_delivered: true,
        ..Finish::of(0, outcome(bench.host, 8, Reason::Silent))
    });
    bench.done(Write::Deliver {
        number: 6,
        frees_key: false,
    });
    let run = Summary {
        done: 1,
        dead: 1,
        ..Summary::default()
    };
    let map = Summary {
        queued: 3,
        claimed: 1,
        done: 3,
        dead: 2,
        undelivered: 2,
    };
    let all = Summary {
        done: 4,
        dead: 3,
        ..map
    };
    assert_eq!(bench.read().summary(Some("run")).unwrap(), run);
    let stream = super::samples::STREAM;
    assert_eq!(bench.read().summary(Some(stream)).unwrap(), map);
    assert_eq!(bench.read().summary(None).unwrap(), all);
    assert_eq!(bench.read().summary(Some("")).unwrap(), Summary::default());
}

pub(super) fn readers_see_what_was_committed(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let mut elsewhere = bench.store().reader().unwrap();
    let seen = std::thread::scope(|scope| {
        let (said, heard) = std::sync::mpsc::channel();
        let (asked, answers) = std::sync::mpsc::channel();
        let thread = scope.spawn(move || {
            let mut seen = Vec::new();
            while let Ok(number) = heard.recv() {
                seen.push(elsewhere.find(number).unwrap().is_some());
                asked.send(()).unwrap();
            }
            seen
        });
        for number in 1..4 {
            bench.done(job(number));
            said.send(number).unwrap();
            answers.recv().unwrap();
        }
        said.send(9).unwrap();
        drop(said);
        thread.join().unwrap()
    });
    assert_eq!(seen, [true, true, true, false]);
    assert_eq!(numbers(&[bench.find(3)]), [3]);
}
