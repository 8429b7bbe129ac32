//! Does with nested jobs what it is told. Job: a list of steps, each an array of a word and
//! what belongs to it; see `step`. Result: the list of what each step answered.
//!
//! A job is named by its place among the submits of the attempt, from 0; a refused
//! submit takes a place, too.

use std::hint::black_box;
use std::time::Duration;

use rmpv::Value;
use wodehost_guest::jobs::{self, Job};
use wodehost_guest::{Dispatch, Failure, Outcome, Raw, clock, task, worker};
use wodehost_test_guests::refusal_text;

#[worker]
fn nest(job: Raw) -> Result<Value, Failure> {
    let steps: Vec<Vec<Value>> = job.read()?;
    match all(&mut Vec::new(), &steps) {
        Ok(value) | Err(Stop::Return(value)) => Ok(value),
        Err(Stop::Fail(failure)) => Err(failure),
    }
}

/// No further step is taken.
enum Stop {
    Return(Value),
    Fail(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Fail(failure)
    }
}

/// The jobs so far: none where a submit was refused, and after a drop.
type Jobs = Vec<Option<Job>>;

fn all(jobs: &mut Jobs, steps: &[Vec<Value>]) -> Result<Value, Stop> {
    let answers: Result<Vec<_>, _> = steps.iter().map(|one| step(jobs, Step(one))).collect();
    answers.map(Value::Array)
}

/// What a step is, after its word:
///
/// | word | what follows | answer |
/// |---|---|---|
/// | `submit` | worker, arguments, options or nil, timeout or nil | the id, or `{"error", "what"}` |
/// | `id` | job | the id |
/// | `done` | job | whether it ended |
/// | `wait` | job, timeout or nil | the outcome as a map, or nil |
/// | `wait-any` | jobs, timeout or nil | the place in the list, or nil |
/// | `cancel` | job, grace or nil | |
/// | `pause` `resume` `drop` | job | |
/// | `sleep` `spin-ms` | milliseconds, asleep or computing | |
/// | `spin` `trap` `restart` | | does not go on |
/// | `fail` `return` | value | does not go on |
/// | `update` | value: the next carried state | |
/// | `data` | | the carried state |
/// | `keepalive` | | |
/// | `stopping` `attempt` | | what the contract says |
/// | `only-attempt` | number, steps | their answers, or nil in another attempt |
///
/// Times are in milliseconds.
fn step(jobs: &mut Jobs, step: Step) -> Result<Value, Stop> {
    match step.word()? {
        "submit" => return Ok(submit(jobs, step)?),
        "id" | "done" | "wait" | "cancel" | "pause" | "resume" => return Ok(one(jobs, step)?),
        "wait-any" => return Ok(wait_any(jobs, step)?),
        "drop" => drop(jobs.get_mut(step.number(1)? as usize).map(Option::take)),
        "sleep" => clock::sleep(Duration::from_millis(step.number(1)?)),
        "spin-ms" => spin_for(Duration::from_millis(step.number(1)?)),
        "spin" => wodehost_test_guests::spin(),
        "trap" => wodehost_test_guests::trap(),
        "restart" => task::restart(),
        "fail" => return Err(Stop::Fail(Failure::of(step.value(1)))),
        "return" => return Err(Stop::Return(step.value(1).clone())),
        "update" => task::update(step.value(1))?,
        "data" => return Ok(task::data()?),
        "keepalive" => task::keepalive(),
        "stopping" => return Ok(task::stopping().into()),
        "attempt" => return Ok(task::attempt().into()),
        "only-attempt" if step.number(1)? != u64::from(task::attempt()) => {}
        "only-attempt" => return all(jobs, &Raw::of(step.value(2))?.read::<Vec<_>>()?),
        other => return Err(Failure::new(format!("no step is called `{other}`")).into()),
    }
    Ok(Value::Nil)
}

