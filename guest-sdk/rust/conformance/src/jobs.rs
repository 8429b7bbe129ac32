//! Requests that submit jobs. The worker is called `conformance`.

use crate::request::{Request, bad, request};
use rmpv::Value;
use std::time::Duration;
use wodehost_guest::jobs::{self, Job, SubmitError};
use wodehost_guest::{Dispatch, Failure, Outcome, Raw};

const SELF: &str = "conformance";

pub(crate) fn answer(asked: &Request) -> Result<Value, Failure> {
    let with = asked.with.clone();
    match asked.what.as_str() {
        "submit" => outcome(&submit(&with)?),
        "submit-to" => submit_to(asked.items()?),
        "submit-many" => {
            let jobs: Vec<Job> = asked
                .items()?
                .iter()
                .map(submit)
                .collect::<Result<_, _>>()?;
            let data = jobs.iter().map(|job| job.await_outcome()?.data());
            Ok(Value::Array(data.collect::<Result<_, _>>()?))
        }
        "wait-any" => {
            let (slow, quick) = (submit(&sleep(2000))?, submit(&request("echo", with))?);
            let both = [&slow, &quick];
            let index = jobs::wait_any(&both, None).ok_or_else(|| Failure::new("none ended"))?;
            both[1 - index].cancel(None);
            let data = both[index].await_outcome()?.data()?;
            Ok(Value::Array(vec![index.into(), data]))
        }
        "wait-timeout" => {
            let job = submit(&sleep(500))?;
            let outcome = job.wait_for(Duration::from_millis(10));
            Ok(Value::Array(vec![
                outcome.is_some().into(),
                job.done().into(),
            ]))
        }
        "cancel" => {
            let job = submit(&sleep(60_000))?;
            job.cancel(None);
            outcome(&job)
        }
        "pause" => {
            let job = submit(&request("echo", with))?;
            job.pause();
            job.resume();
            outcome(&job)
        }
        "submit-within" => {
            let what = Dispatch::to(SELF).arg(&request("echo", with))?;
            outcome(&jobs::submit_within(what, Duration::from_secs(10))?)
        }
        _ => through(asked.items()?),
    }
}

fn submit(what: &Value) -> Result<Job, Failure> {
    Ok(jobs::submit(Dispatch::to(SELF).arg(what)?)?)
}

fn sleep(ms: u64) -> Value {
    request("sleep", ms.into())
}

fn outcome(job: &Job) -> Result<Value, Failure> {
    let outcome: Outcome = job.await_outcome()?;
    Ok(Value::Map(vec![
        ("id".into(), outcome.id.as_str().into()),
        ("worker".into(), outcome.worker.as_str().into()),
        ("status".into(), outcome.status.as_str().into()),
        ("reason".into(), outcome.reason.as_str().into()),
        ("data".into(), outcome.data()?),
        ("attempts".into(), outcome.attempts.into()),
        (
            "message".into(),
            outcome.message.map_or(Value::Nil, Value::from),
        ),
    ]))
}

fn submit_to(items: &[Value]) -> Result<Value, Failure> {
    let [worker, argument, options] = items else {
        return Err(bad("`submit-to` comes with three items"));
    };
    let mut what = Dispatch::to(worker.as_str().unwrap_or_default()).arg(argument)?;
    for (key, value) in options.as_map().into_iter().flatten() {
        what = what.option(key.as_str().unwrap_or_default(), Raw::of(value)?);
    }
    match jobs::submit(what) {
        Ok(job) => outcome(&job),
        Err(refused) => Ok(Value::Map(vec![
            ("refused".into(), refused.name().into()),
            ("text".into(), text(&refused)),
        ])),
    }
}

fn text(refused: &SubmitError) -> Value {
    match refused {
        SubmitError::NoSlot | SubmitError::Closed => Value::Nil,
        SubmitError::Gate(text)
        | SubmitError::Limit(text)
        | SubmitError::UnknownWorker(text)
        | SubmitError::BadValue(text)
        | SubmitError::BadOptions(text)
        | SubmitError::NotPermitted(text) => text.as_str().into(),
    }
}

/// Hands a value on through workers, and back.
fn through(items: &[Value]) -> Result<Value, Failure> {
    let [value, Value::Array(workers)] = items else {
        return Err(bad("`through` comes with a value and workers"));
    };
    let Some((next, rest)) = workers.split_first() else {
        return Ok(value.clone());
    };
    let on = Value::Array(vec![value.clone(), Value::Array(rest.to_vec())]);
    let what = Dispatch::to(next.as_str().unwrap_or_default()).arg(&request("through", on))?;
    Ok(jobs::submit(what)?.result()?)
}
