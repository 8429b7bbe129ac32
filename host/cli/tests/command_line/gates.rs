//! `--gate` and the key `gates`: what they take, what they say, what they hold back.

use crate::tool::{guest, say, say_in};

// J22
#[test]
fn a_gate_that_is_none_is_wrong_usage() {
    let double = guest("double");
    for (gate, part) in [
        ("load:high", "load: `high` is not a number"),
        ("rate:0", "rate: with `0` no job would ever start"),
        ("laod:4", "did you mean `load`?"),
        ("load", "the built-in gate is written load:N"),
        ("guard", "no plugin is called `guard`"),
    ] {
        say(&["call", &double, "1", "--gate", gate])
            .exits(2)
            .complains(part);
    }
}

// J22
#[test]
fn a_plugin_that_is_no_gate_is_told_before_anything_runs() {
    let (double, producer) = (guest("double"), guest("count_to"));
    say(&["call", &double, "1", "--gate", &double])
        .exits(20)
        .complains("this plugin is a worker, not a gate");
    let arguments = ["run", "--producer", &producer, "--worker", &double];
    say(&[&arguments[..], &["--gate", &producer, "--dry-run"]].concat())
        .exits(20)
        .complains("plugin `count_to` is no gate");
}

// J22
#[test]
fn gates_of_the_configuration_are_shown_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let toml = format!(
        "gates = [\"rate:1000\", \"file:!stop\", \"guard\"]\n[run]\nproducer = \"list\"\n\
         workers = [\"double\"]\n[plugins.guard]\npath = \"{}\"\nconfig.waits = 1\n\
         [plugins.list]\npath = \"{}\"\n[plugins.double]\npath = \"{}\"\n",
        guest("gate_sometimes"),
        guest("count_to"),
        guest("double"),
    );
    let path = folder.path().join("wodehost.toml");
    std::fs::write(&path, &toml).unwrap();
    let shown = say_in(folder.path(), &["config", "show"]).exits(0);
    let line = shown.out.lines().find(|l| l.starts_with("gates")).unwrap();
    assert!(
        line.contains(r#"["rate:1000/s", "file:!stop", "guard"]"#),
        "{line}"
    );
    assert!(line.ends_with("# wodehost.toml:1"), "{line}");

    let plan = say_in(folder.path(), &["run", "--dry-run"]).exits(0);
    for part in [
        "gate      guard@",
        "gates     rate:1000/s, file:!stop, guard (wodehost.toml:1)",
    ] {
        assert!(plan.out.contains(part), "no {part}: {plan:?}");
    }
    // A flag replaces the list.
    let arguments = ["run", "--dry-run", "--gate", "load:1000"];
    let plan = say_in(folder.path(), &arguments).exits(0);
    assert!(
        plan.out.contains("gates     load:1000 (--gate)"),
        "{plan:?}"
    );
    assert!(!plan.out.contains("guard"), "{plan:?}");

    std::fs::write(&path, toml.replace("guard\"]", "gaurd\"]")).unwrap();
    say_in(folder.path(), &["run", "--dry-run"])
        .exits(3)
        .complains("wodehost.toml:1: gates cannot be used")
        .complains("did you mean `guard`?");
    std::fs::write(&path, toml.replace("rate:1000", "rate:fast")).unwrap();
    say_in(folder.path(), &["config", "show"])
        .exits(3)
        .complains("wodehost.toml:1: gates cannot be used")
        .complains("rate: `fast` is not a number");
}

// J22
#[test]
fn a_gate_that_fails_is_told_and_holds_nothing_back() {
    let (double, gate) = (guest("double"), guest("gate_trap"));
    say(&["call", &double, "21", "--gate", &gate])
        .exits(0)
        .prints("42\n")
        .complains("the gate failed and holds nothing back")
        .complains("gate_trap");
}

// J22
#[test]
fn a_gate_says_what_a_plugin_needs_by_its_name() {
    let (double, gate) = (guest("double"), guest("gate_sometimes"));
    let arguments = ["call", &double, "21", "--gate", &gate];
    say(&[&arguments[..], &["--set", "gate_sometimes.waits=2"]].concat())
        .exits(0)
        .prints("42\n");
    say(&[&arguments[..], &["--set", "waits=2"]].concat())
        .exits(2)
        .complains("does not say for which plugin");
}
