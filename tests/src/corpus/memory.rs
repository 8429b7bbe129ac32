//! More memory, tables, instances and handles than there may be, and pointers that lead
//! nowhere.

use super::wat::{POLL, POLL_GIVEN, POLL_WANTS, Worker, returns, runs, with_core};
use super::{Case, built, case};
use wodehost::Limit::{Handles, Instances, Memory, Tables};
use wodehost::Status::{Failure, Success};

pub(super) fn cases() -> Vec<Case> {
    [sizes(), counts(), pointers()]
        .into_iter()
        .flatten()
        .collect()
}

fn of(name: &'static str, plugin: impl Into<super::Offered>) -> Case {
    case("memory", name, plugin)
}

fn sizes() -> Vec<Case> {
    // Grows by a page until it is refused, or has 512 pages more.
    let grow = "(local $n i32)
        (loop $more
            (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $n) (i32.const 512))))
        i32.const 16";
    let memories = parts("(memory 96)", 2);
    vec![
        of("recurses without end", built("recurse")).ends(
            Failure,
            "trap:stack-overflow",
            "call stack exhausted",
        ),
        of("fills its memory", built("eat_memory"))
            .under(&[(Memory, "16MiB")])
            .ends(Failure, "memory-limit", "; limit 16 MiB")
            .unless(&[(Memory, "48MiB")], Failure, "memory-limit"),
        of("grows by pages", runs(grow))
            .under(&[(Memory, "16MiB")])
            .ends(Failure, "memory-limit", "; limit 16 MiB")
            .unless(&[(Memory, "48MiB")], Success, "returned"),
        of("has memories, each under the limit", memories)
            .under(&[(Memory, "8MiB")])
            .ends(
                Failure,
                "memory-limit",
                "asked for 12.1 MiB of memory; limit 8 MiB",
            )
            .unless(&[(Memory, "16MiB")], Success, "returned"),
        of(
            "has them in one module",
            with_core("(memory 96) (memory 96)", "i32.const 16"),
        )
        .under(&[(Memory, "8MiB")])
        .ends(
            Failure,
            "memory-limit",
            "asked for 12.1 MiB of memory; limit 8 MiB",
        )
        .unless(&[(Memory, "16MiB")], Success, "returned"),
        of(
            "has five memories in a module",
            with_core(&"(memory 1)".repeat(5), "i32.const 16"),
        )
        .refused("component-too-complex", "memories count of 5 exceeds"),
        of(
            "has nine tables in a module",
            with_core(&"(table 1 funcref)".repeat(9), "i32.const 16"),
        )
        .refused("component-too-complex", "tables count of 9 exceeds"),
        of("has fifty memories", parts("(memory 1)", 50))
            .refused("component-too-complex", "memories"),
        of(
            "begins with 100 MiB",
            with_core("(memory 1600)", "i32.const 16"),
        )
        .under(&[(Memory, "16MiB")])
        .ends(Failure, "memory-limit", "limit 16 MiB")
        .unless(&[(Memory, "120MiB")], Success, "returned"),
        of(
            "begins with 4 GiB",
            with_core("(memory 65536)", "i32.const 16"),
        )
        .refused("component-too-complex", "memory"),
    ]
}

/// Tables, instances and handles.
fn counts() -> Vec<Case> {
    let table = with_core(
        "(table $t 0 funcref)",
        "(loop $more
            (if (i32.eq (table.grow $t (ref.null func) (i32.const 100)) (i32.const -1))
                (then unreachable))
            (br_if $more (i32.lt_u (table.size $t) (i32.const 50000))))
        i32.const 16",
    );
    let tables = parts("(table 6000 funcref)", 2);
    vec![
        of("grows a table", table)
            .under(&[(Tables, "10000")])
            .ends(Failure, "table-limit", "limit 10,000")
            .unless(&[(Tables, "100000")], Success, "returned"),
        of("begins with tables, each under the limit", tables)
            .under(&[(Tables, "10000")])
            .ends(
                Failure,
                "table-limit",
                "asked for 12,000 table elements; limit 10,000",
            )
            .unless(&[(Tables, "100000")], Success, "returned"),
        of(
            "begins with a table of 4 G",
            with_core("(table 4294967295 funcref)", "i32.const 16"),
        )
        .refused("component-too-complex", "table"),
        of("has fifty tables", parts("(table 1 funcref)", 50))
            .refused("component-too-complex", "tables"),
        of("has fifty instances", parts("", 50))
            .under(&[(Instances, "20")])
            .ends(Failure, "instance-limit", "has more than 20 instances")
            .unless(&[(Instances, "64")], Success, "returned"),
        of("has nine hundred instances", parts("", 900))
            .refused("component-too-complex", "instances"),
        of("has a thousand instances", parts("", 1000)).refused(
            "component-too-complex",
            "instances count exceeds limit of 1000",
        ),
        of("leaks handles", handles())
            .under(&[(Handles, "100")])
            .ends(Failure, "handle-limit", "held more than 100 handles")
            .unless(&[(Handles, "4096")], Success, "returned"),
    ]
}

