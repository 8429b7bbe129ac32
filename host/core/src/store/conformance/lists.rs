//! Lists of jobs.

use super::Maker;
use super::bench::{Bench, WHOLE};
use super::samples::{Finish, STREAM, child, job, outcome};
use crate::Outcome;
use crate::store::{ChildName, Filter, Key, Listed, NewJob, Page, Standing, Write};
use crate::task::{Reason, Status};
use wasmtime::Trap;

/// 1 queued, 2 claimed, 3 over, 4 delivered, 5 to 7 failed, 8 elsewhere, 9 a child.
fn filled(maker: &mut dyn Maker) -> Bench<'_> {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    let group = |number: u64, group: &str| NewJob {
        group: Some(group.into()),
        ..job(number)
    };
    bench.done(group(1, "g"));
    bench.claimed(2, session);
    bench.over(3, Reason::Returned);
    bench.done(group(4, "g"));
    let declared = Outcome {
        status: Status::Success,
        ..outcome(bench.host, 4, Reason::Declared)
    };
    bench.done(Finish {
        fence: None,
        ..Finish::of(0, declared)
    });
    bench.done(Write::Deliver {
        number: 4,
        frees_key: false,
    });
    bench.over(5, Reason::Trap(Trap::UnreachableCodeReached));
    bench.over(6, Reason::Trap(Trap::StackOverflow));
    bench.over(7, Reason::Silent);
    let elsewhere = NewJob {
        stream: "run".into(),
        worker: "Double".into(),
        key: Some(Key::Text("k".into())),
        ..group(8, "G")
    };
    bench.submit([elsewhere, child(9, 1, ChildName::Ordinal(0))]);
    bench
}

#[track_caller]
fn lists(bench: &mut Bench, filter: &Filter, numbers: &[u64]) {
    let found = bench.read().list(filter, WHOLE).unwrap();
    let found: Vec<u64> = found.iter().map(|listed| listed.number).collect();
    assert_eq!(found, numbers, "{filter:?}");
}

pub(super) fn the_newest_are_listed_first_in_pages(maker: &mut dyn Maker) {
    let mut bench = filled(maker);
    lists(&mut bench, &Filter::default(), &[8, 7, 6, 5, 4, 3, 2, 1]);
    let mut below = u64::MAX;
    for expected in [[8, 7, 6].as_slice(), &[5, 4, 3], &[2, 1], &[]] {
        let page = Page { below, most: 3 };
        let found = bench.read().list(&Filter::default(), page).unwrap();
        let found: Vec<u64> = found.iter().map(|listed| listed.number).collect();
        assert_eq!(found, expected);
        below = found.last().copied().unwrap_or(below);
    }
    // Pages of what fits, not what fits of pages.
    let dead = Filter {
        statuses: vec![Status::Failure],
        ..Filter::default()
    };
    let page = Page { below: 6, most: 1 };
    let found = bench.read().list(&dead, page).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].number, 5);
    assert_eq!(
        bench
            .read()
            .list(&dead, Page { below: 5, most: 1 })
            .unwrap(),
        []
    );
}

pub(super) fn a_listed_job_says_what_is_known(maker: &mut dyn Maker) {
    let mut bench = filled(maker);
    let found = bench.read().list(&Filter::default(), WHOLE).unwrap();
    let by_number = |number: u64| found.iter().find(|listed| listed.number == number);
    let listed = |number: u64, standing: Standing| Listed {
        number,
        worker: "double".into(),
        stream: STREAM.into(),
        key: None,
        standing,
        ended: None,
        attempts: 0,
        submitted_ms: 1000 + number,
        ended_ms: None,
        value_bytes: job(number).value.len() as u64,
    };
    let ended = |number: u64, standing: Standing, status: Status, reason: &str| Listed {
        ended: Some((status, reason.to_owned())),
        attempts: 1,
        ended_ms: Some(5000),
        ..listed(number, standing)
    };
    let expected = [
        listed(1, Standing::Queued),
        listed(2, Standing::Claimed),
        ended(3, Standing::Undelivered, Status::Success, "returned"),
        ended(4, Standing::Done, Status::Success, "declared"),
        ended(
            5,
            Standing::Undelivered,
            Status::Failure,
            "trap:unreachable",
        ),
        Listed {
            worker: "Double".into(),
            stream: "run".into(),
            key: Some(Key::Text("k".into())),
            ..listed(8, Standing::Queued)
        },
    ];
    for listed in &expected {
        assert_eq!(by_number(listed.number), Some(listed));
    }
}

