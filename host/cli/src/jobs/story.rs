//! All that a store knows of a job, for people. Whatever may come from a guest is escaped, and
//! cut.

use super::record::Record;
use super::row::{key_text, state};
use crate::output::message;
use crate::shown;
use crate::top::words::seconds;
use std::fmt::Write as _;
use wodehost::store::{PastAttempt, Standing};
use wodehost::units::{Unit, grouped};
use wodehost::value::escape_for_people;
use wodehost::{Outcome, Reason, Receipt, Value};

/// Characters of a text that are shown.
const CHARS_MAX: usize = 300;

/// Children that are named.
const CHILDREN_MAX: usize = 20;

/// Puts one job into words.
pub(crate) struct Story<'a> {
    record: &'a Record,
    now_ms: u64,
    text: String,
}

impl<'a> Story<'a> {
    /// All that is known of a job.
    pub(crate) fn tell(record: &'a Record, now_ms: u64) -> String {
        let mut story = Story {
            record,
            now_ms,
            text: String::new(),
        };
        story.head();
        story.input();
        story.conditions();
        story.attempts();
        story.end();
        story.children();
        story.text
    }

    fn line(&mut self, name: &str, what: &str) {
        let _ = writeln!(self.text, "  {name:<10} {what}");
    }

    fn ago(&self, moment_ms: u64) -> String {
        format!("{} ago", seconds(self.now_ms.saturating_sub(moment_ms)))
    }

    fn head(&mut self) {
        let entry = &self.record.entry;
        let worker = escaped(&entry.job.worker);
        let how = match entry.done() {
            None => state(self.record.standing()).to_owned(),
            Some(done) => ending(&done.outcome),
        };
        let _ = writeln!(self.text, "{}: {worker}, {how}", self.record.id);
        let mut stream = escaped(&entry.job.stream);
        if let Some(key) = key_text(entry.job.key.as_ref()) {
            let _ = write!(stream, ", key {key}");
        }
        self.line("stream", &stream);
        if let Some(parent) = self.record.parent() {
            self.line("part of", &parent.to_string());
        }
        let submitted = self.ago(entry.job.submitted_ms);
        self.line("submitted", &submitted);
        if let Some(done) = entry.done() {
            let mut ended = self.ago(done.ended_ms);
            if self.record.standing() == Standing::Undelivered {
                ended.push_str(", nobody took its outcome yet");
            }
            self.line("ended", &ended);
        }
        let mut attempts = entry.attempts.to_string();
        if entry.lost > 0 {
            let _ = write!(attempts, ", {} of them lost with its host", entry.lost);
        }
        if entry.is_suspect {
            attempts.push_str("; it runs alone next");
        }
        self.line("attempts", &attempts);
        for (name, text) in [
            ("group", &entry.job.group),
            ("singleton", &entry.job.singleton),
        ] {
            if let Some(text) = text {
                self.line(name, &escaped(text));
            }
        }
    }

    fn input(&mut self) {
        let job = &self.record.entry.job;
        let size = Unit::Bytes.about(job.value.len() as u64);
        self.line("value", &format!("{} ({size})", job.value));
        if !job.said.is_nil() {
            self.line("options", &job.said.to_string());
        }
        if let Some(carried) = not_empty(self.record.entry.carried.clone()) {
            self.line("carried", &carried);
        }
    }

    fn conditions(&mut self) {
        let conditions = self.record.entry.job.conditions.value().clone();
        let said = PARTS.map(|name| (name, part(&conditions, name)));
        if said.iter().all(|(_, line)| line.is_none()) {
            return;
        }
        self.text.push_str("\nIt ran or will run under\n");
        for (name, line) in said {
            if let Some(line) = line {
                self.line(name, &line);
            }
        }
        let grants = grants(conditions.get("grants").as_ref());
        self.line("grants", &grants);
    }

    fn attempts(&mut self) {
        if self.record.past.is_empty() {
            return;
        }
        self.text.push_str("\nEarlier attempts\n");
        for past in &self.record.past {
            self.attempt(past);
        }
    }

    fn attempt(&mut self, past: &PastAttempt) {
        let earlier = &past.earlier;
        let mut line = earlier.reason.to_string();
        if let Some(message) = &earlier.message {
            let _ = write!(line, ": {}", escaped(message));
        }
        self.line(&earlier.attempt.to_string(), &line);
        if let Some(receipt) = &past.receipt {
            self.line("", &receipt_line(receipt));
        }
        if let Some(own) = &past.conditions {
            let now = self.record.entry.job.conditions.value().clone();
            for line in others(own.value(), &now) {
                self.line("", &format!("under {line}"));
            }
        }
        if past.is_reset {
            self.line("", "the state that it carried was forgotten then");
        }
    }

