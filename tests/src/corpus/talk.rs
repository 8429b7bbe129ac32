//! What a plugin says: floods, and text that would steer a terminal.

use super::wat::Worker;
use super::{Case, built, case};
use wodehost::Limit::Log;
use wodehost::Status::Failure;

/// A function of one text: its interface, its name, its parameter.
const TEXTS: [(&str, &str, &str); 3] = [
    ("task", "set-name", "name"),
    ("board", "say", "text"),
    ("host", "env", "name"),
];

pub(super) fn cases() -> Vec<Case> {
    let talks = |name: &'static str, text: &str, times: u32| {
        let job = format!(r#"{{"do": "talk", "text": "{text}", "times": {times}}}"#);
        let case = case("talk", name, built("mischief")).job(job);
        case.ends(Failure, "error", "")
    };
    let mut cases = vec![
        case("talk", "logs a million bytes", built("log_flood"))
            .job(r#"{"lines": 1000, "bytes": 1000}"#),
        case("talk", "logs one huge line", built("mischief"))
            .job(r#"{"do": "log", "text": "x", "times": 10000000}"#),
        case("talk", "logs more than is taken at once", built("mischief"))
            .job(r#"{"do": "log", "text": "x", "times": 20000000}"#)
            .ends(
                Failure,
                "value-too-large",
                "more than the host takes at once",
            ),
        case("talk", "prints a million bytes", built("stdout_flood")).job("1000000"),
        case("talk", "prints what nobody keeps", built("stdout_flood"))
            .job("100000")
            .under(&[(Log, "1000")]),
        talks("colours", r"\u001b[31mred\u001b[2J", 1),
        talks("turns text around", r"\u202egnp.exe\u2066", 1),
        talks("ends texts early", r"a\u0000b", 1),
        talks("rings and moves the cursor", r"\u0007\u0008\u009b1A\r", 1),
        talks(
            "forges a line of ours",
            r"x\nerror: wodehost: all is lost",
            1,
        ),
        talks("repeats it all", r"\u001b]0;title\u0007", 10_000),
    ];
    for (interface, function, parameter) in TEXTS {
        for (what, text, length) in [
            ("not UTF-8", 16, 32),
            ("of 4 GiB", 16, -1),
            ("outside", -8, 16),
        ] {
            let name = format!("`{function}` with a text that is {what}");
            let worker = says(interface, function, parameter, (text, length));
            let message = "broke the rules";
            cases.push(case("talk", name, worker).ends(Failure, "bad-abi", message));
        }
    }
    cases
}

/// Hands over a text at an address. Where [`Worker`] keeps its result there is no UTF-8
/// behind byte 32.
fn says(interface: &str, function: &str, parameter: &str, (text, length): (i32, i32)) -> String {
    let is_question = function == "env";
    let answer = if is_question {
        "(result (option string))"
    } else {
        ""
    };
    let imports = format!(
        r#"(import "wodehost:plugin/{interface}@0.1.0" (instance $i
            (export "{function}" (func (param "{parameter}" string) {answer}))))
        (core func $f (canon lower (func $i "{function}")
            (memory $m) (realloc $realloc)))"#
    );
    let (third, place) = if is_question {
        ("i32", "(i32.const 256)")
    } else {
        ("", "")
    };
    let wants = format!(r#"(import "host" "f" (func $f (param i32 i32 {third})))"#);
    let run = format!("(call $f (i32.const {text}) (i32.const {length}) {place}) i32.const 16");
    let worker = Worker {
        imports: &imports,
        given: r#"(export "f" (func $f))"#,
        wants: &wants,
        run: &run,
        ..Worker::default()
    };
    worker.text()
}
