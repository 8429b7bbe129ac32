//! One row of the report: rounds of a measurement, and what they are compared with.

use serde_json::json;
use std::fmt::Write as _;

/// Rounds of one measurement, in jobs per second.
#[derive(Debug)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) name: String,
    /// Threads or slots.
    pub(crate) width: usize,
    /// The row it is compared with, by name and width.
    pub(crate) against: Option<(String, usize)>,
    /// What the ratio is to reach.
    pub(crate) reach: Option<f64>,
    /// Jobs per second, a figure for each round.
    pub(crate) rounds: Vec<f64>,
}

impl Row {
    fn sorted(&self) -> Vec<f64> {
        let mut rounds = self.rounds.clone();
        rounds.sort_by(f64::total_cmp);
        rounds
    }

    /// Minimum, median, maximum.
    #[must_use]
    pub(crate) fn spread(&self) -> (f64, f64, f64) {
        let rounds = self.sorted();
        let at = |i: usize| rounds.get(i).copied().unwrap_or_default();
        (
            at(0),
            at(rounds.len() / 2),
            at(rounds.len().saturating_sub(1)),
        )
    }

    /// The median of the rounds' ratios to another row: each round is compared with
    /// its neighbour in time, because machines are shared.
    #[must_use]
    pub(crate) fn ratio(&self, other: &Row) -> f64 {
        let pairs = self.rounds.iter().zip(&other.rounds);
        let mut ratios: Vec<f64> = pairs.map(|(a, b)| a / b).collect();
        ratios.sort_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied().unwrap_or_default()
    }
}

/// All rows of a run.
#[derive(Debug, Default)]
pub(crate) struct Table(pub(crate) Vec<Row>);

impl Table {
    fn compared(&self, row: &Row) -> Option<f64> {
        let (name, width) = row.against.as_ref()?;
        let other = self
            .0
            .iter()
            .find(|other| other.name == *name && other.width == *width)?;
        Some(row.ratio(other))
    }

    /// The table in Markdown.
    #[must_use]
    pub(crate) fn markdown(&self) -> String {
        let mut out = String::from(
            "| what | width | jobs/s min | median | max | µs a job | ratio | against | reach |\n\
             |---|---|---|---|---|---|---|---|---|\n",
        );
        for row in &self.0 {
            let (min, median, max) = row.spread();
            let ratio = self
                .compared(row)
                .map_or(String::new(), |r| format!("{r:.2}"));
            let against = row
                .against
                .as_ref()
                .map_or(String::new(), |(n, w)| format!("{n}, {w}"));
            let reach = row.reach.map_or(String::new(), |r| {
                format!("≥ {}", (r * 100.0).round() / 100.0)
            });
            let _ = writeln!(
                out,
                "| {} | {} | {min:.0} | {median:.0} | {max:.0} | {:.2} | {ratio} | {against} | {reach} |",
                row.name,
                row.width,
                1e6 / median,
            );
        }
        out
    }

    /// The table as JSON.
    #[must_use]
    pub(crate) fn json(&self) -> serde_json::Value {
        let rows: Vec<_> = self
            .0
            .iter()
            .map(|row| {
                let (min, median, max) = row.spread();
                json!({
                    "what": row.name, "width": row.width,
                    "jobs_per_second": {"min": min, "median": median, "max": max},
                    "ratio": self.compared(row), "reach": row.reach,
                    "against": row.against.as_ref().map(|(n, w)| format!("{n}, {w}")),
                    "rounds": row.rounds,
                })
            })
            .collect();
        json!({"schema": 1, "rows": rows})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, rounds: &[f64]) -> Row {
        Row {
            name: name.to_owned(),
            width: 1,
            against: None,
            reach: None,
            rounds: rounds.to_vec(),
        }
    }

    #[test]
    fn ratios_are_of_neighbours_in_time() {
        let ours = row("ours", &[50.0, 5.0, 60.0]);
        let peer = row("peer", &[100.0, 10.0, 100.0]);
        assert!((ours.ratio(&peer) - 0.5).abs() < 1e-9);
        let (min, median, max) = ours.spread();
        assert!(
            (min - 5.0).abs() < 1e-9 && (median - 50.0).abs() < 1e-9 && (max - 60.0).abs() < 1e-9
        );
    }
}
