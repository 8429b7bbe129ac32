//! The JSON mapping of values, against `serde_json` with its own tree and the same text.

use crate::samples::samples;
use crate::{Result, check};
use criterion::{Criterion, Throughput};
use serde_json::Value as Json;
use std::hint::black_box;
use wodehost::Value;
use wodehost::value::ScanLimits;

pub(crate) fn bench(criterion: &mut Criterion) -> Result<()> {
    for (name, sample) in samples() {
        let value = Value::of(&sample)?;
        let text = value.to_json();
        show(&sample, &value, &text)?;
        let mut group = criterion.benchmark_group(format!("to JSON/{name}"));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("wodehost", |b| b.iter(|| black_box(&value).to_json()));
        group.bench_function("serde_json", |b| {
            b.iter(|| serde_json::to_string(black_box(&sample)));
        });
        group.finish();
        let mut group = criterion.benchmark_group(format!("from JSON/{name}"));
        group.throughput(Throughput::Bytes(text.len() as u64));
        let limits = ScanLimits::default();
        group.bench_function("wodehost", |b| {
            b.iter(|| Value::from_json_slice(black_box(text.as_bytes()), &limits));
        });
        group.bench_function("serde_json", |b| {
            b.iter(|| serde_json::from_slice::<Json>(black_box(text.as_bytes())));
        });
        group.finish();
    }
    Ok(())
}

/// There and back is the same, for both.
fn show(sample: &Json, value: &Value, text: &str) -> Result<()> {
    let ours = Value::from_json(text)?;
    check(ours == *value, "a value comes back as another one")?;
    // Not the sample itself: what it reads as a float may be the neighbour.
    let theirs: Json = serde_json::from_str(text)?;
    let again: Json = serde_json::from_str(&serde_json::to_string(sample)?)?;
    check(again == theirs, "a text means something else to serde_json")
}
