//! Drives the machine with random trees of jobs and compares it with a plain model after
//! every event.
//!
//! A case is a host and a list of steps. A step becomes events that the hub could issue in
//! the state at hand ([`steps`], [`arrivals`], [`harness`]); the model says what each of them does
//! ([`effects`]) and who is to run next ([`turns`]), and takes over from the machine's
//! answer which loop and which slot that is. Then everything is looked at ([`checks`]), and
//! at last whatever is left has to come to its end by itself ([`ending`]).

mod arrivals;
mod checks;
mod effects;
mod ending;
mod harness;
mod model;
mod steps;
mod turns;

use harness::Harness;
use model::Shape;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use steps::{Step, step};

/// Trees in a usual run; `PROPTEST_CASES` asks for more.
const TREES: u32 = 10_000;

fn shape() -> impl Strategy<Value = Shape> {
    let rare = || proptest::bool::weighted(0.2);
    let sizes = (1..4usize, 0..6usize, 1..5u64, 2..24u64);
    (sizes, rare(), rare(), any::<bool>()).prop_map(
        |((slots, spare, depth, tree), is_gated, is_borrowing, is_prompt)| Shape {
            slots,
            spare,
            is_gated,
            is_borrowing,
            is_prompt,
            depth,
            tree,
        },
    )
}

fn run(shape: Shape, steps: &[Step]) {
    let mut harness = Harness::new(shape);
    for step in steps {
        harness.take(*step);
    }
    harness.come_to_the_end();
}

// J5 J8 J38 J6 J11 J22 J33 J37 M35: slots, places, trees, bounds, pauses, cancels, stops,
// gates and borrowed slots, in any order.
#[test]
fn trees_keep_the_invariants_and_come_to_their_end() {
    let usual = ProptestConfig::default();
    let config = ProptestConfig {
        cases: usual.cases.max(TREES),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..usual
    };
    let strategy = (shape(), proptest::collection::vec(step(), 1..120));
    let mut runner = TestRunner::new(config);
    let result = runner.run(&strategy, |(shape, steps)| {
        run(shape, &steps);
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Abort(why)) => panic!("{why}"),
        Err(TestError::Fail(why, (shape, steps))) => {
            let steps: Vec<String> = steps.iter().map(|step| format!("{step:?}")).collect();
            panic!("{why}\nhost: {shape:?}\nsteps:\n{}", steps.join("\n"))
        }
    }
}
