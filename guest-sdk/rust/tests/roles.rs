//! The attributes on functions of every allowed shape. That this compiles is
//! most of the test; the functions stay what they were.

#![deny(warnings)]
#![forbid(unsafe_code)]
#![expect(
    clippy::unnecessary_wraps,
    reason = "functions named in an attribute have the shapes that are tried"
)]

/// Names that generated code uses, too, must not get in its way.
mod names {
    use wodehost_guest::{Failure, Outcome, consumer};

    #[derive(Default)]
    pub(crate) struct Plugin(u32);

    #[consumer(finish = job, on_emit = emitted)]
    pub(crate) fn outcome(state: &mut Plugin, _: u8, _: Outcome) {
        state.0 += 1;
    }

    fn job(state: &mut Plugin) -> Result<(), Failure> {
        state.0 += 1;
        Ok(())
    }

    fn emitted(state: &mut Plugin, _: wodehost_guest::Emitted) {
        state.0 += 1;
    }

    #[wodehost_guest::worker(set_up = arguments)]
    pub(crate) fn state(job: u8) -> u8 {
        job
    }

    fn arguments() {}
}

mod workers {
    use std::collections::HashMap;
    use std::io;

    use wodehost_guest::{Failure, Raw, task, worker};

    #[worker]
    fn nothing() {}

    #[worker]
    pub(crate) fn borrowed(text: &str, bytes: &[u8]) -> usize {
        text.len() + bytes.len()
    }

    #[worker]
    fn pattern((a, b): (i32, i32), _unused: Option<u8>) -> i32 {
        a + b
    }

    #[worker]
    fn raw(job: Raw) -> Raw {
        job
    }

    #[worker]
    fn raw_or_not(job: Raw) -> Result<Raw, Failure> {
        Ok(job)
    }

    #[worker]
    fn never() -> ! {
        task::restart()
    }

    #[worker]
    fn another_result(path: String) -> io::Result<String> {
        std::fs::read_to_string(path)
    }

    #[worker(set_up = prepare)]
    fn generic_types(counts: HashMap<String, u64>) -> std::result::Result<u64, std::fmt::Error> {
        Ok(counts.values().sum())
    }

    fn prepare() -> io::Result<()> {
        Ok(())
    }
}

mod producers {
    use wodehost_guest::{Dispatch, Failure, producer};

    #[producer]
    fn plain() -> impl Iterator<Item = Dispatch> {
        (0..3).map(|n| Dispatch::to("w").option("fuel", n))
    }

    #[producer]
    fn fallible() -> impl Iterator<Item = Result<Dispatch, Failure>> {
        (0..3).map(|n| Dispatch::to("w").arg(&n))
    }

    #[producer]
    fn starts_or_not() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, std::io::Error> {
        Ok(std::iter::empty())
    }

    #[producer]
    fn a_failure_at_both_ends() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure>
    {
        Ok((0..3).map(|n| Dispatch::to("w").arg(&n)))
    }

    #[producer]
    fn list() -> Vec<Dispatch> {
        Vec::new()
    }
}

mod consumers {
    use wodehost_guest::{Emitted, Failure, Outcome, Raw, consumer};

    #[consumer]
    fn without_state(_job: Raw, _outcome: Outcome) -> Result<(), Failure> {
        Ok(())
    }

    #[consumer(on_emit = emitted, finish = finish)]
    fn without_state_but_with_the_rest(_job: (u8, String), _outcome: Outcome) {}

    fn emitted(_value: Emitted) -> Result<(), Failure> {
        Ok(())
    }

    fn finish() {}

    #[consumer]
    fn with_state(seen: &mut Vec<(u8, String)>, job: u8, outcome: Outcome) {
        seen.push((job, outcome.id));
    }
}

mod gates {
    use std::time::Duration;

    use wodehost_guest::{Failure, gate};

    #[gate]
    pub(crate) fn plain() -> Option<Duration> {
        None
    }

    #[gate]
    fn fallible() -> Result<Option<Duration>, Failure> {
        Ok(Some(Duration::from_secs(1)))
    }

    #[gate]
    fn another_result() -> std::io::Result<Option<Duration>> {
        Ok(None)
    }
}

#[test]
fn annotated_functions_stay_functions() {
    assert_eq!(gates::plain(), None);
    assert_eq!(workers::borrowed("ab", b"c"), 3);
    assert_eq!(names::state(7), 7);
}
