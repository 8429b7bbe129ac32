//! A value that a job emitted, as `map --emits` writes it.

use super::finished::of_place;
use crate::input::Place;
use wodehost::Value;
use wodehost::value::EMIT_KEY;

/// See the module.
#[derive(Debug)]
pub(crate) struct Emitted {
    /// The job's place in the input.
    pub(crate) place: Place,
    /// Which item of a parallel job it was, from 1; 0 = the job is none.
    pub(crate) part: u64,
    /// The attempt.
    pub(crate) attempt: u32,
    /// Its number in the attempt, from 1.
    pub(crate) seq: u64,
    /// The value.
    pub(crate) value: Value,
}

impl Emitted {
    /// The record among the results.
    pub(crate) fn record(&self) -> Value {
        let part = (self.part > 0).then(|| ("part", Value::from(self.part)));
        let fields = [of_place(self.place)].into_iter().chain(part).chain([
            ("attempt", Value::from(u64::from(self.attempt))),
            ("seq", Value::from(self.seq)),
            ("value", self.value.clone()),
        ]);
        Value::map([(EMIT_KEY, Value::map(fields))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // A3
    #[test]
    fn a_record_says_of_what_in_the_input_it_is() {
        let mut emitted = Emitted {
            place: Place::Line(3),
            part: 0,
            attempt: 1,
            seq: 2,
            value: Value::from("a"),
        };
        let record = emitted.record();
        assert!(record.is_emit());
        assert_eq!(
            record.to_json(),
            r#"{"$emit":{"line":3,"attempt":1,"seq":2,"value":"a"}}"#
        );
        (emitted.place, emitted.part) = (Place::Item(4), 5);
        assert_eq!(
            emitted.record().to_json(),
            r#"{"$emit":{"item":4,"part":5,"attempt":1,"seq":2,"value":"a"}}"#
        );
    }
}