fn submit(jobs: &mut Jobs, step: Step) -> Result<Value, Failure> {
    let mut dispatch = Dispatch::to(step.text(1)?);
    for argument in step.list(2)? {
        dispatch = dispatch.arg(argument)?;
    }
    for (key, value) in step.value(3).as_map().into_iter().flatten() {
        dispatch = dispatch.option(key.as_str().unwrap_or_default(), Raw::of(value)?);
    }
    let submitted = match step.time(4) {
        Some(timeout) => jobs::submit_within(dispatch, timeout),
        None => jobs::submit(dispatch),
    };
    let answer = match &submitted {
        Ok(job) => job.id().into(),
        Err(refused) => map([
            ("error", refused.name().into()),
            ("what", refusal_text(refused).unwrap_or_default().into()),
        ]),
    };
    jobs.push(submitted.ok());
    Ok(answer)
}

/// A step with one job.
fn one(jobs: &Jobs, step: Step) -> Result<Value, Failure> {
    let job = job(jobs, step.number(1)?)?;
    match step.word()? {
        "id" => return Ok(job.id().into()),
        "done" => return Ok(job.done().into()),
        "cancel" => job.cancel(step.time(2)),
        "pause" => job.pause(),
        "resume" => job.resume(),
        _ => {
            let waited = match step.time(2) {
                Some(timeout) => job.wait_for(timeout),
                None => job.wait(),
            };
            return waited.map_or(Ok(Value::Nil), |outcome| ended(&outcome));
        }
    }
    Ok(Value::Nil)
}

fn wait_any(jobs: &Jobs, step: Step) -> Result<Value, Failure> {
    let places = step.list(1)?.iter();
    let wanted: Result<Vec<_>, _> = places
        .map(|place| job(jobs, place.as_u64().unwrap_or(u64::MAX)))
        .collect();
    let ended = jobs::wait_any(&wanted?, step.time(2));
    Ok(ended.map_or(Value::Nil, |place| (place as u64).into()))
}

fn job(jobs: &Jobs, place: u64) -> Result<&Job, Failure> {
    let job = jobs.get(place as usize).and_then(Option::as_ref);
    job.ok_or_else(|| Failure::new(format!("there is no job {place}")))
}

fn ended(outcome: &Outcome) -> Result<Value, Failure> {
    Ok(map([
        ("status", outcome.status.as_str().into()),
        ("reason", outcome.reason.as_str().into()),
        ("data", outcome.data()?),
        ("attempts", outcome.attempts.into()),
        (
            "message",
            outcome.message.as_deref().map_or(Value::Nil, Value::from),
        ),
        ("worker", outcome.worker.as_str().into()),
    ]))
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let entries = entries.into_iter();
    Value::Map(entries.map(|(key, value)| (key.into(), value)).collect())
}

/// Computes; it looks at the clock about every millisecond.
fn spin_for(time: Duration) {
    let start = clock::now();
    while clock::now().saturating_sub(start) < time {
        for turn in 0..1_000_000 {
            black_box(turn);
        }
    }
}

/// A step and its parts.
#[derive(Clone, Copy)]
struct Step<'a>(&'a [Value]);

impl<'a> Step<'a> {
    fn word(self) -> Result<&'a str, Failure> {
        self.text(0)
    }

    /// Nil if it is not there.
    fn value(self, place: usize) -> &'a Value {
        self.0.get(place).unwrap_or(&Value::Nil)
    }

    fn text(self, place: usize) -> Result<&'a str, Failure> {
        let text = self.value(place).as_str();
        text.ok_or_else(|| self.wrong(place, "a text"))
    }

    fn number(self, place: usize) -> Result<u64, Failure> {
        let number = self.value(place).as_u64();
        number.ok_or_else(|| self.wrong(place, "a number"))
    }

    fn list(self, place: usize) -> Result<&'a [Value], Failure> {
        let list = self.value(place).as_array().map(Vec::as_slice);
        list.ok_or_else(|| self.wrong(place, "an array"))
    }

    /// A number of milliseconds, or anything else for none.
    fn time(self, place: usize) -> Option<Duration> {
        self.value(place).as_u64().map(Duration::from_millis)
    }

    fn wrong(self, place: usize, wanted: &str) -> Failure {
        let step = Value::Array(self.0.to_vec());
        Failure::new(format!("{step}: {wanted} is missing at place {place}"))
    }
}
