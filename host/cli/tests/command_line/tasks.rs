//! Job options as flags, keys of `wodehost.toml` and options of a dispatch: the same
//! words everywhere, and what is wrong is named.

use crate::tool::{feed, guest, say, say_in};
use std::path::Path;

fn config(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("wodehost.toml"), text).unwrap();
    folder
}

fn attempts(folder: &Path, arguments: &[&str]) -> String {
    let said = say_in(folder, arguments);
    let (_, rest) = said.out.split_once("\"attempts\":").unwrap();
    rest.split([',', '}']).next().unwrap().to_owned()
}

// M7 M8 M9
#[test]
fn retries_are_said_by_flags() {
    let fail = guest("fail");
    let tried = |flags: &[&str]| {
        let arguments = [&["call", &fail, "1", "--outcome"], flags].concat();
        attempts(Path::new("."), &arguments)
    };
    assert_eq!(tried(&[]), "4");
    assert_eq!(tried(&["--retries", "0"]), "1");
    assert_eq!(tried(&["--retries", "6", "--backoff", "1ms..2ms"]), "7");
    assert_eq!(tried(&["--retry-on", "timeout,trap"]), "1");
    say(&["call", &guest("panic"), "\"x\""])
        .exits(10)
        .complains("not tried again")
        .complains("attempt 2");
}

// M7 M37: flags beat the plugin's own section, which beats the one for all.
#[test]
fn the_file_says_it_for_all_and_for_one() {
    let (fail, env) = (guest("fail"), guest("env_read"));
    let folder = config(&format!(
        "[job]\nretries = 1\nenv.A = \"all\"\n[plugins.fail]\npath = \"{fail}\"\njob.retries = 5\n\
         [plugins.other]\npath = \"{fail}\"\n[plugins.env]\npath = \"{env}\"\njob.env = {{B = \"own\"}}\n"
    ));
    let tried = |arguments: &[&str]| attempts(folder.path(), arguments);
    assert_eq!(tried(&["call", "fail", "1", "--outcome"]), "6");
    assert_eq!(tried(&["call", "other", "1", "--outcome"]), "2");
    assert_eq!(
        tried(&["call", "fail", "1", "--outcome", "--retries", "0"]),
        "1"
    );
    for (name, value) in [("A", "all"), ("B", "own"), ("C", "flag")] {
        let said = say_in(
            folder.path(),
            &["call", "env", &format!("\"{name}\""), "--env", "C=flag"],
        );
        said.exits(0)
            .prints(&format!("{{\"host\":\"{value}\",\"std\":\"{value}\"}}\n"));
    }
    say_in(folder.path(), &["call", "env", "\"A\"", "--env", "A"])
        .exits(0)
        .prints("{\"host\":null,\"std\":null}\n");
    let shown = say_in(folder.path(), &["config", "show", "--retries", "9"])
        .exits(0)
        .out;
    let lines: Vec<String> = shown
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for line in [
        "retries = 9 # --retries",
        "priority = 0 # default",
        "retries = 5 # wodehost.toml:6",
    ] {
        assert!(lines.iter().any(|l| l == line), "{line}: {shown}");
    }
}

// M23 M25 M27 M28 M29 M30
#[test]
fn parallel_and_stages_are_said_by_flags() {
    let (double, echo) = (guest("double"), guest("echo"));
    say(&["call", &double, "--parallel", "1", "2", "3"])
        .exits(0)
        .prints("[2,4,6]\n");
    say(&["call", &double, "--parallel"])
        .exits(0)
        .prints("[]\n");
    say(&["call", &double, "--parallel", "--unwrap", "[4,5]"])
        .exits(0)
        .prints("[8,10]\n");
    say(&["call", &echo, "[3,1,2]", "--sort-op", ">"])
        .exits(0)
        .prints("[3,2,1]\n");
    say(&[
        "call",
        &echo,
        "[[2],[1,5]]",
        "--sort-op",
        "<",
        "--post",
        "list",
    ])
    .exits(0)
    .prints("[[[1,5],[2]]]\n");
    // A worker as a stage, named by its file.
    say(&["call", &double, "--parallel", "1", "2", "--post", &echo])
        .exits(0)
        .prints("[2,4]\n");
    let lines = feed(
        &["map", &double, "--parallel", "--unwrap", "--post", "jq:add"],
        "[1,2]\n[]\n[5]\n",
    );
    lines.exits(0).prints("6\nnull\n10\n");
}

