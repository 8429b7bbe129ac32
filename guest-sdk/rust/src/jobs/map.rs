//! One worker over many items: submitted lazily, results in the items' order.
//!
//! [`Window`] decides what is submitted when. It does not know the host, only
//! something that takes jobs and ends them, and so is tested natively.

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;

use super::{Job, JobError, SubmitError};
use crate::bindings::wit::{jobs, types};
use crate::dispatch::{Dispatch, OptionValue};
use crate::outcome::Outcome;
use crate::value::{FromValue, ToValue};

/// How many jobs are in flight unless told otherwise.
const IN_FLIGHT: usize = 16;

/// Runs `worker` for each of `items`, as jobs of this one.
///
/// Nothing happens until the iterator that [`Map::run`] gives is asked. Then up to
/// 16 jobs ([`Map::in_flight`]) are submitted ahead of the result that is waited
/// for, and no more of `items` is held in memory than that.
///
/// The results come in the order of the items, whatever order the jobs end in. A
/// job that fails, or that the host refuses, is an error in its place, and the
/// others go on. When the host answers [`SubmitError::Limit`] while others of these
/// jobs are in flight, that is no error: the oldest is waited for, and the same job is
/// submitted again.
///
/// Dropping the iterator early submits no more; what is in flight goes on until the
/// end of the job that submitted it.
///
/// An item is the worker's argument; one that is a tuple gives as many.
///
/// ```no_run
/// use wodehost_guest::{Failure, jobs, worker};
///
/// #[worker]
/// fn total(paths: Vec<String>) -> Result<u64, Failure> {
///     let mut total = 0;
///     for size in jobs::map("measure", paths).in_flight(4).run::<u64>() {
///         total += size?;
///     }
///     Ok(total)
/// }
/// ```
pub fn map<I>(worker: impl Into<String>, items: I) -> Map<I::IntoIter>
where
    I: IntoIterator<Item: ToValue>,
{
    Map {
        template: Dispatch::to(worker),
        items: items.into_iter(),
        in_flight: IN_FLIGHT,
    }
}

/// What [`map`] is going to do.
#[derive(Clone, Debug)]
#[must_use = "nothing is submitted until the results are asked for"]
pub struct Map<I> {
    template: Dispatch,
    items: I,
    in_flight: usize,
}

impl<I: Iterator<Item: ToValue>> Map<I> {
    /// How many jobs may be in flight at once, 1 or more.
    pub fn in_flight(mut self, count: usize) -> Self {
        self.in_flight = count.max(1);
        self
    }

    /// Sets an option of each of the jobs; see [`Dispatch::option`].
    pub fn option(mut self, key: impl Into<String>, value: impl Into<OptionValue>) -> Self {
        self.template = self.template.option(key, value);
        self
    }

    /// The results, each read as an `R`; [`Raw`](crate::Raw) takes them as they
    /// are.
    pub fn run<R: for<'v> FromValue<'v>>(self) -> Results<I, R> {
        let arguments = Arguments {
            template: self.template,
            items: self.items,
        };
        Results {
            window: Window::new(Nested, arguments, self.in_flight),
            result: PhantomData,
        }
    }
}

/// The results of [`map`], in the order of the items.
#[must_use = "nothing is submitted until the results are asked for"]
pub struct Results<I, R> {
    window: Window<Nested, Arguments<I>>,
    result: PhantomData<fn() -> R>,
}

impl<I: Iterator<Item: ToValue>, R: for<'v> FromValue<'v>> Iterator for Results<I, R> {
    type Item = Result<R, JobError>;

    fn next(&mut self) -> Option<Self::Item> {
        let outcome = self.window.next()?;
        Some(outcome.and_then(Outcome::into_result))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.window.size_hint()
    }
}

impl<I, R> fmt::Debug for Results<I, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Results").finish_non_exhaustive()
    }
}

/// Makes the jobs of the items.
struct Arguments<I> {
    template: Dispatch,
    items: I,
}

impl<I: Iterator<Item: ToValue>> Iterator for Arguments<I> {
    type Item = Result<types::Dispatch, JobError>;

