//! Whose writes are taken.

use super::Maker;
use super::bench::Bench;
use super::samples::{Finish, conditions, job, lost, outcome, past, value};
use crate::job::HostId;
use crate::store::{Claims, Refused, State, Write};
use crate::task::Reason;

/// Every write that names a fence.
fn writes(host: HostId, number: u64, fence: u32) -> Vec<Write> {
    vec![
        Write::Conditions {
            number,
            fence,
            conditions: conditions(5),
        },
        Write::Checkpoint {
            number,
            fence,
            state: value(5),
        },
        Write::Again {
            number,
            fence,
            past: Box::new(past(1, Some(value(6)))),
        },
        Write::Release { number, fence },
        Finish::of(fence, outcome(host, number, Reason::Returned)).into(),
        Write::Drop {
            number,
            fence: Some(fence),
        },
    ]
}

/// Every write of a job that nobody has.
fn unclaimed(host: HostId, number: u64) -> Vec<Write> {
    let finish = Finish {
        fence: None,
        ..Finish::of(0, outcome(host, number, Reason::Cancelled))
    };
    vec![
        Write::Lost {
            number,
            past: Box::new(lost(1)),
        },
        finish.into(),
    ]
}

pub(super) fn an_old_fence_is_refused(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    bench.done(Write::Release {
        number: 1,
        fence: 1,
    });
    bench.claim(session, Claims::One(1));
    // The same session has it: still the old claim is over.
    for fence in [0, 1, 3] {
        for write in writes(bench.host, 1, fence) {
            bench.refused(write, Refused::Fenced);
        }
    }
    assert_eq!(bench.find(1).state, State::Claimed(session));
    bench.done(writes(bench.host, 1, 2).remove(0));
}

pub(super) fn a_fence_holds_while_the_job_is_claimed(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    bench.done(Write::Release {
        number: 1,
        fence: 1,
    });
    bench.done(job(2));
    for (number, fence) in [(1, 1), (2, 0)] {
        for write in writes(bench.host, number, fence) {
            bench.refused(write, Refused::Fenced);
        }
    }
}

pub(super) fn what_is_over_is_not_written(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    bench.done(Finish::of(1, outcome(bench.host, 1, Reason::Error)));
    let late = writes(bench.host, 1, 1);
    for write in late.into_iter().chain(unclaimed(bench.host, 1)) {
        bench.refused(write, Refused::Over);
    }
}

pub(super) fn a_job_that_is_not_there_is_not_written(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    bench.done(job(1));
    bench.done(Write::Drop {
        number: 1,
        fence: None,
    });
    for number in [1, 2] {
        let others = [
            Write::Deliver {
                number,
                frees_key: false,
            },
            Write::Retry {
                number,
                resets_state: false,
            },
            Write::Drop {
                number,
                fence: None,
            },
            Write::Rename { number },
        ];
        let named = writes(bench.host, number, 1);
        let unclaimed = unclaimed(bench.host, number);
        for write in named.into_iter().chain(unclaimed).chain(others) {
            bench.refused(write, Refused::Unknown);
        }
    }
}

pub(super) fn what_is_claimed_is_written_with_its_fence_only(maker: &mut dyn Maker) {
    let mut bench = Bench::new(maker);
    let session = bench.begin();
    bench.claimed(1, session);
    let drop = Write::Drop {
        number: 1,
        fence: None,
    };
    for write in unclaimed(bench.host, 1).into_iter().chain([drop]) {
        bench.refused(write, Refused::Fenced);
    }
}
