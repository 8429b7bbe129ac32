//! Jobs that submit jobs: slots that are lent, waiting, ends.

use wodehost::Host;
use wodehost_tests::{data, load, once, runtime, soon, value};

/// A host of these workers, whose jobs have one attempt.
fn host(slots: u32, workers: &[&str]) -> Host {
    let builder = Host::builder(runtime()).slots(slots);
    let workers = workers.iter().map(|name| once(load(name)));
    workers
        .fold(builder, |builder, worker| builder.worker(worker))
        .build()
        .unwrap()
}

/// What a job of `worker` leaves.
fn left(host: &Host, worker: &str, job: &str) -> String {
    let outcome = soon(host.submit(worker, [value(job)]).unwrap());
    assert!(outcome.is_success(), "{outcome:?}");
    data(&outcome)
}

// J5: any depth works with one slot.
#[test]
fn a_chain_is_as_deep_as_it_may_be_on_one_slot() {
    assert_eq!(left(&host(1, &["chain"]), "chain", "64"), "64");
}

// J5
#[test]
fn a_chain_deeper_than_the_limit_is_told_so() {
    assert_eq!(
        left(&host(1, &["chain"]), "chain", "65"),
        "\"limit(depth)\""
    );
}

// J5 J11
#[test]
fn a_tree_is_waited_for_in_any_order() {
    for slots in [1, 4] {
        assert_eq!(left(&host(slots, &["tree"]), "tree", "[4, 4]"), "341");
    }
}
