//! `replay`: a recorded attempt once more.

use crate::tool::{Said, guest, id_of, say};

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
