//! An attempt as the host makes it: a fresh store with every limit, an instance, the call of a
//! small worker in Rust, and the store is gone.

use crate::{Result, check, guests, or_end};
use criterion::{Criterion, Throughput};
use std::cell::LazyCell;
use std::time::{Duration, Instant};
use wodehost::bench::Attempts;
use wodehost::{Plugin, Runtime, RuntimeConfig, Value};

pub(crate) fn bench(criterion: &mut Criterion) {
    let worker = LazyCell::new(|| or_end(Worker::new()));
    let mut group = criterion.benchmark_group("attempt");
    group.throughput(Throughput::Elements(1));
    group.bench_function("double", |b| {
        b.iter_custom(|attempts| or_end(worker.run(attempts)));
    });
    group.finish();
}

struct Worker {
    plugin: Plugin,
    threads: tokio::runtime::Runtime,
    /// Has the ticker.
    _runtime: Runtime,
}

impl Worker {
    fn new() -> Result<Worker> {
        let runtime = Runtime::new(RuntimeConfig::default())?;
        let mut threads = tokio::runtime::Builder::new_current_thread();
        Ok(Worker {
            plugin: guests::load(&runtime, "double")?,
            threads: threads.enable_time().build()?,
            _runtime: runtime,
        })
    }

    /// How long so many attempts take.
    fn run(&self, attempts: u64) -> Result<Duration> {
        let (given, expected) = (Value::from(21), Value::from(42));
        self.threads.block_on(async {
            let mut made = Attempts::of(self.plugin.clone())?;
            let mut returned = 0;
            let began = Instant::now();
            for _ in 0..attempts {
                let answer = made.make(&given).await;
                returned += u64::from(answer.as_ref() == Some(&expected));
            }
            let elapsed = began.elapsed();
            check(returned == attempts, "an attempt did not return 42")?;
            Ok(elapsed)
        })
    }
}
