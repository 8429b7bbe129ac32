//! Row M37, and what else a job is told, by the program and by a producer.

use super::tasks::{end, one_slot};
use wodehost::task::Retries;
use wodehost::{Grants, Host, HostWorker, Outcome, Plugin, PluginSource};
use wodehost_tests::{data, guest, load, load_configured, runtime, serve, soon, told, value};

/// `env_read` with variables of the host's own granted.
fn env_read(granted: &[(&str, &str)]) -> Plugin {
    let env = granted
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
    let grants = Grants {
        env: env.collect(),
        ..Grants::none()
    };
    runtime()
        .load(PluginSource::file(guest("env_read")).grants(grants))
        .unwrap()
}

// M37: the same through the host's import and through WASI.
#[test]
fn a_job_has_its_environment_on_top_of_what_is_granted() {
    let plugin = env_read(&[("GRANTED", "yes"), ("HIDDEN", "yes"), ("CHANGED", "old")]);
    let worker = told(plugin, r#"{"env": {"OF_WORKER": "w", "BOTH": "w"}}"#);
    let host = one_slot(worker);
    let read = |name: &str| {
        let job = host.job("env_read").unwrap().argument(name.into());
        let job = job.with(|options| {
            let env = [
                ("SET", Some("a=b")),
                ("EMPTY", Some("")),
                ("BOTH", Some("j")),
                ("HIDDEN", None),
                ("CHANGED", Some("new")),
                ("NEVER", None),
            ];
            for (name, value) in env {
                options.env.set(name, value).unwrap();
            }
        });
        data(&soon(job.submit().unwrap()))
    };
    let both = |value: &str| format!(r#"{{"host":{value},"std":{value}}}"#);
    assert_eq!(read("SET"), both(r#""a=b""#));
    assert_eq!(read("EMPTY"), both(r#""""#));
    assert_eq!(read("OF_WORKER"), both(r#""w""#));
    assert_eq!(read("BOTH"), both(r#""j""#), "later entries win");
    assert_eq!(read("GRANTED"), both(r#""yes""#));
    assert_eq!(read("CHANGED"), both(r#""new""#));
    for hidden in ["HIDDEN", "NEVER", "PATH", "HOME"] {
        assert_eq!(read(hidden), both("null"), "{hidden}");
    }
}

// M37: checked when submitted.
#[test]
fn a_name_that_is_none_is_refused_before_there_is_a_job() {
    let refused = [
        r#"{"env": {"": "x"}}"#,
        r#"{"env": {"A=B": "x"}}"#,
        r#"{"env": {"A\u0000": "x"}}"#,
        r#"{"env": {"A": "x\u0000"}}"#,
        r#"{"env": {"A": 1}}"#,
        r#"{"env": ["A"]}"#,
    ];
    for text in refused {
        let error = wodehost::JobOptions::default().tighten(&value(text));
        let error = error.unwrap_err().to_string();
        assert!(error.starts_with("env: "), "{error}");
    }
}

// M17 M36 M43: what a program says of a job is said in one place.
#[test]
fn options_of_a_job_stand_in_for_those_of_its_worker() {
    let host = one_slot(told(load("script"), r#"{"retries": 5, "group": "night"}"#));
    let job = host.job("script").unwrap().argument(value(r#"[["trap"]]"#));
    let job = job.with(|options| options.retry.retries = Retries::Of(1));
    assert_eq!(soon(job.submit().unwrap()).attempts, 2);
    let job = host.job("script").unwrap().argument(value("[[]]"));
    let error = job
        .with(|options| options.finally = Some("nobody".into()))
        .submit()
        .unwrap_err()
        .to_string();
    assert!(error.contains("`nobody`"), "{error}");
}

/// What becomes of one job of a producer whose dispatch has these options.
fn dispatched(worker: HostWorker, name: &str, options: &str) -> Vec<Outcome> {
    let host = Host::builder(runtime())
        .slots(1)
        .worker(load("fail"))
        .worker(worker)
        .build()
        .unwrap();
    let config = format!(r#"{{"n": 2, "worker": "{name}", "options": {options}}}"#);
    let (_, outcomes) = serve(&host, load_configured("producer_options", &config));
    assert_eq!(outcomes.len(), 2);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

// M7 M43: what a user said is only tightened.
#[test]
fn a_producer_asks_for_no_more_retries_than_the_user_allows() {
    let table = [
        (r#"{"retries": 2}"#, r#"{"retries": 9}"#, 3),
        (r#"{"retries": 2}"#, r#"{"retries": "inf"}"#, 3),
        (r#"{"retries": 2}"#, r#"{"retries": 1}"#, 2),
        (r#"{"retries": 2}"#, r#"{"retries": 0}"#, 1),
        (r#"{"retries": 2}"#, r#"{"group": "g"}"#, 3),
        (r#"{"retries": "inf"}"#, r#"{"retries": 4}"#, 5),
        ("{}", r#"{"retry-on": "none"}"#, 1),
        ("{}", r#"{"retries": "1", "backoff": "1ms"}"#, 2),
    ];
    for (said, asked, attempts) in table {
        for outcome in dispatched(told(load("fail"), said), "fail", asked) {
            assert_eq!(outcome.attempts, attempts, "{said} {asked} {outcome:?}");
        }
    }
}

// M17 M35 M36 M37 M39
#[test]
fn the_options_of_a_dispatch_reach_its_job() {
    let about = || told(load("about"), "{}");
    let options = r#"{"group": "night", "priority": -3, "retries": "7"}"#;
    for outcome in dispatched(about(), "about", options) {
        let about = |key| outcome.data.get(key).unwrap().to_json();
        assert_eq!(
            (about("group"), about("retries_left")),
            (r#""night""#.into(), "7".into())
        );
    }
    let sleep = told(load("sleep"), "{}");
    let outcomes = dispatched(sleep, "sleep", r#"{"singleton": "one", "finally": "fail"}"#);
    let errors = outcomes.iter().map(|o| o.finally_error.clone().unwrap());
    assert!(errors.into_iter().all(|error| error.starts_with("error")));
    // The variable is named like the job's value, a number: nothing is read, all is well.
    let env = told(load("noop"), "{}");
    assert!(dispatched(env, "noop", r#"{"env": {"A": "x", "B": null}}"#)[0].is_success());
}

// M36: the second comes while the first one runs.
#[test]
fn a_singleton_of_a_producer_is_rejected_while_the_first_runs() {
    let worker = told(
        load("stop_when_asked"),
        r#"{"deadline": "700ms", "retries": 0}"#,
    );
    let outcomes = dispatched(worker, "stop_when_asked", r#"{"singleton": "one"}"#);
    let ends: Vec<_> = outcomes.iter().map(end).collect();
    assert_eq!(
        ends,
        [("rejected".to_owned(), 0), ("deadline".to_owned(), 1)]
    );
}

// M5 M43: a key nobody knows is named, with the one that was meant.
#[test]
fn a_misspelt_option_of_a_dispatch_is_named() {
    let table = [
        (r#"{"retrys": 1}"#, "`retrys`; did you mean `retries`?"),
        (r#"{"singelton": "x"}"#, "did you mean `singleton`?"),
        (r#"{"keepalife": 1}"#, "did you mean `keepalive`?"),
        (r#"{"zzz": 1}"#, "there is no option `zzz`"),
        (r#"{"retries": -1}"#, "retries: "),
        (r#"{"retries": "many"}"#, "retries: `many` will not do"),
        (r#"{"priority": 0.5}"#, "priority: "),
        (r#"{"env": {"A=": "x"}}"#, "env: "),
        (
            r#"{"finally": "nobody"}"#,
            "finally: no worker is called `nobody`",
        ),
        (r#"{"retry-on": "success"}"#, "retry-on: "),
        (r#"{"backoff": "2s..1s"}"#, "backoff: "),
        (r#"{"group": ""}"#, "group: "),
    ];
    for (options, message) in table {
        for outcome in dispatched(told(load("noop"), "{}"), "noop", options) {
            assert_eq!(end(&outcome), ("bad-options".to_owned(), 0));
            let text = outcome.message.unwrap();
            assert!(text.contains(message), "{options}: {text}");
        }
    }
}
