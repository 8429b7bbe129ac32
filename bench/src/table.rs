//! The report: series, and what they are compared with.

use crate::series::{Series, Spread, Unit};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// What a series is compared with.
#[derive(Debug, Clone)]
pub(crate) enum Against {
    /// Another series of the same run, by its name.
    Series(String),
    /// A figure that is not measured here, and what it is.
    Figure(&'static str, f64),
}

/// What is to be reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Reach {
    /// The ratio is at least that.
    AtLeast(f64),
    /// The ratio is at most that.
    AtMost(f64),
    /// Even the largest sample's ratio is at most that.
    MostAtMost(f64),
}

impl Reach {
    fn is_met(self, ratio: f64) -> bool {
        match self {
            Reach::AtLeast(bound) => ratio >= bound,
            Reach::AtMost(bound) | Reach::MostAtMost(bound) => ratio <= bound,
        }
    }

    fn show(self) -> String {
        match self {
            Reach::AtLeast(bound) => format!("≥ {bound}"),
            Reach::AtMost(bound) => format!("≤ {bound}"),
            Reach::MostAtMost(bound) => format!("≤ {bound}, the longest"),
        }
    }
}

/// A series, what it is compared with, and what the ratio is to reach.
#[derive(Debug, Clone)]
pub(crate) struct Comparison {
    /// The series' name.
    pub(crate) ours: String,
    pub(crate) against: Against,
    pub(crate) reach: Reach,
}

/// What is told of a comparison, or of a series that stands alone: names and figures.
struct Row<'a> {
    ours: (&'a str, String),
    against: Option<RowAgainst<'a>>,
}

struct RowAgainst<'a> {
    theirs: (&'a str, String),
    ratio: Option<f64>,
    reach: Reach,
}

impl RowAgainst<'_> {
    fn ratio(&self) -> String {
        self.ratio
            .map_or_else(|| "-".to_owned(), |ratio| Unit::Count("").show(ratio))
    }

    /// Whether it was reached; `None` = not measured.
    fn is_met(&self) -> Option<bool> {
        self.ratio.map(|ratio| self.reach.is_met(ratio))
    }
}

/// All that a run found.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) series: Vec<Series>,
    pub(crate) comparisons: Vec<Comparison>,
}

impl Table {
    fn series(&self, name: &str) -> Option<&Series> {
        self.series.iter().find(|series| series.name == name)
    }

    fn ratio(&self, comparison: &Comparison) -> Option<f64> {
        let ours = self.series(&comparison.ours)?;
        let spread = ours.spread()?;
        match &comparison.against {
            Against::Series(name) => ours.ratio(self.series(name)?),
            Against::Figure(_, figure) => Some(match comparison.reach {
                Reach::MostAtMost(_) => spread.most / figure,
                Reach::AtLeast(_) | Reach::AtMost(_) => spread.median / figure,
            }),
        }
    }

    /// What fell short: the names of its series.
    #[must_use]
    pub(crate) fn short(&self) -> Vec<String> {
        let fell_short = |comparison: &&Comparison| {
            let ratio = self.ratio(comparison);
            ratio.is_some_and(|ratio| !comparison.reach.is_met(ratio))
        };
        let short = self.comparisons.iter().filter(fell_short);
        short.map(|comparison| comparison.ours.clone()).collect()
    }

