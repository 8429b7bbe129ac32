//! Files that are no plugin, `inspect`, `check`, and configuration that is wrong.

use crate::tool::{guest, say, say_in, wodehost};

#[test]
fn what_is_no_plugin_is_told_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let table = [
        ("/no/such.wasm".to_owned(), "unreadable"),
        (file("text.wasm", b"hello"), "not-a-component"),
        (file("core.wasm", b"\0asm\x01\0\0\0"), "not-a-component"),
        (file("empty.wasm", b""), "not-a-component"),
        (file("bad.wasm", b"\0asm\x0d\0\x01\0\xff"), "bad-component"),
    ];
    for (path, code) in table {
        for verb in ["call", "map", "inspect", "check"] {
            say(&[verb, &path])
                .exits(20)
                .complains(code)
                .complains("hint:");
        }
    }
    // A producer is no worker.
    say(&["call", &guest("count_to")])
        .exits(20)
        .complains("wrong-world");
}

#[test]
fn inspect_says_what_a_plugin_may_do_and_where_its_limits_come_from() {
    let said = say(&["inspect", &guest("double"), "--memory", "64MiB"]).exits(0);
    assert!(
        said.out.contains("a worker") && said.out.contains("It may not"),
        "{said:?}"
    );
    assert!(
        said.out.contains("64MiB") && said.out.contains("--memory"),
        "{said:?}"
    );
    let said = say(&["inspect", &guest("double"), "-o", "json"]).exits(0);
    let about: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(about["schema"], 1);
    say(&["check", &guest("double")]).exits(0);
}

#[test]
fn a_wrong_configuration_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| std::fs::write(folder.path().join("wodehost.toml"), text).unwrap();
    for (text, part) in [
        ("slotz = 3", "slots"),
        ("[limits]\nmemori = \"1MiB\"", "memory"),
        ("[limits]\nmemory = \"a lot\"", "memory"),
        ("slots = \"many\"", "slots"),
        ("[run\n", "wodehost.toml"),
        ("[plugins.a]\npath = \"a.wasm\"\nallow.raed = []", "read"),
    ] {
        write(text);
        say_in(folder.path(), &["config", "show"])
            .exits(3)
            .complains(part);
    }
}

#[test]
fn every_value_of_the_configuration_has_a_source() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("wodehost.toml"), "slots = 7\n").unwrap();
    let said: crate::tool::Said = wodehost(&["config", "show"])
        .current_dir(folder.path())
        .env("WODEHOST_KEEPALIVE", "3s")
        .output()
        .unwrap()
        .into();
    let said = said.exits(0);
    assert!(said.out.contains("slots = 7"), "{said:?}");
    assert!(said.out.contains("WODEHOST_KEEPALIVE"), "{said:?}");
    let schema = say(&["config", "schema"]).exits(0);
    serde_json::from_str::<serde_json::Value>(&schema.out).unwrap();
}

#[test]
fn the_small_verbs_work() {
    say(&["doctor"]).exits(0);
    assert!(
        say(&["completions", "bash"])
            .exits(0)
            .out
            .contains("wodehost")
    );
    assert!(say(&["man"]).exits(0).out.contains("wodehost"));
    assert!(say(&["--version"]).exits(0).out.starts_with("wodehost "));
}
