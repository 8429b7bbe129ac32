//! What options may say, and what is answered when they say something else.

use super::*;
use crate::task::option::{OPTIONS, OptionShape};
use crate::task::pipeline::{Builtin, Stage};
use crate::task::retry::Retries;
use std::time::Duration;

fn after(json: &str) -> Result<JobOptions, OptionsError> {
    let mut options = JobOptions::default();
    options.tighten(&Value::from_json(json).expect("JSON"))?;
    Ok(options)
}

fn said(json: &str) -> String {
    after(json).expect_err("not taken").to_string()
}

#[test]
fn the_table_is_in_the_order_of_the_enum() {
    for info in &OPTIONS {
        assert_eq!(info.option.info().key, info.key);
        assert_eq!(JobOption::by_key(info.key), Some(info.option));
        assert!(Limit::by_key(info.key).is_none(), "{}", info.key);
    }
}

#[test]
fn the_defaults_of_the_table_are_the_defaults() {
    let mut options = JobOptions::default();
    for info in OPTIONS.iter().filter(|info| !info.default.is_empty()) {
        let value = match info.shape {
            OptionShape::Env => Value::empty_map(),
            OptionShape::Count
            | OptionShape::Ends
            | OptionShape::Pause
            | OptionShape::Switch
            | OptionShape::Slots
            | OptionShape::Stage
            | OptionShape::On
            | OptionShape::Text
            | OptionShape::Integer
            | OptionShape::Worker => Value::from(info.default),
        };
        options.set(info.option, &value).expect("legal");
    }
    assert_eq!(options.retry.retries.count(), Retries::Unsaid.count());
    options.retry.retries = Retries::Unsaid;
    assert_eq!(options, JobOptions::default());
}

#[test]
fn texts_and_numbers_are_options() {
    let options =
        after(r#"{"keepalive": 0.25, "memory": "16MiB", "retries": 7, "priority": "-2"}"#)
            .expect("legal");
    assert_eq!(options.limits.get(Limit::Keepalive), 250_000_000);
    assert_eq!(options.limits.get(Limit::Memory), 16 << 20);
    assert_eq!(options.retry.retries, Retries::Of(7));
    assert_eq!(options.priority, -2);
}

#[test]
fn options_of_a_guest_only_tighten() {
    let options = after(r#"{"keepalive": "inf", "fuel": "20G"}"#).expect("legal");
    assert_eq!(options, JobOptions::default());
    let mut options = JobOptions::default();
    options.retry.retries = Retries::Of(2);
    options.retry.on.error = false;
    let more = Value::from_json(r#"{"retries": "inf", "retry-on": "trap,error"}"#).expect("JSON");
    options.tighten(&more).expect("legal");
    assert_eq!(options.retry.retries, Retries::Of(2));
    let on = options.retry.on;
    assert_eq!((on.timeout, on.trap, on.error), (false, true, false));
}

// M8 M27 M36 M37 M39
#[test]
fn every_option_can_be_said() {
    let options = after(
        r#"{"retries": "inf", "retry-on": ["timeout", "trap"], "backoff": "100ms..30s",
            "parallel": true, "unwrap": "true", "items": true, "flatten": true,
            "filter": "jq:.ok", "pre": "identity", "sort-key": "worker:key", "sort-op": ">",
            "sort-cache-keys": true, "post": "sum", "pipeline-on": "any",
            "singleton": "nightly", "group": "night", "priority": 3,
            "env": {"A": "1", "B": null}, "finally": "cleanup"}"#,
    )
    .expect("legal");
    assert_eq!(options.retry.retries, Retries::Unlimited);
    assert_eq!(
        (options.retry.on.timeout, options.retry.on.error),
        (true, false)
    );
    let backoff = options.retry.backoff.expect("a pause");
    assert_eq!(backoff.most, Duration::from_secs(30));
    assert!(options.spread.parallel && options.spread.unwrap && options.spread.items);
    assert_eq!(
        options.pipeline.sort_op,
        Some(Stage::Builtin(Builtin::Greater))
    );
    assert_eq!(options.pipeline.stages().count(), 5);
    assert_eq!(options.env.get("B"), Some(None));
    assert_eq!(options.finally.as_deref(), Some("cleanup"));
    let item = options.of_item();
    assert_eq!(item.retry, options.retry);
    assert_eq!((item.singleton, item.finally), (None, None));
    assert!(item.pipeline.is_empty() && !item.spread.parallel);
}

#[test]
fn what_is_wrong_is_named() {
    let table = [
        ("[1]", "options are a map of names to values, not array"),
        (
            r#"{"keepalife": 1}"#,
            "there is no option `keepalife`; did you mean `keepalive`?",
        ),
        (
            r#"{"retrys": 1}"#,
            "there is no option `retrys`; did you mean `retries`?",
        ),
        (
            r#"{"retries": -1}"#,
            "retries: -1 will not do; write a whole number such as `3`, `0` for none, or `inf`",
        ),
        (
            r#"{"retries": "-1"}"#,
            "retries: `-1` will not do; write a whole number such as `3`, `0` for none, or `inf`",
        ),
        (
            r#"{"retries": 1.5}"#,
            "retries: 1.5 will not do; write a whole number such as `3`, `0` for none, or `inf`",
        ),
        (
            r#"{"retry-on": "sometimes"}"#,
            "retry-on: `sometimes` will not do; write `timeout`, `trap`, `error`, several with commas, or `none`",
        ),
        (
            r#"{"backoff": "1s..10ms"}"#,
            "backoff: `1s..10ms` will not do; write the shorter time first: `100ms..30s`",
        ),
        (
            r#"{"parallel": 1}"#,
            "parallel: 1 will not do; write `true` or `false`",
        ),
        (
            r#"{"pipeline-on": "never"}"#,
            "pipeline-on: `never` will not do; write `success` or `any`",
        ),
        (
            r#"{"env": {"A=B": "1"}}"#,
            "env: `A=B` is no name of a variable: it holds `=` or NUL",
        ),
        (
            r#"{"env": ["A"]}"#,
            "env: array will not do; write a map of names to texts, or to `false` where a variable is to be hidden",
        ),
        (
            r#"{"items": true}"#,
            "items: only a parallel job has items; add `parallel`",
        ),
        (
            r#"{"sort-cache-keys": true}"#,
            "sort-cache-keys: there are no keys to keep; add a `sort-key`",
        ),
        (
            r#"{"singleton": ""}"#,
            "singleton: `` will not do; write a text that is not empty",
        ),
    ];
    for (json, message) in table {
        assert_eq!(said(json), message);
    }
    assert!(said(r#"{"keepalive": "abc"}"#).starts_with("keepalive: `abc` is not a number"));
    assert!(said(r#"{"keepalive": {"$float": "NaN"}}"#).starts_with("keepalive: "));
    assert!(said(r#"{"backoff": {"$float": "NaN"}}"#).starts_with("backoff: "));
    assert!(said(r#"{"retries": {"$float": "NaN"}}"#).starts_with("retries: "));
    assert!(said(r#"{"memory": null}"#).starts_with("memory: write a number or a text"));
    assert!(said(r#"{"pipeline-on": "any"}"#).starts_with("pipeline-on: there is no stage"));
    assert!(said(r#"{"filter": "<"}"#).starts_with("filter: `<` and `>` compare two"));
}
