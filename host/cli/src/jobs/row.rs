//! A job in a list: as a row for people, and as a value.

use super::SCHEMA;
use crate::grid::{Column, Grid};
use crate::shown;
use crate::top::words::seconds;
use std::fmt::Write as _;
use wodehost::store::{Key, Listed, Standing, Summary};
use wodehost::units::{Unit, grouped};
use wodehost::value::escape_for_people;
use wodehost::{JobId, Status, Value};

/// Characters of a text that are shown.
const CHARS_MAX: usize = 60;

const COLUMNS: &[Column] = &[
    Column::text("JOB", 0),
    Column::text("WORKER", 1),
    Column::text("STATE", 0),
    Column::number("TRIES", 4),
    Column::number("AGE", 2),
    Column::number("TOOK", 5),
    Column::number("SIZE", 7),
    Column::text("STREAM", 6),
    Column::text("KEY", 3),
    Column::text("ENDED", 0),
];

/// Where a job is, in the word of the flag.
pub(crate) fn state(standing: Standing) -> &'static str {
    match standing {
        Standing::Queued => "queued",
        Standing::Claimed => "running",
        Standing::Undelivered => "undelivered",
        Standing::Done => "done",
    }
}

/// A key as a value.
pub(crate) fn key(key: Option<&Key>) -> Value {
    match key {
        None => Value::nil(),
        Some(Key::Place(place)) => Value::from(*place),
        Some(Key::Text(text)) => Value::from(&**text),
    }
}

/// A number that may not be there.
pub(crate) fn maybe(number: Option<u64>) -> Value {
    number.map_or_else(Value::nil, Value::from)
}

/// A job of a list as a value.
pub(crate) fn value(id: JobId, job: &Listed) -> Value {
    let (status, reason) = match &job.ended {
        None => (Value::nil(), Value::nil()),
        Some((status, reason)) => (Value::from(status.as_str()), Value::from(reason.as_str())),
    };
    Value::map([
        ("id", Value::from(id.to_string())),
        ("worker", Value::from(&*job.worker)),
        ("stream", Value::from(&*job.stream)),
        ("key", key(job.key.as_ref())),
        ("state", Value::from(state(job.standing))),
        ("status", status),
        ("reason", reason),
        ("attempts", Value::from(job.attempts)),
        ("submitted_ms", Value::from(job.submitted_ms)),
        ("ended_ms", maybe(job.ended_ms)),
        ("value_bytes", Value::from(job.value_bytes)),
    ])
}

/// The same with the version of its shape, for a line of its own.
pub(crate) fn line(id: JobId, job: &Listed) -> Value {
    let value = value(id, job);
    let entries: Vec<(Value, Value)> = value.entries().into_iter().flatten().collect();
    let fields = entries
        .iter()
        .filter_map(|(key, value)| Some((key.as_str()?, value.clone())));
    Value::map([("schema", Value::from(SCHEMA))].into_iter().chain(fields))
}

/// How many there are, as a value.
pub(crate) fn summary_value(summary: &Summary) -> Value {
    Value::map([
        ("queued", Value::from(summary.queued)),
        ("running", Value::from(summary.claimed)),
        ("done", Value::from(summary.done)),
        ("dead", Value::from(summary.dead)),
        ("undelivered", Value::from(summary.undelivered)),
    ])
}

/// How many there are, in words.
pub(crate) fn summary(summary: &Summary) -> String {
    let all = summary.queued + summary.claimed + summary.done;
    let mut text = format!(
        "{}: {} queued, {} running, {} done",
        count(all),
        grouped(summary.queued),
        grouped(summary.claimed),
        grouped(summary.done)
    );
    let parts = [(summary.dead, "dead"), (summary.undelivered, "undelivered")];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, word)| format!("{} {word}", grouped(count)))
        .collect();
    if !parts.is_empty() {
        let _ = write!(text, ", of them {}", parts.join(" and "));
    }
    text
}

/// So many jobs.
pub(crate) fn count(jobs: u64) -> String {
    match jobs {
        1 => "1 job".to_owned(),
        jobs => format!("{} jobs", grouped(jobs)),
    }
}

