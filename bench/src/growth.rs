//! How figures grow: with slots, with jobs that wait, with the size of values, with the depth of
//! nested jobs, with the number of plugins.

use crate::point::{Found, Point};
use crate::series::Unit;
use serde_json::{Value, json};
use std::error::Error;
use std::fmt::Write as _;

/// What one thing does to jobs a second and to memory.
pub(crate) struct Curve {
    /// A short name, for files.
    pub(crate) name: &'static str,
    /// What grows.
    pub(crate) what: &'static str,
    /// What the memory is of.
    pub(crate) memory: Memory,
    /// Where it is measured, in order.
    places: Vec<Place>,
}

/// What the memory of a curve is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Memory {
    /// The most of the whole process.
    Peak,
    /// What each of what grows holds.
    Each,
}

struct Place {
    x: f64,
    point: Point,
    jobs: u64,
    found: Vec<Found>,
}

/// Median figures at one place of a curve.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) x: f64,
    /// Jobs a second.
    pub(crate) rate: f64,
    /// Bytes.
    pub(crate) memory: f64,
}

/// Bytes of all values of a round of large ones.
const VALUE_BYTES: u64 = 1 << 30;

/// All curves, not measured yet; `jobs` in each place where they are small.
pub(crate) fn curves(jobs: u64) -> Vec<Curve> {
    let curve = |name, what, memory, xs: &[u64], place: &dyn Fn(u64) -> (Point, u64)| Curve {
        name,
        what,
        memory,
        places: xs.iter().map(|&x| Place::new(x, place(x))).collect(),
    };
    let doubling: Vec<u64> = (0..7).map(|power| 1 << power).collect();
    let sizes: Vec<u64> = [3, 7, 10, 13, 16, 18, 20, 22, 24]
        .map(|power| 1 << power)
        .to_vec();
    let whole = |slots, bytes| Point::Whole {
        slots,
        bytes,
        on_demand: false,
    };
    vec![
        curve("slots", "slots", Memory::Peak, &doubling, &|slots| {
            (whole(slots as u32, None), jobs)
        }),
        curve(
            "backlog",
            "jobs that wait",
            Memory::Each,
            &[1_000, 10_000, 100_000, 1_000_000],
            &|waiting| (Point::Backlog { waiting }, jobs),
        ),
        curve(
            "values",
            "bytes of a value",
            Memory::Peak,
            &sizes,
            &|bytes| {
                let jobs = (VALUE_BYTES / bytes).clamp(50, jobs);
                (whole(wodehost::default_slots(), Some(bytes as u32)), jobs)
            },
        ),
        curve(
            "depth",
            "depth of nested jobs",
            Memory::Peak,
            &doubling,
            &|depth| (Point::Chain { depth }, jobs / 2),
        ),
        curve(
            "plugins",
            "different plugins",
            Memory::Each,
            &[1, 10, 100, 1_000],
            &|count| {
                let point = Point::Plugins {
                    count: count as usize,
                };
                (point, jobs)
            },
        ),
    ]
}

impl Place {
    fn new(x: u64, (point, jobs): (Point, u64)) -> Place {
        Place {
            x: x as f64,
            point,
            jobs,
            found: Vec::new(),
        }
    }

    fn median(&self, of: impl Fn(&Found) -> f64) -> f64 {
        let mut all: Vec<f64> = self.found.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or_default()
    }
}

impl Curve {
    /// Measures each place once more.
    pub(crate) fn measure(&mut self) -> Result<(), Box<dyn Error>> {
        for place in &mut self.places {
            place.found.push(place.point.in_process(place.jobs)?);
        }
        Ok(())
    }

    /// The medians so far.
    #[must_use]
    pub(crate) fn figures(&self) -> Vec<Figures> {
        let memory = |found: &Found| match self.memory {
            Memory::Peak => found.peak as f64,
            Memory::Each => found.each.unwrap_or_default() as f64,
        };
        let figures = |place: &Place| Figures {
            x: place.x,
            rate: place.median(|found| found.rate()),
            memory: place.median(memory),
        };
        self.places.iter().map(figures).collect()
    }

    /// A table of the medians.
    #[must_use]
    pub(crate) fn markdown(&self) -> String {
        let memory = match self.memory {
            Memory::Peak => "most memory",
            Memory::Each => "memory of each",
        };
        let mut out = format!("| {} | median | {memory} |\n|---|---|---|\n", self.what);
        for figures in self.figures() {
            let _ = writeln!(
                out,
                "| {} | {} | {} |",
                Unit::Count("").show(figures.x),
                Unit::PerSecond("jobs").show(figures.rate),
                Unit::Bytes.show(figures.memory)
            );
        }
        out
    }

    /// For programs.
    #[must_use]
    pub(crate) fn json(&self) -> Value {
        let figures = self.figures();
        let figures = figures.iter().map(|figures| {
            json!({"x": figures.x, "jobs_per_second": figures.rate, "bytes": figures.memory})
        });
        json!({
            "name": self.name, "what": self.what, "points": figures.collect::<Vec<_>>(),
            "memory": match self.memory { Memory::Peak => "of the process", Memory::Each => "of each" },
        })
    }
}
