//! Components of a few lines, for what no compiler would make.

/// A worker whose parts can be replaced. Unless told otherwise it returns nil.
#[derive(Debug, Clone, Copy)]
pub struct Worker<'a> {
    /// Components' imports and lowered functions, at the top.
    pub imports: &'a str,
    /// What the core module gets of them, as `(export "f" (func $f))`.
    pub given: &'a str,
    /// What the core module imports of that, from `host`.
    pub wants: &'a str,
    /// What else the core module has.
    pub core: &'a str,
    /// The body of `realloc`: old address, old size, alignment, new size.
    pub realloc: &'a str,
    /// The body of `run`: address and length of the job; what it returns is the address of
    /// the result.
    pub run: &'a str,
    /// The body of `post-return`.
    pub post: &'a str,
}

impl Default for Worker<'_> {
    fn default() -> Self {
        Worker {
            imports: "",
            given: "",
            wants: "",
            core: "",
            realloc: "i32.const 1024",
            run: "i32.const 16",
            post: "",
        }
    }
}

impl Worker<'_> {
    /// The text of the component. Its memory and `realloc` are in a module of their own, so
    /// that imports can be lowered with them.
    #[must_use]
    pub fn text(&self) -> String {
        let Worker {
            imports,
            given,
            wants,
            core,
            realloc,
            run,
            post,
        } = self;
        format!(
            r#"(component $C
    (core module $memory
        (memory (export "memory") 2)
        (data (i32.const 16) "\00\00\00\00\20\00\00\00\01\00\00\00\00\00\00\00\c0")
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) {realloc}))
    (core instance $memory (instantiate $memory))
    (alias core export $memory "memory" (core memory $m))
    (alias core export $memory "realloc" (core func $realloc))
    {imports}
    (core instance $host {given})
    (core module $worker
        {wants}
        (import "memory" "memory" (memory 2))
        {core}
        (func (export "run") (param i32 i32) (result i32) {run})
        (func (export "post") (param i32) {post}))
    (core instance $worker (instantiate $worker
        (with "memory" (instance $memory)) (with "host" (instance $host))))
    (func (export "run") (param "job" (list u8)) (result (result (list u8) (error (list u8))))
        (canon lift (core func $worker "run") (memory $m)
            (realloc $realloc) (post-return (core func $worker "post")))))"#
        )
    }
}

/// A worker with this body of `run`.
pub(crate) fn runs(run: &str) -> String {
    Worker {
        run,
        ..Worker::default()
    }
    .text()
}

/// A worker with something more in its core module.
pub(crate) fn with_core(core: &str, run: &str) -> String {
    Worker {
        core,
        run,
        ..Worker::default()
    }
    .text()
}

/// A worker that returns a result at an address, whose words are these.
pub(crate) fn returns(words: [i64; 3]) -> String {
    let store = |(place, word): (usize, &i64)| {
        let address = 64 + 4 * place;
        format!("(i32.store (i32.const {address}) (i32.const {word}))")
    };
    let stores: String = words.iter().enumerate().map(store).collect();
    runs(&format!("{stores} i32.const 64"))
}

/// The bytes of a component.
pub fn assemble(text: &str) -> Vec<u8> {
    ::wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// WASI's pollables of a clock, as imports …
pub const POLL: &str = r#"
    (import "wasi:io/poll@0.2.0" (instance $poll
        (export "pollable" (type $p (sub resource)))
        (export "[method]pollable.ready" (func (param "self" (borrow $p)) (result bool)))
        (export "poll" (func (param "in" (list (borrow $p))) (result (list u32))))))
    (alias export $poll "pollable" (type $pollable))
    (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
        (alias outer $C $pollable (type $outer))
        (export "pollable" (type $p (eq $outer)))
        (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
    (core func $poll (canon lower (func $poll "poll")
        (memory $m) (realloc $realloc)))
    (core func $ready (canon lower (func $poll "[method]pollable.ready")))
    (core func $subscribe (canon lower (func $clock "subscribe-duration")))
    (core func $drop (canon resource.drop $pollable))"#;

/// … as what the core module is given …
pub const POLL_GIVEN: &str = r#"
    (export "poll" (func $poll)) (export "ready" (func $ready))
    (export "subscribe" (func $subscribe)) (export "drop" (func $drop))"#;

/// … and as what it imports.
pub const POLL_WANTS: &str = r#"
    (import "host" "poll" (func $poll (param i32 i32 i32)))
    (import "host" "ready" (func $ready (param i32) (result i32)))
    (import "host" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "host" "drop" (func $drop (param i32)))"#;