// M24 M31
#[test]
fn what_did_not_go_well_has_its_exit_code() {
    let (double, echo) = (guest("double"), guest("echo"));
    say(&[
        "call",
        &double,
        "--parallel",
        "1",
        "\"x\"",
        "--retries",
        "0",
    ])
    .exits(10)
    .complains("(items)")
    .complains("1 of 2 items did not succeed; item 2 ended as error");
    say(&["call", &echo, "{}", "--filter", "jq:."])
        .exits(10)
        .complains("pipeline:filter")
        .complains("only an array can be filtered, not map");
    say(&["call", &echo, "[1,2]", "--filter", "jq:.+1"])
        .exits(10)
        .complains("element 1: the answer is to be true or false, not int");
    say(&["call", &echo, "[1,{}]", "--sort-op", "<"])
        .exits(10)
        .complains("not a map");
    say(&["call", &echo, "[1,2]", "--post", "jq:.a.b.c"])
        .exits(10)
        .complains("(pipeline:post): error: cannot index");
    say(&["call", &echo, "5", "--unwrap"])
        .exits(10)
        .complains("bad-options")
        .complains("unwrap: the argument is to be an array");
    say(&[
        "call",
        &guest("spin"),
        "--parallel",
        "1",
        "2",
        "--keepalive",
        "200ms",
        "--retries",
        "0",
    ])
    .exits(11);
}

// M36
#[test]
fn a_second_job_with_the_key_is_rejected() {
    // The first line sleeps while the others come.
    let said = feed(
        &["map", &guest("sleep"), "--singleton", "one", "--outcomes"],
        "1000\n1\n1\n",
    );
    let said = said.exits(10);
    assert_eq!(
        said.out.matches("\"status\":\"rejected\"").count(),
        2,
        "{said:#?}"
    );
    said.complains("another job with the singleton key `one` is unfinished");
}

// M35
#[test]
fn a_worker_can_be_held_to_fewer_than_all_slots() {
    let said = feed(
        &["map", &guest("echo"), "--slots", "4", "--max-running", "1"],
        "1\n2\n3\n4\n",
    );
    said.exits(0).prints("1\n2\n3\n4\n");
    say(&["call", &guest("echo"), "--max-running", "0"])
        .exits(2)
        .complains("--max-running: `0` is no count");
}

// M39
#[test]
fn a_worker_gets_the_outcome_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let out = format!("append_job={}::/out", folder.path().display());
    let (double, append) = (guest("double"), guest("append_job"));
    for (job, code) in [("1", 0), ("\"x\"", 10)] {
        let arguments = [
            &["call", &double, job, "--retries", "0", "--finally", &append],
            &["--allow-write", &out, "--set", "append_job.file=/out/f"][..],
        ];
        say(&arguments.concat()).exits(code);
    }
    let text = std::fs::read_to_string(folder.path().join("f")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].contains("\"status\":\"success\""), "{text}");
    assert!(lines[1].contains("\"reason\":\"error\""), "{text}");
    let said = say(&[
        "call",
        &double,
        "1",
        "--finally",
        &guest("fail"),
        "--outcome",
    ]);
    let said = said.exits(0);
    assert!(
        said.out.contains("\"finally-error\":\"error: "),
        "{said:#?}"
    );
    said.complains("the `finally` worker did not succeed");
}

#[test]
fn what_does_not_fit_is_a_usage_error_that_names_the_flag() {
    let echo = guest("echo");
    let table: &[(&[&str], &str)] = &[
        (
            &["--retries", "-1"],
            "'--retries <N>': `-1` will not do; write a whole number",
        ),
        (
            &["--retries", "NaN"],
            "`NaN` will not do; write a whole number",
        ),
        (&["--keepalive", "abc"], "`abc` is not a number"),
        (&["--keepalive", "NaN"], "'--keepalive <TIME>'"),
        (&["--backoff", "2s..1s"], "write the shorter time first"),
        (
            &["--retry-on", "never"],
            "`never` will not do; write `timeout`",
        ),
        (
            &["--sort-op", "identity"],
            "a sort op compares two elements",
        ),
        (&["--filter", "<"], "can be a `sort-op` only"),
        (&["--filter", "nowhere"], "no plugin is called `nowhere`"),
        (&["--finally", "nowhere"], "no plugin is called `nowhere`"),
        (
            &["--items"],
            "items: only a parallel job has items; add `parallel`",
        ),
        (&["--sort-cache-keys"], "add a `sort-key`"),
        (&["--pipeline-on", "any"], "there is no stage to run"),
        (&["--pipeline-on", "never"], "write `success` or `any`"),
        (&["--env", "=1"], "a variable needs a name"),
        (
            &["--priority", "high"],
            "write a whole number such as `10` or `-1`",
        ),
        (&["--singleton", ""], "write a text that is not empty"),
        (&["--retrys", "1"], "'--retries'"),
    ];
    for (flags, part) in table {
        let arguments = [&["call", &echo, "1"], *flags].concat();
        say(&arguments).exits(2).prints("").complains(part);
    }
}

