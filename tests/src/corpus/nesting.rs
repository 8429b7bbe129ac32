//! Jobs that submit jobs, badly.

use super::{Case, Changes, built, case};
use wodehost::Limit::{Children, Deadline, Depth, Fuel, Keepalive, Memory, Tree};
use wodehost::Status::{Failure, Success, Timeout};

const CHILD: &str = r#"[["submit","nest",[["#;

pub(super) fn cases() -> Vec<Case> {
    let of = |name: &'static str, guest, job: String| case("nesting", name, built(guest)).job(job);
    let parent = |steps: &str, then: &str| format!("{CHILD}{steps}]]],{then}]");
    let patient: Changes = &[(Keepalive, "inf"), (Fuel, "inf"), (Deadline, "1s")];
    vec![
        of("a fork bomb of ten children", "bomb", "1".into())
            .under(&[(Children, "10"), (Tree, "100")])
            .ends(Success, "returned", "")
            .leaves("10"),
        of("a fork bomb of ten in all", "bomb", "1".into())
            .under(&[(Tree, "10")])
            .leaves("9"),
        of("a chain deeper than the slots", "chain", "30".into()).leaves("30"),
        of("a chain deeper than it may be", "chain", "5".into())
            .under(&[(Depth, "3")])
            .leaves("limit(depth)")
            .unless(&[(Depth, "5")], Success, "returned"),
        of(
            "children with more to do than their parent has memory",
            "hoard",
            "[30,1000000]".into(),
        )
        .under(&[(Memory, "16MiB")])
        .leaves("limit(memory)"),
        of(
            "children with as much to do as their parent has memory",
            "hoard",
            "[30,1000000]".into(),
        )
        .under(&[(Memory, "32MiB")])
        .leaves("30"),
        of(
            "a child that never ends",
            "nest",
            parent(r#"["spin"]"#, r#"["wait",0]"#),
        )
        .under(&[(Keepalive, "200ms")])
        .leaves("silent"),
        of(
            "a parent that waits for ever",
            "nest",
            parent(r#"["sleep",3600000]"#, r#"["wait",0]"#),
        )
        .under(&[(Keepalive, "inf"), (Deadline, "300ms")])
        .ends(Timeout, "deadline", "not done after 300 ms"),
        of(
            "a parent that traps with a child at work",
            "nest",
            parent(r#"["sleep",3600000]"#, r#"["sleep",20],["trap"]"#),
        )
        .ends(Failure, "trap:unreachable", "trapped"),
        of(
            "a parent that is silent with children at work",
            "nest",
            parent(r#"["spin"]"#, r#"["submit","nest",[[["spin"]]]],["spin"]"#),
        )
        .under(&[(Keepalive, "200ms")])
        .ends(Timeout, "silent", "no sign of life")
        .unless(patient, Timeout, "deadline"),
        of(
            "a child of nobody",
            "nest",
            r#"[["submit","nobody",[]]]"#.into(),
        )
        .leaves("nobody"),
        of(
            "a child of somebody else",
            "nest",
            r#"[["submit","echo",[]]]"#.into(),
        )
        .leaves("not-permitted"),
    ]
}
