//! What a plugin reaches without a grant: nothing.

use super::wat::Worker;
use super::{Case, built, case};
use wodehost::Status::Failure;

/// What is tried, where, and how Rust calls the answer. Without a folder there is none that a
/// path could begin in.
const TRIED: &[(&str, &str, &str)] = &[
    ("read", "/etc/passwd", "error"),
    ("read", "etc/passwd", "error"),
    ("read", "../../../etc/passwd", "error"),
    ("read", "/proc/self/environ", "error"),
    ("read", "/dev/zero", "error"),
    ("list", "/", "error"),
    ("list", ".", "error"),
    ("write", "/tmp/mischief", "error"),
    ("remove", "/tmp/mischief", "error"),
    ("udp", "127.0.0.1:0", "error"),
    ("listen", "127.0.0.1:0", "error"),
    ("listen", "[::1]:0", "error"),
    ("look-up", "localhost:80", "error"),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = TRIED
        .iter()
        .map(|(what, path, answer)| {
            let job = format!(r#"{{"do": "{what}", "text": "{path}"}}"#);
            let case = case("reach", format!("{what} {path}"), built("mischief"));
            case.job(job).leaves(*answer)
        })
        .collect();
    for address in [
        "127.0.0.1:22",
        "169.254.169.254:80",
        "[::1]:22",
        "[fe80::1]:80",
    ] {
        let case = case("reach", format!("connects to {address}"), built("connect"));
        cases.push(
            case.job(format!("\"{address}\""))
                .leaves("PermissionDenied"),
        );
    }
    cases.extend([
        case("reach", "environment and arguments", built("mischief"))
            .job(r#"{"do": "environment"}"#)
            .leaves("[]"),
        case("reach", "a variable", built("env_read"))
            .job(r#""PATH""#)
            .leaves(r#"{"host":null,"std":null}"#),
        case("reach", "1 GiB of random bytes", built("random_huge"))
            .job("1073741824")
            .ends(Failure, "bad-abi", "random bytes at once"),
    ]);
    for (interface, function) in [
        ("random", "get-random-bytes"),
        ("insecure", "get-insecure-random-bytes"),
    ] {
        // There is room for the smaller one, so it is the limit that refuses it.
        for bytes in [100_000, 1 << 30] {
            let name = format!("{bytes} bytes of `{function}`");
            let case = case("reach", name, random(interface, function, bytes));
            cases.push(case.ends(Failure, "bad-abi", "exceeds limit 65536"));
        }
        let case = case("reach", function, random(interface, function, 60_000));
        cases.push(case);
    }
    cases
}

fn random(interface: &str, function: &str, bytes: u32) -> String {
    let imports = format!(
        r#"(import "wasi:random/{interface}@0.2.0" (instance $random
            (export "{function}" (func (param "len" u64) (result (list u8))))))
        (core func $f (canon lower (func $random "{function}")
            (memory $m) (realloc $realloc)))"#
    );
    let worker = Worker {
        imports: &imports,
        given: r#"(export "f" (func $f))"#,
        wants: r#"(import "host" "f" (func $f (param i64 i32)))"#,
        run: &format!("(call $f (i64.const {bytes}) (i32.const 256)) i32.const 16"),
        ..Worker::default()
    };
    worker.text()
}
