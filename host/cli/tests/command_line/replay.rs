//! `replay`: a recorded attempt once more.

use crate::tool::{Said, feed, guest, id_of, say};

/// A folder with a store, in which jobs are recorded.
struct Records(tempfile::TempDir);

impl Records {
    fn new() -> Records {
        Records(tempfile::tempdir().unwrap())
    }

    fn store(&self) -> String {
        let path = self.0.path().join("jobs.db");
        path.to_str().unwrap().to_owned()
    }

    /// Calls a worker; the id of the job.
    fn call(&self, worker: &str, job: &str, flags: &[&str]) -> String {
        let (worker, store) = (guest(worker), self.store());
        let call = [
            "call",
            &worker,
            job,
            "--store",
            &store,
            "--outcome",
            "-o",
            "jsonl",
        ];
        let said = say(&[&call[..], flags].concat());
        id_of(&said.out).to_owned()
    }

    /// A `map` of one job; the id of the job.
    fn map(&self, worker: &str, job: &str, flags: &[&str]) -> String {
        let (worker, store) = (guest(worker), self.store());
        feed(
            &[&["map", &worker, "--store", &store, "-q"], flags].concat(),
            job,
        );
        let list = say(&["jobs", "list", "--store", &store, "-o", "jsonl"]).exits(0);
        assert_eq!(list.out.lines().count(), 1, "{list:?}");
        id_of(&list.out).to_owned()
    }

    fn retry(&self, flags: &[&str]) {
        let store = self.store();
        say(&[&["jobs", "retry", "--store", &store], flags].concat()).exits(0);
    }

    /// Each attempt ends as it did, with all that these say of it.
    fn ends_as_it_did(&self, id: &str, attempts: &[&[&str]]) {
        for (number, parts) in (1..).zip(attempts) {
            let said = self.replay(&[id, "--attempt", &u32::to_string(&number)]);
            let said = said.exits(0);
            assert!(
                said.out.contains(&format!("attempt {number}, ")),
                "{said:?}"
            );
            for part in *parts {
                assert_eq!(said.out.matches(part).count(), 2, "{part}: {said:?}");
            }
            assert!(said.out.ends_with("it ended as it did\n"), "{said:?}");
        }
    }

    fn replay(&self, flags: &[&str]) -> Said {
        let store = self.store();
        say(&[&["replay", "--store", &store], flags].concat())
    }
}

