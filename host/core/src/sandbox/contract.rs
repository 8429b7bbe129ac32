//! The bindings made from `wit/`: shapes and host traits of the contract.
//!
//! Only imports are generated. Exports are looked up by hand, once per plugin,
//! because the contract's optional exports have no place in a WIT world.

#![expect(unreachable_pub, reason = "generated")]

wasmtime::component::bindgen!({
    inline: "
        package wodehost:host-side;
        world imports {
            import wodehost:plugin/host@0.1.0;
            import wodehost:plugin/log@0.1.0;
            import wodehost:plugin/clock@0.1.0;
            import wodehost:plugin/random@0.1.0;
            import wodehost:plugin/task@0.1.0;
            import wodehost:plugin/board@0.1.0;
            import wodehost:plugin/jobs@0.1.0;
            import wodehost:plugin/checkpoint@0.1.0;
        }
    ",
    path: "../../wit",
    world: "wodehost:host-side/imports",
    imports: {
        default: trappable,
        "wodehost:plugin/clock.sleep": async | trappable,
        "wodehost:plugin/jobs.submit": async | trappable,
        "wodehost:plugin/jobs.wait-any": async | trappable,
        "wodehost:plugin/jobs.[method]job.wait": async | trappable,
    },
    with: {
        "wodehost:plugin/jobs.job": super::imports::jobs::NestedJob,
    },
});

pub use self::wodehost::plugin::{board, checkpoint, clock, host, jobs, log, random, task, types};
