//! How an input's value ended: as a job, or refused before it became one.

use crate::input::{Place, Refusal};
use wodehost::value::OUTCOME_KEY;
use wodehost::{Outcome, Reason, Status, Value};

/// See the module.
#[derive(Debug)]
pub(crate) enum Finished {
    /// A job ended.
    Job(Box<Outcome>),
    /// The input was no value that a job could have.
    Refused {
        /// Where in the input.
        place: Place,
        /// The worker it was meant for.
        worker: String,
        /// Why.
        refusal: Refusal,
    },
}

impl Finished {
    /// How it ended.
    pub(crate) fn status(&self) -> Status {
        match self {
            Finished::Job(outcome) => outcome.status,
            Finished::Refused { .. } => Status::Failure,
        }
    }

    /// Why.
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Finished::Job(outcome) => outcome.reason,
            Finished::Refused { refusal, .. } => refusal.reason,
        }
    }

    /// The worker.
    pub(crate) fn worker(&self) -> &str {
        match self {
            Finished::Job(outcome) => &outcome.worker,
            Finished::Refused { worker, .. } => worker,
        }
    }

    /// The sentence for people; where there is none, the data.
    pub(crate) fn message(&self) -> String {
        match self {
            Finished::Job(outcome) => outcome
                .message
                .clone()
                .unwrap_or_else(|| outcome.data.to_string()),
            Finished::Refused { refusal, .. } => refusal.message.clone(),
        }
    }

    /// The whole outcome. What was refused has the shape of one, so that a reader
    /// needs to know only one; its id is the place in the input.
    pub(crate) fn outcome(&self) -> Value {
        match self {
            Finished::Job(outcome) => outcome.to_value(),
            Finished::Refused {
                place,
                worker,
                refusal,
            } => Value::map([
                ("id", Value::from(place.to_string())),
                ("worker", Value::from(worker.as_str())),
                ("status", Value::from(Status::Failure.as_str())),
                ("reason", Value::from(refusal.reason.to_string())),
                ("data", Value::nil()),
                ("attempts", Value::from(0_u64)),
                ("message", Value::from(refusal.message.as_str())),
            ]),
        }
    }

    /// What `map` writes for it: the result, or in place of one the outcome.
    pub(crate) fn record(&self, always_outcome: bool) -> Value {
        match self {
            Finished::Job(outcome) if outcome.is_success() && !always_outcome => {
                outcome.data.clone()
            }
            Finished::Job(_) | Finished::Refused { .. } => {
                Value::map([(OUTCOME_KEY, self.outcome())])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_line_looks_like_an_outcome() {
        let refused = Finished::Refused {
            place: Place::Line(3),
            worker: "double".into(),
            refusal: Refusal {
                reason: Reason::BadValue,
                message: "a value expected, at line 3, column 1 ($)".into(),
            },
        };
        assert_eq!(
            refused.record(false).to_json(),
            r#"{"$outcome":{"id":"line 3","worker":"double","status":"failure","reason":"bad-value","data":null,"attempts":0,"message":"a value expected, at line 3, column 1 ($)"}}"#
        );
        assert!(refused.record(false).is_outcome());
    }
}
