//! Reach with a partial grant: out of a granted folder, and past a granted address.

use std::path::Path;
use wodehost::plugin::{Folder, NetRule};
use wodehost::{Grants, Plugin, PluginSource};
use wodehost_tests::{call, data, guest, runtime};

fn granted(name: &str, grants: Grants) -> Plugin {
    let source = PluginSource::file(guest(name)).grants(grants);
    runtime().load(source).unwrap()
}

fn folder(host: &Path) -> Folder {
    let text = format!("{}::/in", host.display());
    Folder::parse(&text, Path::new("/")).unwrap()
}

const SECRET: &str = "nobody may see this";

/// What is tried from within the granted folder, which the guest calls `/in`; `{out}` is
/// the folder around it. None of it may work where the folder is writable, let alone
/// where it is not.
const TRIED: &[&str] = &[
    r#"{"do": "read", "text": "/in/../secret"}"#,
    r#"{"do": "read", "text": "/in/a/../../secret"}"#,
    r#"{"do": "read", "text": "/in/./.././secret"}"#,
    r#"{"do": "read", "text": "/in/leads-out"}"#,
    r#"{"do": "read", "text": "/in/leads-up/secret"}"#,
    r#"{"do": "read", "text": "{out}/secret"}"#,
    r#"{"do": "read", "text": "../secret"}"#,
    r#"{"do": "read", "text": "/inside/secret"}"#,
    r#"{"do": "read", "text": "/in/\u0000/../secret"}"#,
    r#"{"do": "list", "text": "/in/.."}"#,
    r#"{"do": "list", "text": "/in/leads-up"}"#,
    r#"{"do": "write", "text": "/in/../new"}"#,
    r#"{"do": "write", "text": "/in/leads-out"}"#,
    r#"{"do": "write", "text": "/in/dangles"}"#,
    r#"{"do": "remove", "text": "/in/../secret"}"#,
    r#"{"do": "remove", "text": "/in/leads-up/secret"}"#,
    r#"{"do": "rename", "text": "/in/file", "to": "/in/../file"}"#,
    r#"{"do": "rename", "text": "/in/../secret", "to": "/in/secret"}"#,
    r#"{"do": "rename", "text": "/in/file", "to": "/in/leads-up/file"}"#,
    r#"{"do": "hard-link", "text": "/in/../secret", "to": "/in/secret"}"#,
    r#"{"do": "hard-link", "text": "/in/leads-up/secret", "to": "/in/secret"}"#,
    r#"{"do": "hard-link", "text": "/in/file", "to": "/in/../file"}"#,
    r#"{"do": "symlink", "text": "../secret", "to": "/in/made"}"#,
    r#"{"do": "symlink", "text": "{out}/secret", "to": "/in/made-too"}"#,
    r#"{"do": "symlink", "text": "/proc/self/environ", "to": "/in/made-as-well"}"#,
];

#[test]
fn nothing_leads_out_of_a_granted_folder() {
    let _turn = crate::alone();
    let around = tempfile::tempdir().unwrap();
    let out = around.path();
    let inside = out.join("inside");
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, inside.join(name)).unwrap();
    std::fs::create_dir_all(inside.join("a")).unwrap();
    std::fs::write(out.join("secret"), SECRET).unwrap();
    std::fs::write(inside.join("file"), "mine").unwrap();
    link(out.join("secret").to_str().unwrap(), "leads-out");
    link("..", "leads-up");
    link("../new", "dangles");
    for is_writable in [false, true] {
        let grants = || {
            let folders = vec![folder(&inside)];
            let (read, write) = if is_writable {
                (vec![], folders)
            } else {
                (folders, vec![])
            };
            Grants {
                read,
                write,
                ..Grants::none()
            }
        };
        // The folder itself can be read, so the rest is not refused for want of a grant.
        let read = call(
            granted("mischief", grants()),
            r#"{"do": "read", "text": "/in/file"}"#,
        );
        assert_eq!(data(&read), r#"{"ok":"mine"}"#);
        for tried in TRIED {
            let job = tried.replace("{out}", out.to_str().unwrap());
            let outcome = call(granted("mischief", grants()), &job);
            let answer = outcome.to_value().to_json();
            assert!(answer.contains(r#""error""#), "{job}: {answer}");
            assert!(!answer.contains(SECRET), "{job}: {answer}");
            if !tried.contains("{out}") {
                let place = out.to_str().unwrap();
                assert!(!answer.contains(place), "{job}: {answer}");
            }
        }
        let mut names: Vec<_> = std::fs::read_dir(out)
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["inside", "secret"]);
        assert_eq!(std::fs::read_to_string(out.join("secret")).unwrap(), SECRET);
        assert_eq!(
            std::fs::read_to_string(inside.join("file")).unwrap(),
            "mine"
        );
    }
}

#[test]
fn a_grant_for_one_address_is_none_for_another() {
    let _turn = crate::alone();
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap().to_string();
    let grants = || Grants {
        net: vec![NetRule::parse(&address).unwrap()],
        ..Grants::none()
    };
    let connect = |to: &str| data(&call(granted("connect", grants()), &format!("\"{to}\"")));
    assert_eq!(connect(&address), r#"{"ok":"connected"}"#);
    let port = server.local_addr().unwrap().port();
    for to in [
        other.local_addr().unwrap().to_string(),
        format!("127.0.0.2:{port}"),
        format!("0.0.0.0:{port}"),
        format!("[::1]:{port}"),
        format!("[::ffff:127.0.0.1]:{port}"),
        "169.254.169.254:80".to_owned(),
        "[fe80::1]:80".to_owned(),
        format!("localhost:{port}"),
    ] {
        let answer = connect(&to);
        assert!(answer.contains(r#""error""#), "{to}: {answer}");
    }
    for job in [
        r#"{"do": "udp", "text": "127.0.0.1:0"}"#,
        r#"{"do": "listen", "text": "127.0.0.1:0"}"#,
        r#"{"do": "look-up", "text": "localhost:80"}"#,
    ] {
        let answer = data(&call(granted("mischief", grants()), job));
        assert!(answer.contains(r#""error""#), "{job}: {answer}");
    }
}