#[test]
fn each_attempt_of_a_job_ends_as_it_did() {
    let records = Records::new();
    let id = records.call("state", "2", &[]);
    for (attempt, end, state) in [
        ("1", "tried again (trap:unreachable)", 1),
        ("2", "tried again (trap:unreachable)", 2),
        ("3", "success (returned)", 3),
    ] {
        let said = records.replay(&[&id, "--attempt", attempt]).exits(0);
        assert!(
            said.out.contains(&format!("attempt {attempt}, state@")),
            "{said:?}"
        );
        assert!(said.out.contains(end), "{said:?}");
        let state = format!(r#"state: {{"count":{state}}}"#);
        assert_eq!(said.out.matches(&state).count(), 2, "{said:?}");
        assert!(said.out.ends_with("it ended as it did\n"), "{said:?}");
    }
    let last = records.replay(&[&id]).exits(0);
    assert!(last.out.contains("attempt 3"), "{last:?}");
}

#[test]
fn attempts_before_a_retry_are_the_ones_that_they_were() {
    let records = Records::new();
    let flags = ["--retries", "0"];
    let id = records.map("state", "3", &flags);
    records.retry(&[&id]);
    // Queued it has had one, which is the last one.
    let said = records.replay(&[&id]).exits(0);
    assert!(said.out.contains("attempt 1, "), "{said:?}");
    records.map("state", "3", &flags);
    records.retry(&[&id, "--reset-state"]);
    records.map("state", "3", &flags);
    let count = |count: u32| format!("state: {{\"count\":{count}}}\n");
    let trapped = "(trap:unreachable)";
    records.ends_as_it_did(
        &id,
        &[
            &[&count(1), trapped],
            &[&count(2), trapped],
            &[&count(1), trapped],
        ],
    );
    // The last one has its end; those before were tried again.
    for (attempt, again) in [("1", 1), ("2", 1), ("3", 0)] {
        let said = records.replay(&[&id, "--attempt", attempt]).exits(0);
        assert_eq!(said.out.matches("tried again").count(), again, "{said:?}");
    }
    let said = records.replay(&[&id, "--attempt", "4"]).exits(2);
    assert!(said.err.contains("has had 3 attempts"), "{said:?}");
}

#[test]
fn each_attempt_has_the_limits_that_it_had() {
    let records = Records::new();
    let limits = ["50ms", "70ms", "90ms"];
    let mut id = String::new();
    for limit in limits {
        let flags = ["--retries", "0", "--keepalive", limit];
        id = records.map("spin", "1", &flags);
        if limit != "90ms" {
            records.retry(&[&id]);
        }
    }
    let limits = limits.map(|limit| format!("no sign of life for {}", limit.replace("ms", " ms")));
    let said: Vec<[&str; 1]> = limits.iter().map(|limit| [limit.as_str()]).collect();
    let said: Vec<&[&str]> = said.iter().map(|said| &said[..]).collect();
    records.ends_as_it_did(&id, &said);
}

#[test]
fn a_retried_attempt_is_as_deterministic_as_any() {
    let flags = ["--deterministic", "--seed", "5", "--backoff", "1h..2h"];
    let run = |records: &Records, retries: &str| {
        let flags = [&flags[..], &["--retries", retries]].concat();
        records.map("clock_state", "9", &flags)
    };
    let retried = Records::new();
    let id = run(&retried, "1");
    retried.retry(&[&id]);
    run(&retried, "1");
    retried.ends_as_it_did(&id, &[&[], &[], &[]]);
    // Time went on in between as it does in a run that is not over so early.
    let at_once = Records::new();
    let other = run(&at_once, "2");
    let state = |records: &Records, id: &str| {
        let said = records.replay(&[id, "-o", "json"]).exits(0);
        let said: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        said["recorded"]["state"].clone()
    };
    let hours = state(&retried, &id);
    assert_eq!(hours.as_array().map(Vec::len), Some(3), "{hours}");
    assert_eq!(hours, state(&at_once, &other));
}

#[test]
fn a_deterministic_attempt_draws_the_same_numbers_and_uses_the_same_fuel() {
    let records = Records::new();
    let flags = ["--deterministic", "--seed", "5", "--backoff", "1s..2s"];
    let drawn = records.call("random_bytes", "32", &flags);
    let said = records.replay(&[&drawn, "-o", "json"]).exits(0);
    assert!(said.out.contains(r#""same": true"#), "{said:?}");
    assert_eq!(said.out.matches(r#""fuel": "#).count(), 2, "{said:?}");
    let traps = records.call("clock_state", "2", &flags);
    for attempt in ["1", "2", "3"] {
        let said = records.replay(&[&traps, "--attempt", attempt]).exits(0);
        assert!(said.out.ends_with("it ended as it did\n"), "{said:?}");
    }
    // Without a seed nobody draws the same.
    let other = records.call("random_bytes", "32", &[]);
    let said = records.replay(&[&other]).exits(10);
    assert!(
        said.out
            .ends_with("it did not end as it did: another data\n"),
        "{said:?}"
    );
}

#[test]
fn children_are_not_run_again_but_have_their_outcomes() {
    let records = Records::new();
    let id = records.call("mergesort", "[5,3,9,1,4,8,2,6]", &["--set", "leaf=2"]);
    let before = std::fs::metadata(records.store()).unwrap();
    let said = records.replay(&[&id, "-o", "json"]).exits(0);
    assert!(said.out.contains(r#""same": true"#), "{said:?}");
    let after = std::fs::metadata(records.store()).unwrap();
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
}

#[test]
fn another_component_may_end_otherwise() {
    let records = Records::new();
    let id = records.call("fail", r#""oh""#, &["--retries", "0"]);
    records.replay(&[&id]).exits(0);
    let said = records.replay(&[&id, "--plugin", &guest("echo")]).exits(10);
    assert!(said.out.contains("another reason, status"), "{said:?}");
}

#[test]
fn what_cannot_be_run_again_is_told() {
    let records = Records::new();
    let id = records.call("double", "4", &[]);
    let host = id.split('-').next().unwrap();
    let said = records.replay(&[&id, "--attempt", "2"]).exits(2);
    assert!(
        said.err
            .contains("has had 1 attempts, and none with the number 2"),
        "{said:?}"
    );
    let said = records.replay(&[&format!("{host}-99")]).exits(2);
    assert!(said.err.contains("the store has no job"), "{said:?}");
    let said = records.replay(&["zzzzzz-1"]).exits(2);
    assert!(
        said.err.contains("the store has no job zzzzzz-1"),
        "{said:?}"
    );
    let parallel = records.call("double", "4", &["--parallel"]);
    let said = records.replay(&[&parallel]).exits(2);
    assert!(said.err.contains("its items have the attempts"), "{said:?}");
    let number: u64 = parallel.split('-').nth(1).unwrap().parse().unwrap();
    records
        .replay(&[&format!("{host}-{}", number + 1)])
        .exits(0);
    let missing = say(&["replay", "--store", "/nowhere/jobs.db", &id]).exits(30);
    assert!(missing.err.contains("/nowhere/jobs.db"), "{missing:?}");
}
