//! The scheduling machine: a job comes in, one ends and is delivered, the next one starts, with
//! more and more jobs that wait.

use crate::{Result, check, or_end};
use criterion::{BenchmarkId, Criterion, Throughput};
use std::cell::RefCell;
use std::hint::black_box;
use wodehost::bench::Turns;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("machine, one job");
    group.throughput(Throughput::Elements(1));
    for waiting in [10, 10_000, 1_000_000] {
        // Made when it is needed: a million jobs are many for whoever lists names.
        let turns = RefCell::new(None);
        let id = BenchmarkId::new("waiting", waiting);
        group.bench_function(id, |b| {
            let mut turns = turns.borrow_mut();
            let turns = turns.get_or_insert_with(|| or_end(shown(waiting)));
            b.iter(|| black_box(turns.turn()));
        });
    }
    group.finish();
}

/// A machine whose jobs start in the order in which they came.
fn shown(waiting: u64) -> Result<Turns> {
    let mut turns = Turns::with_waiting(waiting);
    for number in 2..=waiting + 2 {
        let started = turns.turn();
        check(started == Some(number), "jobs start in another order")?;
    }
    Ok(turns)
}
