//! What `wit-bindgen` makes of `wit/`, and nothing else.
//!
//! The imports are generated once, in [`imports`]; each set of exports is a
//! module of its own and shares their types. The description of an export goes
//! into a component only where its `export_…!` macro is expanded, so a worker
//! does not carry the exports of a consumer. Imports that are not called are
//! left out by the linker.
//!
//! `set-up`, `on-emit` and `finish` are worlds of one function each: a plugin
//! then exports what it has, and the host is spared calls into empty defaults.
//! Their signatures are those of `worker-full` and `consumer-full`.
//!
//! Hidden from the documentation: the macros and the tests of the host need
//! it, plugins do not.

#![allow(
    missing_docs,
    unsafe_code,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    reason = "generated; the canonical ABI passes raw pointers"
)]

/// The imports of every world.
pub mod imports {
    wit_bindgen::generate!({
        path: "wit",
        inline: "
            package wodehost:guest-sdk;
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
        world: "wodehost:guest-sdk/imports",
        generate_all,
    });
}

pub use imports::wodehost::plugin as wit;

/// `run`, of world `worker`.
pub mod worker {
    wit_bindgen::generate!({
        path: "wit",
        world: "worker",
        pub_export_macro: true,
        export_macro_name: "export_worker",
        default_bindings_module: "wodehost_guest::bindings::worker",
        with: {
            "wodehost:plugin/types@0.1.0": crate::bindings::wit::types,
            "wodehost:plugin/host@0.1.0": crate::bindings::wit::host,
            "wodehost:plugin/log@0.1.0": crate::bindings::wit::log,
            "wodehost:plugin/clock@0.1.0": crate::bindings::wit::clock,
            "wodehost:plugin/random@0.1.0": crate::bindings::wit::random,
            "wodehost:plugin/task@0.1.0": crate::bindings::wit::task,
            "wodehost:plugin/board@0.1.0": crate::bindings::wit::board,
            "wodehost:plugin/jobs@0.1.0": crate::bindings::wit::jobs,
        },
    });
}

/// `next`, of world `producer`.
pub mod producer {
    wit_bindgen::generate!({
        path: "wit",
        world: "producer",
        pub_export_macro: true,
        export_macro_name: "export_producer",
        default_bindings_module: "wodehost_guest::bindings::producer",
        with: {
            "wodehost:plugin/types@0.1.0": crate::bindings::wit::types,
            "wodehost:plugin/host@0.1.0": crate::bindings::wit::host,
            "wodehost:plugin/log@0.1.0": crate::bindings::wit::log,
            "wodehost:plugin/clock@0.1.0": crate::bindings::wit::clock,
            "wodehost:plugin/random@0.1.0": crate::bindings::wit::random,
            "wodehost:plugin/board@0.1.0": crate::bindings::wit::board,
            "wodehost:plugin/checkpoint@0.1.0": crate::bindings::wit::checkpoint,
        },
    });
}

/// `consume`, of world `consumer`.
pub mod consumer {
    wit_bindgen::generate!({
        path: "wit",
        world: "consumer",
        pub_export_macro: true,
        export_macro_name: "export_consumer",
        default_bindings_module: "wodehost_guest::bindings::consumer",
        with: {
            "wodehost:plugin/types@0.1.0": crate::bindings::wit::types,
            "wodehost:plugin/host@0.1.0": crate::bindings::wit::host,
            "wodehost:plugin/log@0.1.0": crate::bindings::wit::log,
            "wodehost:plugin/clock@0.1.0": crate::bindings::wit::clock,
            "wodehost:plugin/random@0.1.0": crate::bindings::wit::random,
            "wodehost:plugin/board@0.1.0": crate::bindings::wit::board,
            "wodehost:plugin/checkpoint@0.1.0": crate::bindings::wit::checkpoint,
        },
    });
}

/// `set-up`, of world `worker-full`.
pub mod set_up {
    wit_bindgen::generate!({
        path: "wit",
        inline: "
            package wodehost:guest-sdk;
            world set-up {
                use wodehost:plugin/types@0.1.0.{value};
                export set-up: func() -> result<_, value>;
            }
        ",
        world: "wodehost:guest-sdk/set-up",
        pub_export_macro: true,
        export_macro_name: "export_set_up",
        default_bindings_module: "wodehost_guest::bindings::set_up",
        with: { "wodehost:plugin/types@0.1.0": crate::bindings::wit::types },
    });
}

/// `on-emit`, of world `consumer-full`.
pub mod on_emit {
    wit_bindgen::generate!({
        path: "wit",
        inline: "
            package wodehost:guest-sdk;
            world on-emit {
                use wodehost:plugin/types@0.1.0.{value};
                export on-emit: func(job-id: string, attempt: u32, seq: u64, v: value)
                    -> result<_, value>;
            }
        ",
        world: "wodehost:guest-sdk/on-emit",
        pub_export_macro: true,
        export_macro_name: "export_on_emit",
        default_bindings_module: "wodehost_guest::bindings::on_emit",
        with: { "wodehost:plugin/types@0.1.0": crate::bindings::wit::types },
    });
}

/// `finish`, of world `consumer-full`.
pub mod finish {
    wit_bindgen::generate!({
        path: "wit",
        inline: "
            package wodehost:guest-sdk;
            world finish {
                use wodehost:plugin/types@0.1.0.{value};
                export finish: func() -> result<_, value>;
            }
        ",
        world: "wodehost:guest-sdk/finish",
        pub_export_macro: true,
        export_macro_name: "export_finish",
        default_bindings_module: "wodehost_guest::bindings::finish",
        with: { "wodehost:plugin/types@0.1.0": crate::bindings::wit::types },
    });
}