// M27: an expression that is wrong is told before the work is done.
#[test]
fn an_expression_that_does_not_compile_is_told_first() {
    let spin = guest("spin");
    say(&["call", &spin, "--filter", "jq:.["])
        .exits(2)
        .complains("filter: the expression does not compile: column");
    let producer = guest("count_to");
    let arguments = [
        "run",
        "--producer",
        &producer,
        "--worker",
        &spin,
        "--dry-run",
    ];
    let flags = ["--set", "count_to.n=1", "--set", "count_to.worker=spin"];
    let stage = ["--sort-key", "jq:nothing"];
    say(&[&arguments[..], &flags, &stage].concat())
        .exits(2)
        .complains("sort-key: the expression does not compile");
}

#[test]
fn what_does_not_fit_in_the_file_is_told_with_its_line() {
    let table = [
        (
            "[job]\nretrys = 1\n",
            "wodehost.toml:2: there is no key `job.retrys`",
            "`retries`",
        ),
        (
            "[job]\nretries = -1\n",
            "wodehost.toml:2: job.retries cannot be used",
            "-1 will not do",
        ),
        (
            "[job]\nparallel = 1\n",
            "wodehost.toml:2: job.parallel cannot be used",
            "1 will not do",
        ),
        (
            "[job]\nkeepalive = \"1s\"\n",
            "no key `job.keepalive`",
            "write it below [limits]",
        ),
        (
            "[job]\nmax-running = 2\n",
            "no key `job.max-running`",
            "`plugins.NAME.max-running`",
        ),
        (
            "[job]\nfinally = \"nowhere\"\n",
            "wodehost.toml:2: finally cannot be used",
            "no plugin is called `nowhere`",
        ),
        (
            "[job]\nitems = true\n",
            "the options of the job do not fit: items",
            "add `parallel`",
        ),
        (
            "[job]\nenv = {\"A=B\" = \"1\"}\n",
            "wodehost.toml:2: job.env",
            "`A=B` is no name",
        ),
    ];
    for (text, first, second) in table {
        let folder = config(text);
        say_in(folder.path(), &["call", &guest("echo"), "1"])
            .exits(3)
            .complains(first)
            .complains(second);
    }
}

// M4: options of a dispatch are the same words.
#[test]
fn a_producer_says_it_for_its_jobs() {
    let (producer, fail) = (guest("producer_options"), guest("fail"));
    let run = |options: &str, flags: &[&str]| {
        let set = format!("options={options}");
        let arguments = [
            &["run", "--producer", &producer, "--worker", &fail],
            &[
                "--set",
                "producer_options.n=1",
                "--set",
                "producer_options.worker=fail",
            ][..],
            &["--set", &format!("producer_options.{set}")],
            flags,
        ];
        say(&arguments.concat()).exits(10).out
    };
    assert!(run(r#"{"retries": 1}"#, &[]).contains("\"attempts\":2"));
    // What the user said is only tightened.
    assert!(run(r#"{"retries": 9}"#, &["--retries", "2"]).contains("\"attempts\":3"));
    let out = run(r#"{"filter": "nowhere"}"#, &[]);
    assert!(
        out.contains("filter: no worker is called `nowhere`; there is fail"),
        "{out}"
    );
    let out = run(r#"{"singletom": "a"}"#, &[]);
    assert!(
        out.contains("there is no option `singletom`; did you mean `singleton`?"),
        "{out}"
    );
}

// M41
#[test]
fn restarts_are_told_to_who_wants_to_know() {
    let fail = guest("fail");
    let said = say(&["call", &fail, "\"oh\"", "--retries", "1", "-v"]).exits(10);
    assert_eq!(
        said.err.matches("started again: oh").count(),
        1,
        "{said:#?}"
    );
    let said = say(&["call", &fail, "\"oh\"", "--retries", "1"]).exits(10);
    assert!(!said.err.contains("started again"), "{said:#?}");
}