    fn next(&mut self) -> Option<Self::Item> {
        let argument = self.items.next()?.into_value();
        let dispatch = argument.map(|argument| self.template.clone().raw_arg(argument).lower());
        Some(dispatch.map_err(|problem| JobError::unwritable(&problem)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

/// Takes jobs and ends them: the host, or what stands for it in tests.
trait Taker {
    type Job;

    fn submit(&mut self, what: &types::Dispatch) -> Result<Self::Job, SubmitError>;

    fn wait(&mut self, job: Self::Job) -> Result<Outcome, JobError>;
}

/// The host.
struct Nested;

impl Taker for Nested {
    type Job = Job;

    fn submit(&mut self, what: &types::Dispatch) -> Result<Job, SubmitError> {
        super::lift(jobs::submit(what, None))
    }

    fn wait(&mut self, job: Job) -> Result<Outcome, JobError> {
        job.await_outcome()
    }
}

/// Jobs in flight, at most so many.
struct Window<T: Taker, D> {
    taker: T,
    dispatches: D,
    in_flight: usize,
    /// What was submitted and not yet given out, the oldest first.
    submitted: VecDeque<Result<T::Job, JobError>>,
    /// What a limit held back; the next to be submitted.
    held_back: Option<types::Dispatch>,
}

impl<T, D> Window<T, D>
where
    T: Taker,
    D: Iterator<Item = Result<types::Dispatch, JobError>>,
{
    fn new(taker: T, dispatches: D, in_flight: usize) -> Self {
        Self {
            taker,
            dispatches,
            in_flight,
            submitted: VecDeque::new(),
            held_back: None,
        }
    }

    fn fill(&mut self) {
        while self.submitted.len() < self.in_flight {
            let held_back = self.held_back.take().map(Ok);
            let Some(dispatch) = held_back.or_else(|| self.dispatches.next()) else {
                return;
            };
            let submitted = match dispatch {
                Ok(dispatch) => match self.taker.submit(&dispatch) {
                    Err(refused) if refused.is_limit() && self.may_ease() => {
                        self.held_back = Some(dispatch);
                        return;
                    }
                    submitted => submitted.map_err(JobError::from),
                },
                Err(problem) => Err(problem),
            };
            self.submitted.push_back(submitted);
        }
    }

    /// Whether the end of one of these jobs can make room for another.
    fn may_ease(&self) -> bool {
        self.submitted.iter().any(Result::is_ok)
    }
}

impl<T, D> Iterator for Window<T, D>
where
    T: Taker,
    D: Iterator<Item = Result<types::Dispatch, JobError>>,
{
    type Item = Result<Outcome, JobError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.fill();
        let oldest = self.submitted.pop_front()?;
        Some(oldest.and_then(|job| self.taker.wait(job)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let ours = self.submitted.len() + usize::from(self.held_back.is_some());
        let (least, most) = self.dispatches.size_hint();
        let most = most.and_then(|most| most.checked_add(ours));
        (least.saturating_add(ours), most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A host that has room for so many jobs, and notes what it is asked.
    #[derive(Default)]
    struct Room {
        places: usize,
        running: usize,
        calls: Vec<String>,
        /// Refused for good.
        forbidden: Option<u8>,
    }

    impl Taker for Room {
        type Job = u8;

        fn submit(&mut self, what: &types::Dispatch) -> Result<u8, SubmitError> {
            let number = what.args[0][0];
            if self.forbidden == Some(number) {
                return Err(SubmitError::NotPermitted("w".into()));
            }
            if self.running == self.places {
                self.calls.push(format!("full {number}"));
                return Err(SubmitError::Limit("live".into()));
            }
            self.running += 1;
            self.calls.push(format!("submit {number}"));
            Ok(number)
        }

        fn wait(&mut self, job: u8) -> Result<Outcome, JobError> {
            self.running -= 1;
            self.calls.push(format!("wait {job}"));
            Ok(Outcome::lift(types::Outcome {
                id: format!("j-{job}"),
                worker: "w".into(),
                status: types::Status::Success,
                reason: "returned".into(),
                data: vec![job * 2],
                attempts: 1,
                message: None,
                more: vec![0x80],
            }))
        }
    }

    fn window(
        room: Room,
        count: u8,
        in_flight: usize,
    ) -> Window<Room, Arguments<std::ops::Range<u8>>> {
        let template = Dispatch::to("w");
        let items = 0..count;
        Window::new(room, Arguments { template, items }, in_flight)
    }

    fn room(places: usize) -> Room {
        Room {
            places,
            ..Room::default()
        }
    }

    fn answer(outcome: Result<Outcome, JobError>) -> Result<u8, String> {
        let result = outcome.and_then(Outcome::into_result);
        result.map_err(|error| error.reason)
    }

    #[test]
    fn so_many_are_submitted_ahead_and_no_more() {
        let mut window = window(room(99), 4, 2);
        assert_eq!(window.size_hint(), (4, Some(4)));
        assert_eq!(window.next().map(answer), Some(Ok(0)));
        assert_eq!(window.taker.calls, ["submit 0", "submit 1", "wait 0"]);
        assert_eq!(window.size_hint(), (3, Some(3)));
        assert_eq!(window.next().map(answer), Some(Ok(2)));
        assert_eq!(window.taker.calls[3..], ["submit 2", "wait 1"]);
        assert_eq!(window.by_ref().map(answer).count(), 2);
        assert!(window.next().is_none());
    }

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let results: Vec<_> = window(room(99), 60, 16).map(answer).collect();
        assert_eq!(results, (0..60).map(|n| Ok(n * 2)).collect::<Vec<_>>());
    }

    #[test]
    fn at_a_limit_the_oldest_is_waited_for_and_the_same_job_tried_again() {
        let mut window = window(room(2), 4, 16);
        let results: Vec<_> = window.by_ref().map(answer).collect();
        assert_eq!(results, [Ok(0), Ok(2), Ok(4), Ok(6)]);
        let wanted = [
            "submit 0", "submit 1", "full 2", "wait 0", "submit 2", "full 3", "wait 1", "submit 3",
            "wait 2", "wait 3",
        ];
        assert_eq!(window.taker.calls, wanted);
    }

    #[test]
    fn a_limit_that_no_end_of_these_jobs_can_ease_is_an_error() {
        let results: Vec<_> = window(room(0), 2, 16).map(answer).collect();
        assert_eq!(results, [Err("limit".into()), Err("limit".into())]);
    }

    #[test]
    fn a_refusal_is_an_error_in_its_place_and_the_others_go_on() {
        let room = Room {
            forbidden: Some(1),
            ..room(1)
        };
        let results: Vec<_> = window(room, 3, 16).map(answer).collect();
        assert_eq!(results, [Ok(0), Err("not-permitted".into()), Ok(4)]);
    }

    #[test]
    fn an_item_that_cannot_be_written_is_an_error_in_its_place() {
        /// Serde has no way to write this one.
        struct Broken;
        impl serde::Serialize for Broken {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(serde::ser::Error::custom("broken"))
            }
        }
        let items = [Broken].into_iter();
        let template = Dispatch::to("w");
        let mut window = Window::new(room(1), Arguments { template, items }, 16);
        assert_eq!(window.next().map(answer), Some(Err("bad-value".into())));
        assert!(window.next().is_none());
    }

    #[test]
    fn none_in_flight_is_taken_as_one() {
        let map = map("w", [1, 2]).in_flight(0);
        assert_eq!(map.in_flight, 1);
    }

    #[test]
    fn options_go_to_each_job_and_a_tuple_is_several_arguments() {
        let map = map("w", [(1, "a"), (2, "b")]).option("memory", "8MiB");
        let arguments = Arguments {
            template: map.template,
            items: map.items,
        };
        for (dispatch, argument) in arguments.zip([b"\x92\x01\xa1a", b"\x92\x02\xa1b"]) {
            let dispatch = dispatch.expect("a dispatch");
            assert_eq!(dispatch.args, [argument.to_vec()]);
            let options = b"\x81\xa6memory\xa48MiB".to_vec();
            assert_eq!(dispatch.options, Some(options));
        }
    }
}