/// What comes over the boundary has to lie in the guest's memory, and be aligned.
fn pointers() -> Vec<Case> {
    let bad = |name, plugin: String| of(name, plugin).ends(Failure, "bad-abi", "broke the rules");
    let realloc = |realloc| {
        let worker = Worker {
            realloc,
            ..Worker::default()
        };
        worker.text()
    };
    vec![
        of("returns a list of 4 GiB", returns([0, 32, -1])).ends(
            Failure,
            "bad-abi",
            "broke the rules",
        ),
        bad(
            "returns a list that ends outside",
            returns([0, 65536, 65537]),
        ),
        bad(
            "returns a list that lies outside",
            returns([0, 0x7fff_0000, 1]),
        ),
        bad(
            "returns a list that wraps around",
            returns([0, 0xffff_fff0, 64]),
        ),
        bad("returns an error of 4 GiB", returns([1, 32, -1])),
        bad("returns neither a result nor an error", returns([7, 32, 1])),
        bad("returns a result outside", runs("i32.const -16")),
        bad("returns a misaligned result", runs("i32.const 17")),
        bad("gives its job no room", realloc("i32.const -1")),
        bad(
            "gives its job room at the edge",
            realloc("i32.const 131072"),
        ),
        of("traps in `realloc`", realloc("unreachable")).ends(
            Failure,
            "trap:unreachable",
            "trapped in the call",
        ),
        of("recurses in `realloc`", recursion()).ends(
            Failure,
            "trap:stack-overflow",
            "call stack exhausted",
        ),
        of("calls a pollable after its drop", dropped()).ends(
            Failure,
            "bad-abi",
            "unknown handle index",
        ),
        of("calls a job that it never had", job_without()).ends(
            Failure,
            "bad-abi",
            "unknown handle index",
        ),
    ]
}

/// So many core instances of a module with this in it.
fn parts(module: &str, count: usize) -> String {
    let imports = format!(
        "(core module $part {module}) {}",
        "(core instance (instantiate $part))".repeat(count)
    );
    let worker = Worker {
        imports: &imports,
        ..Worker::default()
    };
    worker.text()
}

/// Makes a thousand pollables and drops none.
fn handles() -> String {
    polling(
        "(local $n i32)
        (loop $more
            (drop (call $subscribe (i64.const 0)))
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $n) (i32.const 1000))))
        i32.const 16",
    )
}

fn dropped() -> String {
    polling(
        "(local $p i32)
        (local.set $p (call $subscribe (i64.const 0)))
        (call $drop (local.get $p))
        (drop (call $ready (local.get $p)))
        i32.const 16",
    )
}

fn polling(run: &str) -> String {
    let worker = Worker {
        imports: POLL,
        given: POLL_GIVEN,
        wants: POLL_WANTS,
        run,
        ..Worker::default()
    };
    worker.text()
}

fn job_without() -> String {
    let worker = Worker {
        imports: r#"
    (import "wodehost:plugin/jobs@0.1.0" (instance $jobs
        (export "job" (type $job (sub resource)))
        (export "[method]job.done" (func (param "self" (borrow $job)) (result bool)))))
    (core func $done (canon lower (func $jobs "[method]job.done")))"#,
        given: r#"(export "done" (func $done))"#,
        wants: r#"(import "host" "done" (func $done (param i32) (result i32)))"#,
        run: "(call $done (i32.const 1))",
        ..Worker::default()
    };
    worker.text()
}

/// `realloc` calls itself.
fn recursion() -> String {
    let worker = Worker {
        realloc: "(call 0 (local.get 0) (local.get 1) (local.get 2) (local.get 3)) (i32.add (i32.const 1))",
        ..Worker::default()
    };
    worker.text()
}
