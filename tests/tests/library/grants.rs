//! What a plugin may reach: nothing without a grant, and no more than granted.

use std::path::Path;
use wodehost::plugin::{Folder, NetRule};
use wodehost::{Grants, Plugin, PluginSource, Value};
use wodehost_tests::{call, data, guest, load, runtime, value};

fn granted(name: &str, grants: Grants, config: &str) -> Plugin {
    let source = PluginSource::file(guest(name))
        .grants(grants)
        .config(value(config));
    runtime().load(source).unwrap()
}

/// A guest that may write into `folder`, which it calls `/out`.
pub(crate) fn writer(name: &str, folder: &Path, config: &str) -> Plugin {
    let grants = Grants {
        write: vec![Folder::parse(&format!("{}::/out", folder.display()), Path::new("/")).unwrap()],
        ..Grants::none()
    };
    granted(name, grants, config)
}

/// A guest that may read `folder`, which it calls `/in`.
pub(crate) fn reader(name: &str, folder: &Path) -> Plugin {
    let grants = Grants {
        read: vec![Folder::parse(&format!("{}::/in", folder.display()), Path::new("/")).unwrap()],
        ..Grants::none()
    };
    granted(name, grants, "{}")
}

fn read(plugin: Plugin, path: &str) -> String {
    data(&call(plugin, &Value::of(path).unwrap().to_json()))
}

#[test]
fn without_a_grant_there_are_no_files() {
    for path in [
        "/etc/passwd",
        "etc/passwd",
        "../../etc/passwd",
        "/proc/self/environ",
        ".",
    ] {
        let answer = read(load("read_file"), path);
        assert!(answer.contains("error"), "{path}: {answer}");
    }
    let answer = data(&call(
        load("write_file"),
        r#"{"path": "/tmp/x", "contents": "x"}"#,
    ));
    assert!(answer.contains("error"), "{answer}");
}

#[test]
fn a_granted_folder_can_be_read_and_not_left() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("granted");
    std::fs::create_dir(&inside).unwrap();
    std::fs::write(inside.join("a.txt"), "hello").unwrap();
    std::fs::write(folder.path().join("secret"), "secret").unwrap();
    std::os::unix::fs::symlink(folder.path().join("secret"), inside.join("link")).unwrap();
    std::os::unix::fs::symlink("..", inside.join("up")).unwrap();
    let plugin = || reader("read_file", &inside);
    assert_eq!(read(plugin(), "/in/a.txt"), r#"{"ok":"hello"}"#);
    let secret = folder.path().join("secret");
    for path in [
        "/in/../secret",
        "/in/link",
        "/in/up/secret",
        "../secret",
        secret.to_str().unwrap(),
    ] {
        let answer = read(plugin(), path);
        assert!(!answer.contains("ok"), "{path}: {answer}");
    }
    let job = r#"{"path": "/in/b.txt", "contents": "x"}"#;
    let answer = data(&call(reader("write_file", &inside), job));
    assert!(answer.contains("error"), "reading is not writing: {answer}");
    assert!(!inside.join("b.txt").exists());
}

#[test]
fn a_folder_granted_for_writing_can_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = writer("write_file", folder.path(), "{}");
    let answer = data(&call(
        plugin,
        r#"{"path": "/out/b.txt", "contents": "four"}"#,
    ));
    assert_eq!(answer, r#"{"ok":4}"#);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("b.txt")).unwrap(),
        "four"
    );
}

#[test]
fn a_guest_never_sees_where_a_folder_is() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = reader("read_file", folder.path());
    let answer = read(plugin, "/in/nothing-there");
    let host_path = folder.path().to_str().unwrap();
    assert!(
        answer.contains("error") && !answer.contains(host_path),
        "{answer}"
    );
}

#[test]
fn a_socket_needs_a_grant_for_its_address() {
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let job = format!(r#""{address}""#);
    let answer = data(&call(load("connect"), &job));
    assert!(answer.contains(r#""kind":"PermissionDenied""#), "{answer}");
    let rule = |text: &str| Grants {
        net: vec![NetRule::parse(text).unwrap()],
        ..Grants::none()
    };
    let plugin = granted("connect", rule(&address.to_string()), "{}");
    assert_eq!(data(&call(plugin, &job)), r#"{"ok":"connected"}"#);
    let plugin = granted("connect", rule("127.0.0.2:*"), "{}");
    let answer = data(&call(plugin, &job));
    assert!(answer.contains("error"), "another address: {answer}");
}

#[test]
fn host_variables_are_seen_by_name_only() {
    let grants = Grants {
        env: vec![("SHOWN".into(), "yes".into())],
        ..Grants::none()
    };
    let plugin = || granted("env_read", grants.clone(), "{}");
    assert_eq!(
        data(&call(plugin(), r#""SHOWN""#)),
        r#"{"host":"yes","std":"yes"}"#
    );
    assert_eq!(
        data(&call(plugin(), r#""PATH""#)),
        r#"{"host":null,"std":null}"#
    );
    assert_eq!(
        data(&call(load("env_read"), r#""PATH""#)),
        r#"{"host":null,"std":null}"#
    );
}

#[test]
fn there_are_no_arguments_variables_or_stdin() {
    let answer = data(&call(load("args_stdin"), "null"));
    assert!(answer.starts_with(r#"{"args":0,"env":0,"#), "{answer}");
}

#[test]
fn clocks_are_coarse() {
    let answer = call(load("clock_report"), "5").data;
    for field in ["system_ns", "elapsed_ns"] {
        let nanos = answer.get(field).and_then(|v| v.as_u64()).unwrap();
        assert_eq!(nanos % 1_000_000, 0, "{field}: {answer}");
    }
}

#[test]
fn a_configuration_reaches_its_plugin_byte_for_byte() {
    let config = value(r#"{"b":{"$f32":1.5},"a":[1]}"#);
    let source = PluginSource::file(guest("config")).config(config.clone());
    let outcome = call(runtime().load(source).unwrap(), "null");
    assert_eq!(outcome.data, config);
}
