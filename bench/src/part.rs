//! A part of the run: what is measured together, and what it is compared with.

use crate::series::{Series, Unit};
use crate::table::{Against, Comparison, Reach};
use std::error::Error;
use std::time::Duration;

/// How a part is measured: with about so many jobs, a list of samples for each of its series.
pub(crate) type Measure<'a> = Box<dyn FnMut(u64) -> Result<Vec<Vec<f64>>, Box<dyn Error>> + 'a>;

/// When a part has its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// In every round.
    EachRound,
    /// Once, after all rounds.
    Once,
    /// Once, and not in a quick run: it takes long.
    OnceInFull,
}

/// What is measured together.
pub(crate) struct Part<'a> {
    pub(crate) series: Vec<Series>,
    pub(crate) comparisons: Vec<Comparison>,
    pub(crate) turn: Turn,
    pub(crate) measure: Measure<'a>,
}

impl<'a> Part<'a> {
    /// Jobs a second of one way to run them, in every round.
    pub(crate) fn rate(
        name: impl Into<String>,
        measure: impl Fn(u64) -> Result<Duration, Box<dyn Error>> + 'a,
    ) -> Part<'a> {
        Part::rate_of("jobs", name, measure)
    }

    /// The same for things that are not jobs.
    pub(crate) fn rate_of(
        what: &'static str,
        name: impl Into<String>,
        measure: impl Fn(u64) -> Result<Duration, Box<dyn Error>> + 'a,
    ) -> Part<'a> {
        let measure = move |count| Ok(vec![vec![count as f64 / measure(count)?.as_secs_f64()]]);
        Part::of(
            [Series::new(name, Unit::PerSecond(what))],
            Turn::EachRound,
            measure,
        )
    }

    /// Any number of series that are measured at the same time.
    pub(crate) fn of(
        series: impl IntoIterator<Item = Series>,
        turn: Turn,
        measure: impl FnMut(u64) -> Result<Vec<Vec<f64>>, Box<dyn Error>> + 'a,
    ) -> Part<'a> {
        Part {
            series: series.into_iter().collect(),
            comparisons: Vec::new(),
            turn,
            measure: Box::new(measure),
        }
    }

    /// A series that cannot be measured here, and why.
    pub(crate) fn missing(name: impl Into<String>, unit: Unit, reason: String) -> Part<'a> {
        let series = Series {
            missing: Some(reason),
            ..Series::new(name, unit)
        };
        Part::of([series], Turn::Once, |_| Ok(vec![Vec::new()]))
    }

    /// Compares its first series with another series.
    #[must_use]
    pub(crate) fn against(self, other: impl Into<String>, reach: Reach) -> Part<'a> {
        let ours = self
            .series
            .first()
            .map_or_else(String::new, |series| series.name.clone());
        self.compared(ours, Against::Series(other.into()), reach)
    }

    /// Compares one of its series, by its name, with the most that the design lets it be.
    #[must_use]
    pub(crate) fn within(self, ours: impl Into<String>, most: f64) -> Part<'a> {
        let limit = Against::Figure("the design's limit", most);
        self.compared(ours, limit, Reach::AtMost(1.0))
    }

    /// Compares one of its series, by its name.
    #[must_use]
    pub(crate) fn compared(
        mut self,
        ours: impl Into<String>,
        against: Against,
        reach: Reach,
    ) -> Part<'a> {
        self.comparisons.push(Comparison {
            ours: ours.into(),
            against,
            reach,
        });
        self
    }

    /// Measures it and keeps the samples.
    pub(crate) fn take_turn(&mut self, jobs: u64) -> Result<(), Box<dyn Error>> {
        let found = (self.measure)(jobs)?;
        for (series, samples) in self.series.iter_mut().zip(found) {
            series.samples.extend(samples);
        }
        Ok(())
    }

    fn is_named(&self, part_of_name: &str) -> bool {
        let wanted = part_of_name.to_lowercase();
        let mut names = self.series.iter().map(|series| &series.name);
        names.any(|name| name.to_lowercase().contains(&wanted))
    }
}

/// The names of all that is measured, a line each.
pub(crate) fn names(parts: &[Part<'_>]) -> String {
    let series = parts.iter().flat_map(|part| &part.series);
    let names: Vec<String> = series.map(|series| format!("  {}", series.name)).collect();
    names.join("\n")
}

/// Those whose names have this in them, in letters of either case, and what they are compared with.
pub(crate) fn chosen<'a>(parts: Vec<Part<'a>>, part_of_name: &str) -> Vec<Part<'a>> {
    let named = parts.iter().filter(|part| part.is_named(part_of_name));
    let compared: Vec<String> = named
        .flat_map(|part| &part.comparisons)
        .flat_map(|comparison| {
            let theirs = match &comparison.against {
                Against::Series(name) => Some(name.clone()),
                Against::Figure(..) => None,
            };
            // A peer's part says itself with what of ours it is compared.
            [Some(comparison.ours.clone()), theirs]
        })
        .flatten()
        .collect();
    let is_compared = |part: &Part<'_>| {
        part.series
            .iter()
            .any(|series| compared.contains(&series.name))
    };
    let mut parts = parts;
    parts.retain(|part| part.is_named(part_of_name) || is_compared(part));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(name: &str) -> Part<'_> {
        Part::rate(name, |_| Ok(Duration::from_secs(2)))
    }

    #[test]
    fn a_chosen_part_brings_its_peer_along() {
        let parts = || {
            vec![
                rate("bare"),
                rate("whole").against("bare", Reach::AtLeast(0.7)),
                rate("other"),
            ]
        };
        let names = |parts: Vec<Part<'_>>| -> Vec<String> {
            parts
                .iter()
                .map(|part| part.series[0].name.clone())
                .collect()
        };
        assert_eq!(names(chosen(parts(), "whole")), ["bare", "whole"]);
        assert_eq!(names(chosen(parts(), "BARE")), ["bare"]);
        assert!(chosen(parts(), "none").is_empty());
        let mut parts = parts();
        let theirs = Against::Series("theirs".to_owned());
        parts.push(rate("theirs").compared("whole", theirs, Reach::AtLeast(2.0)));
        assert_eq!(names(chosen(parts, "theirs")), ["whole", "theirs"]);
    }

    #[test]
    fn a_turn_adds_a_sample() -> Result<(), Box<dyn Error>> {
        let mut part = rate("any");
        part.take_turn(100)?;
        part.take_turn(200)?;
        assert_eq!(part.series[0].samples, [50.0, 100.0]);
        Ok(())
    }
}