pub(super) fn each_filter_leaves_out_what_does_not_fit(maker: &mut dyn Maker) {
    let mut bench = filled(maker);
    let none = Filter::default;
    let states = |states: &[Standing]| Filter {
        states: states.to_vec(),
        ..none()
    };
    let statuses = |statuses: &[Status]| Filter {
        statuses: statuses.to_vec(),
        ..none()
    };
    let reason = |reason: &str| Filter {
        reason: Some(reason.to_owned()),
        ..none()
    };
    let worker = |worker: &str| Filter {
        worker: Some(worker.to_owned()),
        ..none()
    };
    let stream = |stream: &str| Filter {
        stream: Some(stream.to_owned()),
        ..none()
    };
    let group = |group: &str| Filter {
        group: Some(group.to_owned()),
        ..none()
    };
    let between = |since_ms: Option<u64>, before_ms: Option<u64>| Filter {
        since_ms,
        before_ms,
        ..none()
    };
    let parent = |parent: u64| Filter {
        parent: Some(parent),
        ..none()
    };
    let table: Vec<(Filter, &[u64])> = vec![
        (states(&[Standing::Queued]), &[8, 1]),
        (states(&[Standing::Claimed]), &[2]),
        (states(&[Standing::Undelivered]), &[7, 6, 5, 3]),
        (states(&[Standing::Done]), &[4]),
        (states(&[Standing::Done, Standing::Claimed]), &[4, 2]),
        (statuses(&[Status::Timeout]), &[7]),
        (statuses(&[Status::Success, Status::Timeout]), &[7, 4, 3]),
        (statuses(&[Status::Mixed]), &[]),
        (reason("trap:unreachable"), &[5]),
        (reason("trap:*"), &[6, 5]),
        (reason("trap:"), &[]),
        (reason("*"), &[7, 6, 5, 4, 3]),
        (reason("%*"), &[]),
        (reason("Returned"), &[]),
        (worker("Double"), &[8]),
        (worker("d%"), &[]),
        (stream("run"), &[8]),
        (stream("ru*"), &[]),
        (group("g"), &[4, 1]),
        (group("G"), &[8]),
        (between(Some(1007), None), &[8, 7]),
        (between(None, Some(1003)), &[2, 1]),
        (parent(1), &[9]),
        (parent(9), &[]),
    ];
    for (filter, expected) in table {
        lists(&mut bench, &filter, expected);
    }
}

pub(super) fn filters_hold_together(maker: &mut dyn Maker) {
    let mut bench = filled(maker);
    let none = Filter::default;
    let table: Vec<(Filter, &[u64])> = vec![
        (
            Filter {
                states: vec![Standing::Queued],
                group: Some("g".to_owned()),
                ..none()
            },
            &[1],
        ),
        (
            Filter {
                statuses: vec![Status::Failure],
                reason: Some("trap:s*".to_owned()),
                ..none()
            },
            &[6],
        ),
        (
            Filter {
                since_ms: Some(1003),
                before_ms: Some(1006),
                ..none()
            },
            &[5, 4, 3],
        ),
        (
            Filter {
                stream: Some("run".to_owned()),
                worker: Some("double".to_owned()),
                ..none()
            },
            &[],
        ),
        (
            Filter {
                parent: Some(1),
                states: vec![Standing::Queued],
                ..none()
            },
            &[9],
        ),
        (
            Filter {
                states: vec![Standing::Queued],
                statuses: vec![Status::Success],
                ..none()
            },
            &[],
        ),
    ];
    for (filter, expected) in table {
        lists(&mut bench, &filter, expected);
    }
    let delivered = outcome(bench.host, 1, Reason::Returned);
    bench.done(Finish {
        fence: None,
        is_delivered: true,
        ..Finish::of(0, delivered)
    });
    let group = Filter {
        states: vec![Standing::Done],
        group: Some("g".to_owned()),
        ..none()
    };
    lists(&mut bench, &group, &[4, 1]);
}