/// Jobs as a table of so many columns.
pub(crate) fn table(jobs: &[(JobId, Listed)], now_ms: u64, room: usize) -> String {
    let rows: Vec<Vec<String>> = jobs
        .iter()
        .map(|(id, job)| cells(*id, job, now_ms))
        .collect();
    let grid = Grid::of(COLUMNS, rows.iter().map(Vec::as_slice));
    let layout = grid.layout(room);
    let mut text = String::new();
    let _ = writeln!(text, "{}", grid.head(&layout).trim_end());
    for row in &rows {
        let _ = writeln!(text, "{}", grid.line(row, &layout).trim_end());
    }
    text
}

fn cells(id: JobId, job: &Listed, now_ms: u64) -> Vec<String> {
    let escaped = |text: &str| escape_for_people(text, CHARS_MAX);
    let dash = || "-".to_owned();
    let ended = match &job.ended {
        None => dash(),
        Some((Status::Success, _)) => Status::Success.to_string(),
        Some((status, reason)) => format!("{status} {}", shown::text(reason)),
    };
    let took = job
        .ended_ms
        .map(|ended| ended.saturating_sub(job.submitted_ms));
    vec![
        id.to_string(),
        escaped(&job.worker),
        state(job.standing).to_owned(),
        job.attempts.to_string(),
        seconds(now_ms.saturating_sub(job.submitted_ms)),
        took.map_or_else(dash, seconds),
        Unit::Bytes.about(job.value_bytes).replace(" bytes", " B"),
        escaped(&job.stream),
        key_text(job.key.as_ref()).unwrap_or_else(dash),
        ended,
    ]
}

/// A key for people.
pub(crate) fn key_text(key: Option<&Key>) -> Option<String> {
    Some(match key? {
        Key::Place(place) => place.to_string(),
        Key::Text(text) => escape_for_people(text, CHARS_MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(number: u64) -> (JobId, Listed) {
        let job = Listed {
            number,
            worker: "scale\u{1b}[2J".into(),
            stream: "map/scale".into(),
            key: Some(Key::Text("'; DROP TABLE jobs; --".into())),
            standing: Standing::Undelivered,
            ended: Some((Status::Failure, "trap:unreachable".to_owned())),
            attempts: 2,
            submitted_ms: 10_000,
            ended_ms: Some(12_500),
            value_bytes: 4096,
        };
        let host = "k3f9ax".parse().expect("an id");
        (JobId::new(host, number), job)
    }

    #[test]
    fn a_table_fits_and_steers_nothing() {
        let jobs = [listed(7)];
        assert_eq!(
            table(&jobs, 75_000, 4096),
            "JOB      WORKER       STATE       TRIES   AGE TOOK  SIZE STREAM    KEY                    ENDED\n\
             k3f9ax-7 scale\\x1b[2J undelivered     2 1m05s   2s 4 KiB map/scale '; DROP TABLE jobs; -- failure trap:unreachable\n"
        );
        assert_eq!(
            table(&jobs, 75_000, 70),
            "JOB      WORKER       STATE         AGE ENDED\n\
             k3f9ax-7 scale\\x1b[2J undelivered 1m05s failure trap:unreachable\n"
        );
    }

    #[test]
    fn a_row_for_programs_has_all_of_it() {
        let (id, job) = listed(7);
        assert_eq!(
            line(id, &job).to_json(),
            r#"{"schema":1,"id":"k3f9ax-7","worker":"scale\u001b[2J","stream":"map/scale","key":"'; DROP TABLE jobs; --","state":"undelivered","status":"failure","reason":"trap:unreachable","attempts":2,"submitted_ms":10000,"ended_ms":12500,"value_bytes":4096}"#
        );
    }

    #[test]
    fn the_last_line_says_how_many_there_are() {
        let all = Summary {
            queued: 3,
            claimed: 1,
            done: 1200,
            dead: 4,
            undelivered: 2,
        };
        assert_eq!(
            summary(&all),
            "1,204 jobs: 3 queued, 1 running, 1,200 done, of them 4 dead and 2 undelivered"
        );
        assert_eq!(
            summary(&Summary::default()),
            "0 jobs: 0 queued, 0 running, 0 done"
        );
    }
}
