//! Says that it answers the requests of `docs/conformance.md`, and answers `describe` and
//! `echo`, which makes an integer of each whole float. To all else it answers `"what?"`.

use rmpv::Value;
use wodehost_guest::worker;

#[worker]
fn conformance_flawed(job: Value) -> Value {
    let field = |name: &str| {
        let fields = job.as_map().map(Vec::as_slice).unwrap_or_default();
        let found = fields.iter().find(|(key, _)| key.as_str() == Some(name));
        found.map_or(Value::Nil, |(_, value)| value.clone())
    };
    match field("do").as_str() {
        Some("describe") => Value::Map(vec![
            ("conformance".into(), 1.into()),
            ("language".into(), "nowhere".into()),
            ("lacks".into(), Value::Array(vec!["cyclic".into()])),
        ]),
        Some("echo") => whole(field("with")),
        Some(_) | None => "what?".into(),
    }
}

/// What a language makes of a number that has but one kind.
fn whole(value: Value) -> Value {
    match value.as_f64() {
        Some(float) if !value.is_i64() && !value.is_u64() && float.fract() == 0.0 => {
            Value::from(float as i64)
        }
        _ => value,
    }
}
