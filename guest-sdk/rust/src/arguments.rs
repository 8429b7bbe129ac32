//! The arguments of a worker, taken from the one value the host passes.

use rmp::Marker;
use rmp_serde::Deserializer;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::Failure;
use crate::value::{FromValue, kind, read};

/// Hands out a job's arguments in order.
///
/// The host passes nil for no argument, the value itself for one, and an array
/// for more; so a worker with one parameter reads the value as it is, even when
/// that is an array.
#[derive(Debug)]
pub struct Arguments<'v> {
    names: &'static [&'static str],
    taken: usize,
    rest: &'v [u8],
}

impl<'v> Arguments<'v> {
    /// Takes `job` apart for a worker whose parameters are called `names`.
    pub fn new(job: &'v [u8], names: &'static [&'static str]) -> Result<Self, Failure> {
        let mut rest = job;
        if names.len() > 1 {
            let count = rmp::decode::read_array_len(&mut rest).ok();
            if count.map(|count| count as usize) != Some(names.len()) {
                return Err(wrong_count(names, count, job));
            }
        }
        Ok(Self {
            names,
            taken: 0,
            rest,
        })
    }

    /// The next argument.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator has one type of items, this has one per call"
    )]
    pub fn next<T: FromValue<'v>>(&mut self) -> Result<T, Failure> {
        let name = self.names.get(self.taken).copied().unwrap_or("?");
        self.taken += 1;
        let what = format!("argument `{name}`");
        if self.names.len() == 1 {
            return read(self.rest, "bad-argument", &what);
        }
        let before = self.rest;
        IgnoredAny::deserialize(&mut Deserializer::new(&mut self.rest))
            .map_err(|problem| Failure::code("bad-argument", format_args!("{what}: {problem}")))?;
        read(
            &before[..before.len() - self.rest.len()],
            "bad-argument",
            &what,
        )
    }
}

fn wrong_count(names: &[&str], count: Option<u32>, job: &[u8]) -> Failure {
    let wanted = format!("{} arguments ({})", names.len(), names.join(", "));
    let got = match (count, job.first()) {
        (Some(count), _) => format!("an array of {count}"),
        (None, Some(first)) => kind(Marker::from_u8(*first)).to_owned(),
        (None, None) => "nothing".to_owned(),
    };
    Failure::code(
        "bad-argument",
        format_args!("this worker takes {wanted} and was given {got}"),
    )
}
