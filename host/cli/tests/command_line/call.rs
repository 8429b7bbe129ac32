//! `call`: one job, its result on stdout, everything else on stderr.

use crate::tool::{feed, feed_bytes, guest, say};

#[test]
fn the_result_is_printed_as_json() {
    say(&["call", &guest("double"), "21"])
        .exits(0)
        .prints("42\n");
    say(&["call", &guest("hello"), r#"{"name": "Ada"}"#])
        .exits(0)
        .prints("\"Hello, Ada!\"\n");
    say(&["call", &guest("add"), "2", "3"])
        .exits(0)
        .prints("5\n");
    say(&["call", &guest("echo")]).exits(0).prints("null\n");
}

#[test]
fn values_come_from_files_and_from_stdin() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("a.json");
    std::fs::write(&json, "[1, 2]").unwrap();
    let packed = folder.path().join("a.msgpack");
    std::fs::write(&packed, b"\x92\x01\x02").unwrap();
    for path in [json, packed] {
        let at = format!("@{}", path.display());
        say(&["call", &guest("echo"), &at])
            .exits(0)
            .prints("[1,2]\n");
    }
    feed(&["call", &guest("echo"), "-"], "{\"a\": 1}")
        .exits(0)
        .prints("{\"a\":1}\n");
    let out = feed_bytes(&["call", &guest("echo"), "-o", "msgpack", "[1,2]"], "");
    assert_eq!(out.stdout, b"\x92\x01\x02");
}

#[test]
fn a_failure_prints_nothing_on_stdout_and_says_why() {
    say(&["call", &guest("panic"), r#""oh dear""#])
        .exits(10)
        .prints("")
        .complains("trap:unreachable")
        .complains("oh dear")
        .complains("hint:");
    say(&["call", &guest("spin"), "--keepalive", "200ms"])
        .exits(11)
        .prints("")
        .complains("no sign of life for 200 ms");
    say(&["call", &guest("eat_memory"), "--memory", "16MiB"])
        .exits(10)
        .complains("memory-limit")
        .complains("limit 16 MiB");
    say(&["call", &guest("spin"), "--fuel", "10M"])
        .exits(11)
        .complains("out-of-fuel");
}

#[test]
fn fuel_can_be_compiled_out() {
    let said = say(&["call", &guest("double"), "4", "--fuel", "off", "--outcome"]).exits(0);
    assert!(said.out.contains("\"fuel\":0"), "{said:?}");
}

#[test]
fn the_whole_outcome_can_be_had() {
    let said = say(&["call", &guest("double"), "21", "--outcome", "-o", "json"]).exits(0);
    let outcome: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(outcome["status"], "success");
    assert_eq!(outcome["reason"], "returned");
    assert_eq!(outcome["data"], 42);
    assert_eq!(outcome["attempts"], 1);
    assert!(outcome["receipts"][0]["fuel"].as_u64() > Some(0));
}

#[test]
fn wrong_words_are_usage_errors() {
    for arguments in [
        &["call"][..],
        &["frobnicate"],
        &["call", &guest("double"), "not json"],
        &["call", &guest("double"), "1", "--keepalive", "-3s"],
        &["call", &guest("double"), "1", "--keepalive", "nan"],
        &["call", &guest("double"), "1", "--memory", "5 potatoes"],
        &["call", &guest("double"), "1", "--memory", "inf"],
        &["call", &guest("double"), "1", "--no-such-flag"],
        &["call", &guest("double"), "@/no/such/file.json"],
    ] {
        let said = say(arguments).exits(2).prints("");
        assert!(!said.err.is_empty());
    }
    say(&["mpa"]).exits(2).complains("did you mean `map`?");
    say(&["call", "x.wasm", "--deadline", "-1s"])
        .exits(2)
        .complains("`-1s` is less than nothing");
    say(&["call", "x.wasm", "--slots", "-1"])
        .exits(2)
        .complains("`-1` is no count; write `auto` or 1 to 65536");
}

#[test]
fn text_from_guests_is_escaped() {
    let said = say(&["call", &guest("panic"), r#""\u001b[31mred\u202egnp""#]).exits(10);
    assert!(
        !said.err.contains('\u{1b}') && !said.err.contains('\u{202e}'),
        "{said:?}"
    );
    let said = say(&["call", &guest("echo"), r#""\u001b[31mred""#]).exits(0);
    assert!(!said.out.contains('\u{1b}'), "{said:?}");
}

#[test]
fn a_plugin_reaches_only_what_a_flag_grants() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "hello").unwrap();
    let read = guest("read_file");
    let said = say(&["call", &read, r#""/data/a.txt""#]).exits(0);
    assert!(said.out.contains("error"), "{said:?}");
    let grant = format!("{}::/data", folder.path().display());
    say(&["call", &read, r#""/data/a.txt""#, "--allow-read", &grant])
        .exits(0)
        .prints("{\"ok\":\"hello\"}\n");
    say(&["call", &read, "null", "--allow-read", "/no/such/folder"])
        .exits(3)
        .complains("/no/such/folder");
}
