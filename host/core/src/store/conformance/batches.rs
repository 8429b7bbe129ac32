//! Writes in one batch.

use super::Maker;
use super::bench::{Bench, WHOLE, numbers};
use super::samples::{Finish, STREAM, job, outcome, value};
use crate::store::{Answer, Claims, Filter, NewJob, Refused, State, Write};
use crate::task::Reason;

pub(super) fn a_batch_is_applied_in_order(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    let next = Claims::Next {
        stream: STREAM.into(),
        most: 9,
    };
    let claim = || Write::Claim {
        session,
        which: next.clone(),
    };
    let ended = outcome(bench.host, 1, Reason::Returned);
    let answers = bench.commit(&[
        claim(),
        job(1).into(),
        job(2).into(),
        claim(),
        Finish::of(1, ended).into(),
        Write::Deliver {
            number: 1,
            frees_key: true,
        },
        Write::Release {
            number: 2,
            fence: 1,
        },
    ]);
    assert_eq!(answers[0], Answer::Claimed(Vec::new()));
    let Answer::Claimed(entries) = &answers[3] else {
        panic!("jobs are claimed")
    };
    assert_eq!(numbers(entries), [1, 2]);
    assert_eq!(entries[1].state, State::Claimed(session), "as it was then");
    for place in [1, 2, 4, 5, 6] {
        assert_eq!(answers[place], Answer::Done, "{place}");
    }
    assert!(bench.find(1).done().unwrap().is_delivered);
    assert_eq!(bench.find(2).state, State::Queued);
    assert_eq!(bench.commit(&[]), []);
}

pub(super) fn refused_writes_stand_among_good_ones(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    let checkpoint = |fence: u32, seed: u64| Write::Checkpoint {
        number: 1,
        fence,
        state: value(seed),
    };
    let done = Answer::Done;
    let refused = |why: Refused| Answer::Refused(why);
    let batch = [
        (job(2).into(), done.clone()),
        (job(2).into(), refused(Refused::Exists)),
        (checkpoint(1, 1), done.clone()),
        (checkpoint(2, 2), refused(Refused::Fenced)),
        (
            Finish::of(1, outcome(bench.host, 9, Reason::Error)).into(),
            refused(Refused::Unknown),
        ),
        (job(3).into(), done.clone()),
        (
            Write::Retry {
                number: 3,
                resets_state: false,
            },
            refused(Refused::Over),
        ),
        (
            Finish::of(1, outcome(bench.host, 1, Reason::Error)).into(),
            done,
        ),
        (checkpoint(1, 3), refused(Refused::Over)),
    ];
    let (writes, expected): (Vec<Write>, Vec<Answer>) = batch.into_iter().unzip();
    assert_eq!(bench.commit(&writes), expected);
    bench.crash();
    let entry = bench.find(1);
    assert_eq!(entry.carried, Some(value(1)));
    assert_eq!(entry.done().unwrap().outcome.reason, Reason::Error);
    let there = bench.read().list(&Filter::default(), WHOLE).unwrap();
    let there: Vec<u64> = there.iter().map(|listed| listed.number).collect();
    assert_eq!(there, [3, 2, 1]);
}

pub(super) fn a_large_batch_is_one_batch(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    let jobs = (1..=2000).map(|number| {
        Write::from(NewJob {
            claim: Some(session),
            ..job(number)
        })
    });
    let host = bench.host;
    let ends = (1..=2000)
        .map(|number| Write::from(Finish::of(1, outcome(host, number, Reason::Returned))));
    let batch: Vec<Write> = jobs.chain(ends).collect();
    let answers = bench.commit(&batch);
    assert!(answers.iter().all(|answer| *answer == Answer::Done));
    bench.crash();
    let summary = bench.read().summary(None).unwrap();
    assert_eq!((summary.done, summary.undelivered), (2000, 2000));
}

pub(super) fn cursors_change_with_the_jobs_of_their_batch(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    assert_eq!(bench.read().cursor("producer").unwrap(), None);
    let cursor = |name: &str, seed: u64| Write::Cursor {
        name: name.into(),
        value: value(seed),
    };
    for seed in 1..3 {
        let answers = bench.commit(&[job(seed).into(), cursor("producer", seed)]);
        assert_eq!(answers, [Answer::Done, Answer::Done]);
        bench.crash();
        assert_eq!(bench.read().cursor("producer").unwrap(), Some(value(seed)));
        assert_eq!(bench.find(seed).job, job(seed));
    }
    bench.done(cursor("consumer", 7));
    assert_eq!(bench.read().cursor("consumer").unwrap(), Some(value(7)));
    assert_eq!(bench.read().cursor("producer").unwrap(), Some(value(2)));
    assert_eq!(bench.read().cursor("Producer").unwrap(), None);
}
