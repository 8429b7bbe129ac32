//! What a finished job leaves: plain data.

use super::earlier::Earlier;
use super::receipts::Receipts;
use super::status::{Reason, Status};
use crate::job::JobId;
use crate::sandbox::Receipt;
use crate::value::{MapWriter, Value};
use std::sync::Arc;

/// What a finished job leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The job's id.
    pub id: JobId,
    /// The worker that the job was for.
    pub worker: Arc<str>,
    /// How it ended.
    pub status: Status,
    /// Why.
    pub reason: Reason,
    /// The result on success; the error value or the last carried state otherwise.
    pub data: Value,
    /// How many attempts were started.
    pub attempts: u32,
    /// The sentence for people; text in it that came from the guest is escaped.
    pub message: Option<String>,
    /// The end of what the guest wrote to stdout; as it came, not escaped.
    pub stdout: Option<String>,
    /// The end of what the guest wrote to stderr; as it came, not escaped.
    pub stderr: Option<String>,
    /// The end of what the guest logged, a line each: `info: text`; as it came, not escaped.
    pub log: Option<String>,
    /// The attempts before the last one, the latest [`EARLIER_MAX`](super::EARLIER_MAX).
    pub earlier: Vec<Earlier>,
    /// Where in the guest it trapped: function names from the top.
    pub backtrace: Vec<String>,
    /// What the attempts used.
    pub receipts: Receipts,
    /// The outcomes of a parallel job's items, in the order of its arguments.
    pub items: Vec<Outcome>,
    /// What went wrong in the worker that was to get this outcome (`finally`).
    pub finally_error: Option<String>,
}

impl Outcome {
    /// An outcome of no job, made by hand: a success with this data.
    #[must_use]
    pub fn success(data: Value) -> Outcome {
        Outcome {
            data,
            ..Outcome::without_attempt(JobId::NONE, "".into(), Reason::Returned, None)
        }
    }

    /// The outcome of a job that no attempt was started for.
    pub(crate) fn without_attempt(
        id: JobId,
        worker: Arc<str>,
        reason: Reason,
        message: Option<String>,
    ) -> Outcome {
        Outcome {
            id,
            worker,
            status: reason.status(),
            reason,
            data: Value::nil(),
            attempts: 0,
            message,
            stdout: None,
            stderr: None,
            log: None,
            earlier: Vec::new(),
            backtrace: Vec::new(),
            receipts: Receipts::default(),
            items: Vec::new(),
            finally_error: None,
        }
    }

    /// Whether the job succeeded.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status == Status::Success
    }

    /// Whether the job failed.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.status == Status::Failure
    }

    /// Whether the job was silent too long, or ran out of fuel or time.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.status == Status::Timeout
    }

    /// Whether the items of a parallel job ended in different ways, some well.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        self.status == Status::Mixed
    }

    /// Whether the job was refused because of its singleton key.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.status == Status::Rejected
    }

    /// Whether the job was stopped.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.status == Status::Cancelled
    }

    /// What else is known, as the contract's `more`: a map with `receipts`, `items`,
    /// `earlier` (attempts), `stdout`, `stderr`, `log`, `backtrace` and `finally-error`, where
    /// there are some.
    #[must_use]
    pub fn more(&self) -> Value {
        // Every consumer gets one with each outcome, nearly always of one receipt.
        let receipts = self.receipts.len();
        let mut out = Vec::with_capacity(16 + Receipt::BYTES * receipts);
        let mut fields = MapWriter::new(&mut out);
        if receipts > 0 {
            let out = fields.key("receipts");
            // Writing to a vector cannot fail.
            let _ = rmp::encode::write_array_len(out, receipts as u32);
            self.receipts.iter().for_each(|receipt| receipt.write(out));
        }
        let items = self.items.iter().map(Outcome::to_value);
        list(&mut fields, "items", items);
        let earlier = self.earlier.iter().map(Earlier::to_value);
        list(&mut fields, "earlier", earlier);
        for (key, text) in [
            ("stdout", &self.stdout),
            ("stderr", &self.stderr),
            ("log", &self.log),
            ("finally-error", &self.finally_error),
        ] {
            if let Some(text) = text {
                fields.text(key, text);
            }
        }
        let frames = self.backtrace.iter();
        let frames = frames.map(|frame| Value::from(frame.as_str()));
        list(&mut fields, "backtrace", frames);
        Value::trusted(out)
    }

    /// The whole outcome as a value with the keys of the contract's record; `more`'s
    /// keys stand beside them.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let more = self.more();
        let mut fields = vec![
            ("id", Value::from(self.id.to_string())),
            ("worker", Value::from(&*self.worker)),
            ("status", Value::from(self.status.as_str())),
            ("reason", Value::from(self.reason.to_string())),
            ("data", self.data.clone()),
            ("attempts", Value::from(self.attempts)),
        ];
        if let Some(message) = &self.message {
            fields.push(("message", Value::from(message.as_str())));
        }
        let entries: Vec<(Value, Value)> = more.entries().into_iter().flatten().collect();
        fields.extend(
            entries
                .iter()
                .filter_map(|(key, value)| Some((key.as_str()?, value.clone()))),
        );
        Value::map(fields)
    }
}

/// A pair whose value is an array; none where that would be empty.
fn list(map: &mut MapWriter<'_>, key: &str, values: impl ExactSizeIterator<Item = Value>) {
    if values.len() > 0 {
        let values: Vec<Value> = values.collect();
        map.key(key)
            .extend_from_slice(Value::array(&values).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_has_what_there_is_and_nothing_else() {
        let mut outcome = Outcome::success(Value::from(1));
        assert_eq!(outcome.more(), Value::empty_map());
        outcome.stdout = Some("out".to_owned());
        outcome.finally_error = Some("e".repeat(300));
        outcome.backtrace = vec!["top".to_owned(), "below".to_owned()];
        outcome.items = vec![Outcome::success(Value::nil()); 20];
        outcome
            .receipts
            .extend([Receipt::default(), Receipt::default()]);
        let item = Outcome::success(Value::nil()).to_value();
        let receipt = Receipt::default().to_value();
        let expected = Value::map([
            ("receipts", Value::array(&[receipt.clone(), receipt])),
            ("items", Value::array(&vec![item; 20])),
            ("stdout", Value::from("out")),
            ("finally-error", Value::from("e".repeat(300).as_str())),
            (
                "backtrace",
                Value::array(&[Value::from("top"), Value::from("below")]),
            ),
        ]);
        assert_eq!(outcome.more(), expected);
    }
}
