//! `--paranoid` and `--deterministic`: what they change, and what is told of it.

use crate::tool::{guest, say, say_in, wodehost};

/// What a call prints with `--outcome`.
fn outcome(guest_name: &str, job: &str, flags: &[&str]) -> String {
    let guest = guest(guest_name);
    let arguments = [&["call", &guest, job, "--outcome", "-o", "jsonl"], flags].concat();
    let out = wodehost(&arguments).output().unwrap();
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn two_calls_print_the_same_outcome() {
    for (guest, job, flags) in [
        ("random_bytes", "32", &[][..]),
        ("clock_report", "1500", &[]),
        ("wasi_sleep", "null", &["--retries=0"]),
        ("spin", "null", &["--retries=0", "--keepalive=50ms"]),
        ("panic", "\"oh\"", &["--backoff=1h..2h"]),
    ] {
        let flags = [flags, &["--deterministic"]].concat();
        let first = outcome(guest, job, &flags);
        assert!(first.contains(r#""fuel":"#), "{first}");
        assert_eq!(first, outcome(guest, job, &flags), "{guest}");
    }
    // Without the flag they differ.
    let standard = || outcome("random_bytes", "32", &[]);
    assert_ne!(standard(), standard());
}

#[test]
fn two_runs_print_the_same_outcomes() {
    let (producer, worker) = (guest("count_to"), guest("random_bytes"));
    let run = || {
        let arguments = [
            "run",
            "--deterministic",
            "--producer",
            &producer,
            "--worker",
            &worker,
            "--set",
            "count_to.n=20",
            "--set",
            "count_to.worker=random_bytes",
            "--set",
            "count_to.sleep_ms=3600000",
        ];
        let said = say(&arguments).exits(0);
        assert_eq!(said.out.lines().count(), 20, "{said:?}");
        said.out
    };
    assert_eq!(run(), run());
}

#[test]
fn code_of_this_profile_comes_from_the_child_as_well() {
    let arguments = [
        "call",
        &guest("double"),
        "21",
        "--deterministic",
        "--no-cache",
    ];
    say(&arguments).exits(0).prints("42\n");
}

#[test]
fn seed_and_clock_are_what_is_given() {
    let bytes = |seed: &str| {
        let flags = ["--deterministic", "--seed", seed];
        let guest = guest("random_bytes");
        let out = wodehost(&[&["call", &guest, "8"], &flags[..]].concat())
            .output()
            .unwrap();
        out.stdout
    };
    assert_eq!(bytes("7"), bytes("7"));
    assert_ne!(bytes("7"), bytes("8"));
    let flags = ["--deterministic", "--clock", "86400"];
    let report = outcome("clock_report", "0", &flags);
    assert!(report.contains(r#""now_ms":86400"#), "{report}");
    say(&["call", &guest("echo"), "--seed", "7"])
        .exits(2)
        .complains("--seed means nothing in the standard profile")
        .complains("--deterministic");
    say(&["call", &guest("echo"), "--deterministic", "--fuel", "off"])
        .exits(2)
        .complains("no other clock");
    say(&["call", &guest("echo"), "--deterministic", "--paranoid"]).exits(2);
}

#[test]
fn a_map_gives_the_same_results_and_a_job_has_its_own_numbers() {
    let map = || {
        let guest = guest("random_bytes");
        let arguments = ["map", &guest, "--deterministic", "--slots", "4"];
        crate::tool::feed_bytes(&arguments, "8\n9\n8\n").stdout
    };
    let printed = String::from_utf8(map()).unwrap();
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!((lines.len(), lines[0]), (3, lines[2]));
    assert_eq!(printed.as_bytes(), map());
}

#[test]
fn deterministic_jobs_are_granted_no_files_and_no_network() {
    let folder = tempfile::tempdir().unwrap();
    for flag in [
        "--allow-read=x::/in",
        "--allow-write=x::/in",
        "--allow-net=127.0.0.1:80",
    ] {
        std::fs::create_dir_all(folder.path().join("x")).unwrap();
        let arguments = ["call", &guest("echo"), "1", "--deterministic", flag];
        say_in(folder.path(), &arguments)
            .exits(3)
            .prints("")
            .complains("deterministic jobs may have none")
            .complains("hint: take the grant away");
    }
}

#[test]
fn a_grant_of_the_network_is_taken_away_and_told() {
    let flags = ["--allow-net", "127.0.0.1:9"];
    let connect = guest("connect");
    let arguments = [&["call", &connect, "\"127.0.0.1:9\""], &flags[..]].concat();
    let paranoid = [&arguments[..], &["--paranoid"]].concat();
    let told = "connect: it does not get the network that it is granted (`--paranoid`)";
    let called = say(&paranoid).exits(0).complains(told);
    assert!(called.out.contains("PermissionDenied"), "{called:?}");
    assert_eq!(called.err.matches("the network").count(), 1, "{called:?}");
    let inspect = |profile: &[&str]| {
        let arguments = [&["inspect", &connect], &flags[..], profile].concat();
        say(&arguments).exits(0).out
    };
    let inspected = inspect(&["--paranoid"]);
    assert!(inspected.contains("It may not"), "{inspected}");
    assert!(inspected.contains("use the network (--paranoid)"));
    assert!(inspected.contains("read clocks in steps of 100 ms"));
    assert!(!inspected.contains("127.0.0.1"), "{inspected}");
    assert!(inspect(&[]).contains("connect to 127.0.0.1 port 9"));
}

#[test]
fn the_file_and_the_variable_say_the_profile() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wodehost.toml");
    std::fs::write(&file, "profile = \"deterministic\"\n").unwrap();
    let call = |env: Option<&str>| {
        let mut command = wodehost(&["call", &guest("clock_report"), "0"]);
        command.current_dir(&folder);
        if let Some(name) = env {
            command.env("WODEHOST_PROFILE", name);
        }
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let year_2000 = r#"{"now_ms":9466848"#;
    assert!(call(None).starts_with(year_2000));
    assert!(!call(Some("standard")).starts_with(year_2000));
    std::fs::write(&file, "profile = \"fast\"\n").unwrap();
    say_in(folder.path(), &["call", &guest("echo")])
        .exits(3)
        .complains("profile");
}
