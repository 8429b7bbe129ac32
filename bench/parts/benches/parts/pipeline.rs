//! The stages of a job, against the same natively: each takes a thousand elements through a
//! small plugin in Rust. The job's own attempt, which only hands the elements on, is in all
//! figures.

use crate::{Result, check, guests, or_end};
use criterion::{Criterion, Throughput};
use serde::{Deserialize, Serialize};
use std::cell::LazyCell;
use std::hint::black_box;
use wodehost::task::{Builtin, Pipeline, Stage};
use wodehost::{Host, Runtime, RuntimeConfig, Value};

const ELEMENTS: u64 = 1000;

/// Which stages a job has.
#[derive(Clone, Copy, Default)]
struct Stages {
    filter: bool,
    sort: bool,
    post: bool,
}

const CASES: [(&str, Stages); 5] = [
    (
        "no stage",
        Stages {
            filter: false,
            sort: false,
            post: false,
        },
    ),
    (
        "filter",
        Stages {
            filter: true,
            sort: false,
            post: false,
        },
    ),
    (
        "sort key and sort",
        Stages {
            filter: false,
            sort: true,
            post: false,
        },
    ),
    (
        "post",
        Stages {
            filter: false,
            sort: false,
            post: true,
        },
    ),
    (
        "all of them",
        Stages {
            filter: true,
            sort: true,
            post: true,
        },
    ),
];

pub(crate) fn bench(criterion: &mut Criterion) {
    let line = LazyCell::new(|| or_end(Line::new()));
    for (name, stages) in CASES {
        let mut group = criterion.benchmark_group(format!("pipeline/{name}"));
        group.throughput(Throughput::Elements(ELEMENTS));
        group.bench_function("wodehost", |b| {
            or_end(line.show(stages));
            b.iter(|| or_end(line.run(stages)));
        });
        group.bench_function("native", |b| {
            b.iter(|| or_end(native(black_box(&line.data), stages)));
        });
        group.finish();
    }
}

/// An element of the data.
#[derive(Serialize, Deserialize)]
struct Element {
    score: i64,
    name: String,
}

/// Elements in no order.
fn elements() -> Vec<Element> {
    let element = |n: u64| Element {
        // Knuth's multiplier: any order will do.
        score: (n.wrapping_mul(6_364_136_223_846_793_005) >> 40).cast_signed(),
        name: format!("element {n}"),
    };
    (1..=ELEMENTS).map(element).collect()
}

/// A host with the plugins, and the data.
struct Line {
    host: Host,
    control: tokio::runtime::Runtime,
    data: Value,
}

impl Line {
    fn new() -> Result<Line> {
        let runtime = Runtime::new(RuntimeConfig::default())?;
        let mut host = Host::builder(&runtime).slots(1);
        for name in ["echo", "even_score", "score", "half"] {
            host = host.worker(guests::load(&runtime, &format!("examples/{name}"))?);
        }
        Ok(Line {
            host: host.build()?,
            control: tokio::runtime::Builder::new_current_thread().build()?,
            data: Value::of(&elements())?,
        })
    }

    /// What a job with these stages leaves.
    fn run(&self, stages: Stages) -> Result<Value> {
        let job = self.host.job("echo")?.argument(self.data.clone());
        let job = job.with(|options| options.pipeline = stages.pipeline());
        let outcome = self.control.block_on(job.submit()?);
        check(outcome.is_success(), "a job did not succeed")?;
        Ok(outcome.data)
    }

    /// It is what comes out natively.
    fn show(&self, stages: Stages) -> Result<()> {
        let expected = native(&self.data, stages)?;
        check(
            self.run(stages)? == expected,
            "the stages made something else",
        )
    }
}

impl Stages {
    fn pipeline(self) -> Pipeline {
        let worker = |name: &str, is_there: bool| is_there.then(|| Stage::Worker(name.into()));
        Pipeline {
            filter: worker("even_score", self.filter),
            sort_key: worker("score", self.sort),
            sort_cache_keys: self.sort,
            sort_op: self.sort.then_some(Stage::Builtin(Builtin::Less)),
            post: worker("half", self.post),
            ..Pipeline::default()
        }
    }
}

/// The same without a sandbox.
fn native(data: &Value, stages: Stages) -> Result<Value> {
    let mut elements: Vec<Element> = data.to()?;
    if stages.filter {
        elements.retain(|element| element.score % 2 == 0);
    }
    if stages.sort {
        elements.sort_by_key(|element| element.score);
    }
    if stages.post {
        elements.truncate(elements.len().div_ceil(2));
    }
    Ok(Value::of(&elements)?)
}
