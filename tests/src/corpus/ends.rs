//! Traps and exits.

use super::wat::{Worker, runs, with_core};
use super::{Case, built, case};
use wodehost::Status::Failure;

pub(super) fn cases() -> Vec<Case> {
    let of = |name: &'static str, plugin: super::Offered| case("ends", name, plugin);
    let trap = |name, plugin: super::Offered, reason, message: &'static str| {
        of(name, plugin).ends(Failure, reason, message)
    };
    let post = Worker {
        post: "unreachable",
        ..Worker::default()
    };
    let start = with_core("(func $s unreachable) (start $s)", "i32.const 16");
    let data = with_core(r#"(data (i32.const 131070) "abcdef")"#, "i32.const 16");
    let call = with_core(
        "(type $t (func (result i32))) (table 1 funcref)",
        "(call_indirect (type $t) (i32.const 0))",
    );
    let outside = with_core(
        "(type $t (func (result i32))) (table 1 funcref)",
        "(call_indirect (type $t) (i32.const 9))",
    );
    let overflow = "(drop (i32.div_s (i32.const -2147483648) (i32.const -1))) i32.const 16";
    let conversion = "(drop (i32.trunc_f32_s (f32.const nan))) i32.const 16";
    vec![
        trap(
            "traps",
            built("unreachable"),
            "trap:unreachable",
            "trapped in the call",
        ),
        trap("panics", built("panic"), "trap:unreachable", "unreachable").job(r#""oh dear""#),
        trap(
            "divides by zero",
            built("div_zero"),
            "trap:division-by-zero",
            "divide by zero",
        )
        .job("0"),
        trap(
            "reads outside",
            built("out_of_bounds"),
            "trap:memory-out-of-bounds",
            "out of bounds",
        ),
        // WASI 0.2 tells success from failure only, not the number.
        trap("leaves with 3", built("exit"), "exit:1", "exit code 1").job("3"),
        trap("leaves with 0", built("exit"), "exit:0", "no result").job("0"),
        trap(
            "traps in `post-return`",
            post.text().into(),
            "trap:unreachable",
            "unreachable",
        ),
        trap(
            "traps at its start",
            start.into(),
            "trap:unreachable",
            "while it was instantiated",
        ),
        trap(
            "has data outside",
            data.into(),
            "trap:memory-out-of-bounds",
            "while it was instantiated",
        ),
        trap(
            "calls nothing",
            call.into(),
            "trap:indirect-call-to-null",
            "",
        ),
        trap(
            "calls outside",
            outside.into(),
            "trap:table-out-of-bounds",
            "",
        ),
        trap(
            "overflows",
            runs(overflow).into(),
            "trap:integer-overflow",
            "",
        ),
        trap(
            "converts no number",
            runs(conversion).into(),
            "trap:bad-conversion-to-integer",
            "",
        ),
    ]
}
