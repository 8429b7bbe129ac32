//! The scanner of values, against what others take to read the same bytes: into a tree, into
//! one that borrows, and past them.

use crate::samples::samples;
use crate::{Result, check};
use criterion::{Criterion, Throughput};
use serde::de::IgnoredAny;
use std::hint::black_box;
use wodehost::Value;
use wodehost::value::{ScanLimits, scan};

/// More than every sample has.
const LIMITS: ScanLimits = ScanLimits {
    bytes_max: 2 << 20,
    depth_max: ScanLimits::DEPTH_CAP,
};

pub(crate) fn bench(criterion: &mut Criterion) -> Result<()> {
    let mut values = vec![("a binary of 1 MiB", Value::bin(&vec![7; 1 << 20]))];
    for (name, sample) in samples() {
        values.push((name, Value::of(&sample)?));
    }
    for (name, value) in values {
        let bytes = value.as_bytes();
        show(bytes)?;
        let mut group = criterion.benchmark_group(format!("scan/{name}"));
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function("wodehost", |b| {
            b.iter(|| scan(black_box(bytes), &LIMITS).is_ok());
        });
        group.bench_function("rmp-serde, ignoring it", |b| {
            b.iter(|| rmp_serde::from_slice::<IgnoredAny>(black_box(bytes)).is_ok());
        });
        group.bench_function("rmpv, borrowing", |b| {
            b.iter(|| rmpv::decode::read_value_ref(&mut black_box(bytes)));
        });
        group.bench_function("rmpv", |b| {
            b.iter(|| rmpv::decode::read_value(&mut black_box(bytes)));
        });
        group.finish();
    }
    Ok(())
}

/// All of them take the bytes, and not all but the last one.
fn show(bytes: &[u8]) -> Result<()> {
    let cut = &bytes[..bytes.len() - 1];
    let readers: [fn(&[u8]) -> bool; 4] = [
        |bytes| scan(bytes, &LIMITS).is_ok(),
        |bytes| rmp_serde::from_slice::<IgnoredAny>(bytes).is_ok(),
        |mut bytes| rmpv::decode::read_value_ref(&mut bytes).is_ok() && bytes.is_empty(),
        |mut bytes| rmpv::decode::read_value(&mut bytes).is_ok() && bytes.is_empty(),
    ];
    for is_read in readers {
        check(is_read(bytes), "a sample is not read")?;
        check(!is_read(cut), "a sample that is cut off is read")?;
    }
    Ok(())
}
