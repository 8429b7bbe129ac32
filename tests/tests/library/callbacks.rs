//! Callbacks: when they are called, what they may do, and what becomes of one that fails.

use super::nest::{expect_nothing_left, host, nest, occupied, steps};
use serde_json::json;
use std::error::Error;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use wodehost::{Host, JobHandle, ResultError, Stop, task_return_value};
use wodehost_tests::{data, load, once, soon, value};

fn of_echo(slots: u32) -> Host {
    host(slots, [once(load("echo")), nest()])
}

/// A callback that notes that it was called.
fn notes(
    sender: &Sender<u64>,
    number: u64,
) -> impl FnOnce(&wodehost::Outcome) -> Result<(), Box<dyn Error + Send + Sync>> + Send + 'static {
    let sender = sender.clone();
    move |_| Ok(sender.send(number)?)
}

/// Everything that was noted; the last one who could have noted something must be gone.
fn noted(sender: Sender<u64>, notes: &Receiver<u64>) -> Vec<u64> {
    drop(sender);
    notes.iter().collect()
}

// J18: in order of registration, on a job that is over at once, and with the outcome.
#[test]
fn callbacks_are_called_in_the_order_of_their_registration() {
    let host = of_echo(1);
    let slot = occupied(&host, "nest");
    let job = host.submit("echo", [value("7")]).unwrap();
    let (sender, receiver) = channel();
    for number in 1..=20 {
        // It does not matter which copy of the handle it was.
        assert_eq!(job.clone().when_done(notes(&sender, number)), number);
    }
    slot.cancel();
    assert_eq!(data(&job.blocking_result(None).unwrap()), "7");
    for number in 21..=25 {
        assert_eq!(job.when_done(notes(&sender, number)), number);
    }
    let (is_seven, seven) = channel();
    job.when_done(move |outcome| Ok(is_seven.send(data(outcome))?));
    assert_eq!(seven.recv().unwrap(), "7");
    assert_eq!(noted(sender, &receiver), (1..=25).collect::<Vec<_>>());
}

// J18: a race: callbacks are registered without a pause until the job is over.
#[test]
fn callbacks_keep_their_order_while_the_job_ends() {
    let host = of_echo(2);
    for turn in 0..300 {
        let job = host.submit("echo", [value("7")]).unwrap();
        let (sender, receiver) = channel();
        let mut count = 0;
        while !job.done() {
            count = job.when_done(notes(&sender, count + 1));
        }
        job.when_done(notes(&sender, count + 1));
        let order = noted(sender, &receiver);
        assert_eq!(order, (1..=count + 1).collect::<Vec<_>>(), "turn {turn}");
    }
}

// J18: also when the job never ran, and when there is no host at all.
#[test]
fn callbacks_are_called_however_the_job_ended() {
    let (sender, receiver) = channel();
    let host = of_echo(1);
    let slot = occupied(&host, "nest");
    let cancelled = host.submit("echo", []).unwrap();
    cancelled.when_done(notes(&sender, 1));
    cancelled.cancel();
    soon(cancelled.result(None)).unwrap();
    let dropped = host.submit("echo", []).unwrap();
    dropped.when_done(notes(&sender, 2));
    drop(host);
    assert!(soon(dropped.result(None)).unwrap().is_cancelled());
    dropped.when_done(notes(&sender, 3));
    assert!(soon(dropped.result(None)).unwrap().is_cancelled());
    let made = task_return_value(value("1"));
    made.when_done(notes(&sender, 4));
    drop((made, slot));
    assert_eq!(noted(sender, &receiver), [1, 2, 3, 4]);
}

// J8 J19 J20 J28: the slot is free before, so that a callback can submit and wait with
// one slot; it can register, too, and ask for its own job.
#[test]
fn a_callback_may_submit_register_and_wait_on_one_slot() {
    let host = of_echo(1);
    let (sender, receiver) = channel();
    let job = host.submit("echo", [value("1")]).unwrap();
    let (inner, its) = (host.clone(), job.clone());
    let notes_later = notes(&sender, 3);
    let in_callback = sender.clone();
    job.when_done(move |outcome| {
        assert!(its.done() && its.blocking_wait(None));
        assert_eq!(its.blocking_result(None)?.id, outcome.id);
        let long = Duration::from_millis(super::nest::LONG);
        let next = soon(inner.job("echo")?.argument(value("2")).submit_within(long))?;
        in_callback.send(next.blocking_result(None)?.data.to()?)?;
        its.when_done(notes_later);
        Ok(())
    });
    assert!(job.blocking_wait(None));
    // A shutdown from inside waits for everything but callbacks.
    let (closed, closing) = (sender.clone(), host.clone());
    soon(async {
        while job.result(Duration::ZERO).await.is_err() {
            tokio::task::yield_now().await;
        }
    });
    job.when_done(move |_| {
        soon(closing.shutdown(None)).map_err(|raised| raised[0].clone())?;
        Ok(closed.send(4)?)
    });
    soon(job.result(None)).unwrap();
    drop(job);
    assert_eq!(noted(sender, &receiver), [2, 3, 4]);
}

