//! Guests that compute without end, four times as many as there are processors: good jobs
//! and looks go on beside them, and a cancel ends them all.

use wodehost::{Host, JobHandle, Limit};
use wodehost_tests::{limits, load, load_with, once, runtime, soon, value};

#[test]
fn whoever_spins_holds_up_nobody() {
    let _turn = crate::alone();
    let threads = std::thread::available_parallelism().unwrap().get() as u32;
    let spinning = 4 * threads;
    let patient = limits(&[(Limit::Keepalive, "10min"), (Limit::Fuel, "inf")]);
    let host = Host::builder(runtime())
        .slots(spinning + 1)
        .worker(once(load_with("spin", patient)))
        .worker(once(load("double")))
        .build()
        .unwrap();
    let submit = |worker| host.submit(worker, [value("21")]).unwrap();
    let spinners: Vec<JobHandle> = (0..spinning).map(|_| submit("spin")).collect();
    let at_work = || host.look(0).lines.len();
    while at_work() < spinning as usize {
        std::thread::yield_now();
    }
    // On the one slot that is left, while all of them go on.
    for _ in 0..50 {
        assert!(soon(submit("double")).is_success());
    }
    assert!(at_work() >= spinning as usize);
    assert_eq!(host.tally().total(), 50);
    for spinner in &spinners {
        spinner.cancel();
    }
    for spinner in spinners {
        assert!(soon(spinner).is_cancelled());
    }
    assert!(soon(submit("double")).is_success());
}
