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
    let fifo = folder.path().join("fifo.wasm");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.unwrap().success());
    let table = [
        ("/no/such.wasm".to_owned(), "unreadable"),
        // Reading them has no end, or no beginning.
        ("/dev/zero".to_owned(), "unreadable"),
        (fifo.to_str().unwrap().to_owned(), "unreadable"),
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
fn names_that_would_steer_the_terminal_are_escaped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a\u{1b}[31m.wasm");
    std::fs::copy(guest("double"), &path).unwrap();
    let path = path.to_str().unwrap();
    for arguments in [
        &["check", path][..],
        &["inspect", path],
        &["call", path, "\"x\""],
        &["call", "no\u{1b}[31mbody"],
    ] {
        let said = say(arguments);
        assert!(!said.out.contains('\u{1b}'), "{said:?}");
        assert!(!said.err.contains('\u{1b}'), "{said:?}");
        assert!(
            format!("{}{}", said.out, said.err).contains("\\x1b[31m"),
            "{said:?}"
        );
    }
}

#[test]
fn a_home_that_takes_no_cache_is_no_obstacle() {
    let homeless = |arguments: &[&str]| -> crate::tool::Said {
        wodehost(arguments)
            .env_remove("WODEHOST_CACHE")
            .env_remove("XDG_CACHE_HOME")
            .env("HOME", "/proc")
            .output()
            .unwrap()
            .into()
    };
    let said = homeless(&["call", &guest("double"), "21"])
        .exits(0)
        .prints("42\n");
    assert_eq!(said.err.matches("warning:").count(), 1, "{said:?}");
    homeless(&["call", &guest("double"), "21", "--cache", "/proc/x"])
        .exits(3)
        .complains("/proc/x");
    let said = homeless(&["doctor"]).exits(0);
    assert!(said.out.contains("note   cache"), "{said:?}");
    let said = homeless(&["doctor", "--cache", "/proc/x"]).exits(3);
    assert!(said.out.contains("broken cache"), "{said:?}");
}

#[test]
fn a_flag_for_a_plugin_that_is_not_there_says_which_are() {
    let (producer, worker) = (guest("count_to"), guest("double"));
    let run = ["run", "--producer", &producer, "--worker", &worker];
    for (flag, text) in [("--set", "doubel.x=1"), ("--allow-read", "doubel=/tmp")] {
        say(&[&run[..], &[flag, text]].concat())
            .exits(2)
            .complains("no plugin is called `doubel`")
            .complains("there are count_to, double")
            .complains("did you mean `double`?");
    }
    say(&["call", &worker, "1", "--allow-env", "q=HOME"])
        .exits(2)
        .complains("there is double");
}

#[test]
fn the_roles_of_limits_are_told() {
    let said = say(&["inspect", &guest("count_to")]).exits(0);
    assert!(
        said.out.contains("`next` may wait without limit"),
        "{said:?}"
    );
}

#[test]
fn the_small_verbs_work() {
    let help = say(&["help", "map"]).exits(0);
    assert!(help.out.contains("--unordered"), "{help:?}");
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