// J12 J19: whoever asks for the result has it when the callbacks were called.
#[test]
fn a_result_comes_behind_the_callbacks_and_the_end_does_not() {
    let host = of_echo(1);
    let job = host.submit("echo", [value("7")]).unwrap();
    let (go, may_go) = channel::<()>();
    job.when_done(move |_| Ok(may_go.recv()?));
    assert!(job.blocking_wait(None) && job.done());
    let short = Duration::from_millis(20);
    assert_eq!(soon(job.result(short)).unwrap_err(), ResultError::Blocked);
    assert_eq!(data(&soon(job.clone())), "7");
    // Its slot is free although its callback has not come back.
    assert!(soon(host.submit("echo", [value("8")]).unwrap()).is_success());
    go.send(()).unwrap();
    assert_eq!(data(&soon(job.result(None)).unwrap()), "7");
    expect_nothing_left(&host, 1);
}

fn raised(job: &JobHandle) -> (u64, String) {
    match soon(job.result(None)).unwrap_err() {
        ResultError::CallbackRaised(raised) => {
            assert_eq!(raised.job, job.id());
            (raised.number, raised.message)
        }
        ResultError::Blocked => panic!("blocked"),
    }
}

/// A job with callbacks of which the first panics and the third fails.
fn with_failing_callbacks(host: &Host, sender: &Sender<u64>) -> JobHandle {
    let job = host.submit("echo", [value("7")]).unwrap();
    job.when_done(|_| panic!("oh no"));
    job.when_done(notes(sender, 2));
    job.when_done(|_| Err("not today".into()));
    job.when_done(notes(sender, 4));
    job
}

// J18 J19 J20
#[test]
fn a_callback_that_fails_is_told_once_and_the_others_are_called() {
    let host = of_echo(1);
    let (sender, receiver) = channel();
    let job = with_failing_callbacks(&host, &sender);
    let panicked = "it panicked: oh no".to_owned();
    assert_eq!(raised(&job), (1, panicked));
    assert_eq!(raised(&job), (3, "not today".to_owned()));
    for _ in 0..2 {
        assert_eq!(data(&soon(job.result(None)).unwrap()), "7");
    }
    // Its job is one thing, its failure another; the next job's callbacks are called.
    let next = host.submit("echo", [value("8")]).unwrap();
    next.when_done(notes(&sender, 5));
    assert!(soon(next.result(None)).is_ok());
    assert_eq!(noted(sender, &receiver), [2, 4, 5]);
    soon(host.shutdown(None)).unwrap();
}

// J20 J21
#[test]
fn a_shutdown_tells_the_failures_that_nobody_has_heard_of() {
    let host = of_echo(2);
    let (sender, receiver) = channel();
    let heard = with_failing_callbacks(&host, &sender);
    assert_eq!(raised(&heard).0, 1);
    let unheard = with_failing_callbacks(&host, &sender);
    let told = soon(host.shutdown(None)).unwrap_err();
    let told: Vec<_> = told.iter().map(|one| (one.job, one.number)).collect();
    let (heard_id, id) = (heard.id(), unheard.id());
    assert_eq!(told, [(heard_id, 3), (id, 1), (id, 3)]);
    assert_eq!(data(&soon(heard.result(None)).unwrap()), "7");
    assert_eq!(data(&soon(unheard.result(None)).unwrap()), "7");
    soon(host.shutdown(None)).unwrap();
    assert_eq!(noted(sender, &receiver), [2, 4, 2, 4]);
}

// J20 J21: a race: the last job ends while the shutdown looks whether it has.
#[test]
fn a_shutdown_waits_for_every_callback() {
    for turn in 0..300 {
        let host = of_echo(1);
        let job = host.submit("echo", [value("7")]).unwrap();
        job.when_done(|_| Err("not today".into()));
        let told = soon(host.shutdown(None)).unwrap_err();
        assert_eq!(told.len(), 1, "turn {turn}");
    }
}

// J8 J28 J38: with children that end with their parent.
#[test]
fn a_callback_of_a_parent_finds_every_slot_free() {
    let host = of_echo(1);
    let parent = steps(&host, &json!([["submit", "nest", [[["spin"]]]]]));
    let (inner, (sender, receiver)) = (host.clone(), channel());
    parent.when_done(move |_| {
        let job = inner.submit("echo", [value("7")])?;
        Ok(sender.send(data(&job.blocking_result(None)?))?)
    });
    soon(parent.result(None)).unwrap();
    assert_eq!(receiver.recv().unwrap(), "7");
    host.stop(Stop::Cancel);
}