    /// A row for each comparison, and then one for each series that stands alone.
    fn rows(&self) -> Vec<Row<'_>> {
        let compared = self.comparisons.iter().filter_map(|comparison| {
            let ours = self.series(&comparison.ours)?;
            let theirs = match &comparison.against {
                Against::Series(name) => {
                    let spread = self.series(name).map_or_else(String::new, spread);
                    (name.as_str(), spread)
                }
                Against::Figure(name, figure) => (*name, ours.unit.show(*figure)),
            };
            Some(Row {
                ours: (&ours.name, spread(ours)),
                against: Some(RowAgainst {
                    theirs,
                    ratio: self.ratio(comparison),
                    reach: comparison.reach,
                }),
            })
        });
        let alone = self.series.iter().filter(|series| self.is_alone(series));
        let alone = alone.map(|series| Row {
            ours: (&series.name, spread(series)),
            against: None,
        });
        compared.chain(alone).collect()
    }

    /// For a page: a line for each row.
    #[must_use]
    pub(crate) fn markdown(&self) -> String {
        let mut out = String::from(
            "| what | median (min–max) | against | median (min–max) | ratio | reach | reached |\n\
             |---|---|---|---|---|---|---|\n",
        );
        for Row { ours, against } in self.rows() {
            let _ = write!(out, "| {} | {} |", ours.0, ours.1);
            let _ = match against {
                Some(against) => writeln!(
                    out,
                    " {} | {} | {} | {} | {} |",
                    against.theirs.0,
                    against.theirs.1,
                    against.ratio(),
                    against.reach.show(),
                    match against.is_met() {
                        Some(true) => "yes",
                        Some(false) => "**no**",
                        None => "not measured",
                    },
                ),
                None => writeln!(out, "  |  |  |  |  |"),
            };
        }
        out
    }

    /// For a terminal: whether it was reached, our figure, and below it what share of which other
    /// one it is.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        for Row { ours, against } in self.rows() {
            let (name, figure) = ours;
            let reached = match against.as_ref().and_then(RowAgainst::is_met) {
                Some(true) => "yes",
                Some(false) => "NO",
                None => "",
            };
            let _ = writeln!(out, "{reached:5}{name}: {figure}");
            if let Some(against) = against {
                let (name, figure) = &against.theirs;
                let (ratio, reach) = (against.ratio(), against.reach.show());
                let _ = writeln!(out, "{:5}{ratio} ({reach}) of {name}: {figure}", "");
            }
        }
        out
    }

    fn is_alone(&self, series: &Series) -> bool {
        !self.comparisons.iter().any(|comparison| {
            comparison.ours == series.name
                || matches!(&comparison.against, Against::Series(name) if *name == series.name)
        })
    }

    /// The table as JSON.
    #[must_use]
    pub(crate) fn json(&self) -> Value {
        let series: Vec<Value> = self.series.iter().map(Series::json).collect();
        let comparisons: Vec<Value> = self
            .comparisons
            .iter()
            .map(|comparison| {
                let ratio = self.ratio(comparison);
                let (against, figure) = match &comparison.against {
                    Against::Series(name) => (name.as_str(), None),
                    Against::Figure(name, figure) => (*name, Some(figure)),
                };
                json!({
                    "what": comparison.ours, "against": against, "figure": figure, "ratio": ratio,
                    "reach": comparison.reach.show(),
                    "reached": ratio.map(|ratio| comparison.reach.is_met(ratio)),
                })
            })
            .collect();
        json!({"schema": 2, "series": series, "comparisons": comparisons})
    }
}

/// Median, least and most of a series, or why there is none.
fn spread(series: &Series) -> String {
    let show = |sample| series.unit.show(sample);
    match (series.spread(), &series.missing) {
        (Some(Spread { median, .. }), _) if series.samples.len() == 1 => show(median),
        (
            Some(Spread {
                least,
                median,
                most,
            }),
            _,
        ) => {
            format!(
                "{} ({}–{})",
                show(median),
                bare(series.unit, least),
                bare(series.unit, most)
            )
        }
        (None, Some(reason)) => format!("not measured: {reason}"),
        (None, None) => "not measured".to_owned(),
    }
}

/// Within brackets, a rate says its unit only once.
fn bare(unit: Unit, sample: f64) -> String {
    match unit {
        Unit::PerSecond(_) | Unit::Count(_) => Unit::Count("").show(sample),
        Unit::Time | Unit::Bytes => unit.show(sample),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(ours: &[f64], theirs: &[f64], reach: Reach) -> Table {
        let series = |name: &str, samples: &[f64]| Series {
            samples: samples.to_vec(),
            ..Series::new(name, Unit::PerSecond("jobs"))
        };
        Table {
            series: vec![series("ours", ours), series("theirs", theirs)],
            comparisons: vec![Comparison {
                ours: "ours".to_owned(),
                against: Against::Series("theirs".to_owned()),
                reach,
            }],
        }
    }

    #[test]
    fn a_line_says_what_was_reached() {
        let reached = table(&[50.0], &[100.0], Reach::AtLeast(0.5));
        let line = "| ours | 50 jobs/s | theirs | 100 jobs/s | 0.5 | ≥ 0.5 | yes |";
        assert!(reached.markdown().contains(line), "{}", reached.markdown());
        assert!(reached.short().is_empty());
        let short = table(&[50.0], &[100.0], Reach::AtLeast(0.7));
        assert!(short.markdown().contains("| **no** |"));
        let text = "NO   ours: 50 jobs/s\n     0.5 (≥ 0.7) of theirs: 100 jobs/s\n";
        assert_eq!(short.text(), text);
        assert_eq!(short.short(), ["ours"]);
        assert_eq!(short.json()["comparisons"][0]["reached"], false);
    }

    #[test]
    fn a_peer_that_cannot_be_had_falls_short_of_nothing() {
        let mut table = table(&[50.0], &[], Reach::AtLeast(0.5));
        if let Some(peer) = table.series.last_mut() {
            peer.missing = Some("no perl".to_owned());
        }
        let markdown = table.markdown();
        assert!(
            markdown.contains("| theirs | not measured: no perl |"),
            "{markdown}"
        );
        assert!(table.short().is_empty());
    }

    #[test]
    fn the_longest_can_be_what_counts() {
        let limit = Against::Figure("a limit", 100.0);
        let mut table = table(&[50.0, 60.0, 120.0], &[1.0], Reach::AtMost(1.0));
        table.comparisons[0].against = limit;
        assert!(table.short().is_empty());
        table.comparisons[0].reach = Reach::MostAtMost(1.0);
        assert_eq!(table.short(), ["ours"]);
    }
}