    fn end(&mut self) {
        let Some(done) = self.record.entry.done() else {
            return;
        };
        let outcome = &done.outcome;
        self.text.push_str("\nHow it ended\n");
        self.line("reason", &outcome.reason.to_string());
        if let Some(message) = message(outcome) {
            self.line("message", &escaped(&message));
        }
        if outcome.is_success() || !outcome.data.is_nil() {
            self.line("data", &outcome.data.to_string());
        }
        if let Some(receipt) = outcome.receipts.latest() {
            self.line("used", &receipt_line(receipt));
        }
        if let Some(error) = &outcome.finally_error {
            self.line("finally", &escaped(error));
        }
        if let Some(hint) = after(outcome) {
            self.line("hint", hint);
        }
    }

    fn children(&mut self) {
        let children = &self.record.children;
        if children.is_empty() {
            return;
        }
        let shown = children.iter().take(CHILDREN_MAX).map(ToString::to_string);
        let mut shown = shown.collect::<Vec<_>>().join(" ");
        if children.len() > CHILDREN_MAX {
            shown.push_str(" …");
        }
        let count = grouped(children.len() as u64);
        let _ = writeln!(
            self.text,
            "\nItems, and jobs that it submitted: {count}\n  {shown}"
        );
    }
}

fn escaped(text: &str) -> String {
    escape_for_people(text, CHARS_MAX)
}

/// What conditions say besides what was granted.
const PARTS: [&str; 4] = ["plugin", "profile", "options", "config"];

/// What conditions say of this.
fn part(conditions: &Value, name: &str) -> Option<String> {
    let value = conditions.get(name)?;
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), escaped);
    match name {
        "plugin" => Some(format!("sha256:{}", text(&value))),
        "profile" => Some(text(&value)),
        _ => not_empty(Some(value)),
    }
}

/// What an attempt ran under, as far as that is not what the job runs under `now`.
fn others(own: &Value, now: &Value) -> Vec<String> {
    let parts = PARTS.into_iter();
    let mut others: Vec<String> = parts
        .filter(|name| own.get(name) != now.get(name))
        .map(|name| {
            let said = part(own, name);
            format!("{name} {}", said.as_deref().unwrap_or("{}"))
        })
        .collect();
    if own.get("grants") != now.get("grants") {
        others.push(format!("grants {}", grants(own.get("grants").as_ref())));
    }
    others
}

/// How a job ended, in two words.
pub(crate) fn ending(outcome: &Outcome) -> String {
    if outcome.is_success() {
        return outcome.status.to_string();
    }
    format!("{} ({})", outcome.status, outcome.reason)
}

/// What to do about an end that has to do with the host's.
fn after(outcome: &Outcome) -> Option<&'static str> {
    let is_of_host = matches!(outcome.reason, Reason::Lost | Reason::Quarantined);
    is_of_host.then(|| outcome.reason.hint()).flatten()
}

/// A map that has something in it.
fn not_empty(value: Option<Value>) -> Option<String> {
    let value = value.filter(|value| *value != Value::empty_map())?;
    Some(value.to_string())
}

/// What was granted.
fn grants(grants: Option<&Value>) -> String {
    let entries = grants.and_then(Value::entries).into_iter().flatten();
    let mut parts = Vec::new();
    for (kind, what) in entries {
        let kind = kind.as_str().unwrap_or_default().to_owned();
        for one in what.elements().into_iter().flatten() {
            let one = one.as_str().map_or_else(|| one.to_string(), escaped);
            parts.push(format!("{} {one}", shown::text(&kind)));
        }
    }
    if parts.is_empty() {
        return "none".to_owned();
    }
    parts.join(", ")
}

/// What an attempt used.
fn receipt_line(receipt: &Receipt) -> String {
    let calls: u64 = receipt
        .host_calls
        .iter()
        .map(|calls| u64::from(*calls))
        .sum();
    let mut line = format!(
        "{}, {} in the guest, {} of memory, {} fuel, {} host calls",
        Unit::Time.about(receipt.wall_nanos),
        Unit::Time.about(receipt.guest_nanos),
        Unit::Bytes.about(receipt.memory_peak_bytes),
        grouped(receipt.fuel),
        grouped(calls),
    );
    if let Some((limit, percent)) = receipt.nearest {
        let _ = write!(line, "; nearest limit {} at {percent}%", limit.info().key);
    }
    line
}
