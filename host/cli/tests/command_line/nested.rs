//! Jobs that submit jobs, from the command line: who may, and what comes of it.

use crate::tool::{guest, say, say_in};

fn plugins() -> std::path::PathBuf {
    wodehost_tests::workspace().join("plugins")
}

// J5: recursive, on one slot, whatever the depth.
#[test]
fn mergesort_sorts_by_jobs_inside_jobs_on_one_slot() {
    let numbers: Vec<String> = (0..300).map(|n| (n * 7919 % 1009).to_string()).collect();
    let mut sorted: Vec<u32> = numbers.iter().map(|n| n.parse().unwrap()).collect();
    sorted.sort_unstable();
    let sorted: Vec<String> = sorted.iter().map(u32::to_string).collect();
    let array = format!("[{}]", numbers.join(","));
    let leaf = ["--slots", "1", "--set", "mergesort.leaf=1"];
    let said = say_in(
        &plugins().join("mergesort"),
        &[&["call", "mergesort", &array][..], &leaf].concat(),
    );
    assert_eq!(said.exits(0).out.trim(), format!("[{}]", sorted.join(",")));
    // Where it may not nest at all, it sorts by itself.
    let said = say_in(
        &plugins().join("mergesort"),
        &[
            &["call", "mergesort", "3", "1", "2", "--depth", "0"][..],
            &leaf,
        ]
        .concat(),
    );
    assert_eq!(said.exits(0).out.trim(), "[1,2,3]");
}

// J5
#[test]
fn crawl_has_a_job_for_each_folder() {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in [("a/b/c/one", 1), ("a/two", 2), ("three", 3)] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, vec![b'x'; bytes]).unwrap();
    }
    let read = format!("{}::/in", folder.path().display());
    let crawl = plugins().join("crawl/crawl.wasm");
    let said = say(&[
        "call",
        crawl.to_str().unwrap(),
        "\"/in\"",
        "--allow-read",
        &read,
    ]);
    let out = said.exits(0).out;
    assert!(
        out.starts_with(r#"{"files":3,"folders":3,"bytes":6,"#),
        "{out}"
    );
}

// J38: who may submit to whom.
#[test]
fn a_worker_submits_to_others_only_where_it_may() {
    let (waiter, double) = (guest("waiter"), guest("double"));
    let call = ["call", &waiter, "\"double\"", "4"];
    assert_eq!(
        say(&call).exits(0).out.trim(),
        "\"not-permitted(to submit to `double`; `allow.submit` grants it)\""
    );
    let allow = ["--allow-submit", &double];
    let said = say(&[&call[..], &allow].concat());
    assert_eq!(said.exits(0).out.trim(), "\"success\"");
    say(&[&call[..], &["--allow-submit", "nobody"]].concat())
        .exits(2)
        .complains("no plugin is called `nobody`");
}

#[test]
fn the_configuration_says_who_may_submit_to_whom() {
    let folder = tempfile::tempdir().unwrap();
    let toml = format!(
        "[plugins.waiter]\npath = \"{}\"\nallow.submit = [\"double\"]\n\
         [plugins.double]\npath = \"{}\"\n",
        guest("waiter"),
        guest("double"),
    );
    std::fs::write(folder.path().join("wodehost.toml"), &toml).unwrap();
    let said = say_in(folder.path(), &["call", "waiter", "\"double\"", "4"]);
    assert_eq!(said.exits(0).out.trim(), "\"success\"");
    let inspected = say_in(folder.path(), &["inspect", "waiter"]).exits(0).out;
    for part in [
        "submit jobs to double",
        "submit jobs to any other worker",
        "jobs for itself and the granted workers",
    ] {
        assert!(inspected.contains(part), "{part} is not in\n{inspected}");
    }
    let toml = toml.replace("[\"double\"]", "[\"duoble\"]");
    std::fs::write(folder.path().join("wodehost.toml"), toml).unwrap();
    say_in(folder.path(), &["call", "waiter", "\"double\"", "4"])
        .exits(3)
        .complains("wodehost.toml:3: a worker of `submit` cannot be used");
}

// J4 J13: blocked is an error of its own with an exit code of its own.
#[test]
fn a_call_that_does_not_start_in_time_is_blocked() {
    let double = guest("double");
    let call = [
        "call",
        &double,
        "1",
        "--gate",
        "file:/nowhere",
        "--start-within",
    ];
    for time in ["0s", "20ms"] {
        say(&[&call[..], &[time]].concat())
            .exits(13)
            .complains("blocked: the gate `file` did not let it start in time");
    }
    for time in ["nan", "-1s", "soon"] {
        say(&[&call[..], &[time]].concat()).exits(2);
    }
    say(&["call", &double, "1", "--start-within", "1h"]).exits(0);
}

// J5: a fork bomb ends, and costs no more than its tree may.
#[test]
fn a_fork_bomb_ends() {
    let bomb = guest("bomb");
    let call = [
        "call",
        &bomb,
        "--children",
        "20",
        "--tree",
        "200",
        "--slots",
        "2",
    ];
    let said = say(&call).exits(0);
    assert_eq!(said.out.trim(), "20");
}

// J5: the live cap, and the memory of all live attempts.
#[test]
fn what_live_attempts_may_have_together_is_checked_and_told() {
    let (double, eater) = (guest("double"), guest("eat_memory"));
    say(&["call", &double, "1", "--slots", "4", "--live", "3"])
        .exits(2)
        .complains("live is 3 (--live), fewer than the 4 slots (--slots)");
    for size in ["0", "1MiB", "nan", "-1"] {
        say(&["call", &double, "1", "--memory-total", size]).exits(2);
    }
    let total = ["--memory-total", "128MiB", "--retries", "0"];
    say(&[&["call", &double, "1"][..], &total].concat()).exits(0);
    let eats = ["call", &eater, "--memory", "1GiB"];
    say(&[&eats[..], &total].concat())
        .exits(10)
        .complains("all live attempts may have 128 MiB together");
}

#[test]
fn who_cannot_submit_is_not_said_to() {
    for (name, part) in [
        ("gate_sometimes", "\n  submit jobs\n"),
        ("double", "\n  submit jobs\n"),
        ("chain", "\n  submit jobs to any worker but itself\n"),
    ] {
        let inspected = say(&["inspect", &guest(name)]).exits(0).out;
        assert!(inspected.contains(part), "{inspected}");
    }
}
