//! Executors: jobs of one worker that are submitted and shut down together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::join;
use wodehost::task::Happened;
use wodehost::{Executor, Host, JobHandle, MapError, Shutdown, Status, SubmitError, Value};
use wodehost_tests::{data, load, once, runtime, soon, told, value};

fn host(slots: u32) -> Host {
    let workers = ["double", "act", "script", "stop_when_asked"];
    let builder = Host::builder(runtime()).slots(slots);
    let workers = workers.map(|name| once(load(name)));
    let builder = workers
        .into_iter()
        .fold(builder, wodehost::HostBuilder::worker);
    builder.build().unwrap()
}

fn executor(host: &Host, worker: &str) -> Executor {
    Executor::new(host, worker).unwrap()
}

/// Submits a job and waits for its start.
async fn started(executor: &Executor) -> JobHandle {
    let job = executor.job().unwrap();
    job.submit_within(Duration::from_mins(1)).await.unwrap()
}

/// Longer than any test.
const LONG: Duration = Duration::from_mins(10);

// J32 J35
#[test]
fn an_executor_submits_and_maps_and_waits_for_everything() {
    let host = host(2);
    let executor = executor(&host, "double");
    let jobs: Vec<_> = (1..=500_i64)
        .map(|n| executor.submit([Value::from(n)]).unwrap())
        .collect();
    let mut map = executor.map((1..=3_i64).map(Value::from));
    soon(async {
        for n in 1..=3_i64 {
            let outcome = map.next().await.unwrap().unwrap();
            assert_eq!(outcome.data.to::<i64>().unwrap(), n * 2);
        }
        executor.shutdown(Shutdown::default()).await;
    });
    assert!(jobs.iter().all(JobHandle::done));
    assert_eq!(host.tally().success, 503);
}

// J32
#[test]
fn an_executor_for_nobody_is_not_made() {
    let unknown = SubmitError::UnknownWorker("dubble".to_owned());
    assert_eq!(Executor::new(&host(1), "dubble").err(), Some(unknown));
}

// J34
#[test]
fn a_shutdown_closes_one_executor_and_nothing_else() {
    let host = host(2);
    let (one, other) = (executor(&host, "double"), executor(&host, "double"));
    let copy = one.clone();
    soon(one.shutdown(Shutdown::Cancel { grace: None }));
    assert_eq!(copy.submit([]).err(), Some(SubmitError::Closed));
    assert_eq!(copy.job().err(), Some(SubmitError::Closed));
    assert!(copy.is_shut() && !other.is_shut());
    let mut map = copy.map([Value::from(1)]);
    let closed = soon(map.next()).unwrap().err();
    assert_eq!(closed, Some(MapError::Submit(SubmitError::Closed)));
    assert!(soon(map.next()).is_none());
    for job in [
        other.submit([Value::from(1)]),
        host.submit("double", [Value::from(1)]),
    ] {
        assert!(soon(job.unwrap()).is_success());
    }
}

// J34: a builder that was begun before the shutdown is no way around it.
#[test]
fn a_job_that_was_begun_before_is_not_taken_after() {
    let host = host(1);
    let executor = executor(&host, "double");
    let (job, timed) = (executor.job().unwrap(), executor.job().unwrap());
    soon(executor.shutdown(Shutdown::Wait));
    assert_eq!(job.submit().err(), Some(SubmitError::Closed));
    let timed = soon(timed.submit_within(LONG));
    assert_eq!(timed.err(), Some(SubmitError::Closed));
    assert_eq!(host.tally().total(), 0);
}

// J18 J34
#[test]
fn a_shutdown_waits_for_callbacks_too() {
    let host = host(1);
    let executor = executor(&host, "double");
    let was_called = Arc::new(AtomicBool::new(false));
    let (called, again) = (was_called.clone(), executor.clone());
    let job = executor.submit([Value::from(1)]).unwrap();
    job.when_done(move |_| {
        // It may block, and use the executor.
        let second = again.submit([Value::from(2)])?;
        assert!(second.blocking_wait(LONG));
        called.store(true, Ordering::Release);
        Ok(())
    });
    soon(job.result(None)).unwrap();
    soon(executor.shutdown(Shutdown::Wait));
    assert!(was_called.load(Ordering::Acquire));
}

// J32: what has not started is cancelled, what runs is not touched.
#[test]
fn cancelling_the_pending_leaves_the_running_alone() {
    let host = host(1);
    let executor = executor(&host, "stop_when_asked");
    soon(async {
        let running = started(&executor).await;
        let pending: Vec<_> = (0..20).map(|_| executor.submit([]).unwrap()).collect();
        let foreign = host.submit("double", [Value::from(1)]).unwrap();
        let watched = async {
            for job in pending {
                assert!(job.await.is_cancelled());
            }
            assert!(!running.done() && !foreign.done());
            // It would see at once that it was asked, and end well.
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert!(!running.done(), "somebody asked it to stop");
            running.cancel_after(LONG);
            running.await
        };
        let ((), ended) = join!(executor.shutdown(Shutdown::CancelPending), watched);
        assert!(ended.is_success(), "{ended:?}");
        assert!(foreign.await.is_success());
    });
}

// J32
#[test]
fn a_job_between_two_attempts_has_started() {
    let worker = told(
        load("script"),
        r#"{"retries": 1, "backoff": "300ms", "retry-on": "error"}"#,
    );
    let host = Host::builder(runtime()).slots(1).worker(worker);
    let host = host.build().unwrap();
    let executor = executor(&host, "script");
    soon(async {
        let job = value(r#"[[{"error": "not yet"}], [{"return": 7}]]"#);
        let mut job = executor.job().unwrap().argument(job);
        let mut events = job.events();
        let job = job.submit().unwrap();
        while let Some(event) = events.next().await {
            if matches!(event.what, Happened::Restarted { .. }) {
                break;
            }
        }
        drop(events);
        // By then it waits for its time.
        assert!(!job.wait(Duration::from_millis(20)).await);
        executor.shutdown(Shutdown::CancelPending).await;
        let outcome = job.await;
        assert_eq!((data(&outcome).as_str(), outcome.attempts), ("7", 2));
    });
}

// J32
#[test]
fn a_parallel_job_that_has_started_is_left_whole_and_one_that_has_not_goes_whole() {
    let host = host(1);
    let executor = executor(&host, "act");
    let parallel = |items: &[&str]| {
        let items = items.iter().map(|item| value(item));
        let job = executor.job().unwrap().arguments(items);
        job.with(|options| options.spread.parallel = true)
    };
    soon(async {
        let mut job = parallel(&[r#"{"do": "sleep", "n": 100}"#, "1", "2"]);
        let mut events = job.events();
        let begun = job.submit().unwrap();
        while let Some(event) = events.next().await {
            if matches!(event.what, Happened::Started { .. }) {
                break;
            }
        }
        drop(events);
        let untouched = parallel(&["3", "4"]).submit().unwrap();
        executor.shutdown(Shutdown::CancelPending).await;
        let begun = begun.await;
        assert!(begun.is_success(), "{begun:?}");
        let untouched = untouched.await;
        // The first may be over by the time of the shutdown.
        assert!(matches!(
            untouched.status,
            Status::Cancelled | Status::Success
        ));
        assert!(
            untouched
                .items
                .iter()
                .all(|item| item.status == untouched.status)
        );
    });
}

// J32: with a grace.
#[test]
fn the_running_are_asked_and_may_end_within_the_grace() {
    let host = host(1);
    let executor = executor(&host, "stop_when_asked");
    soon(async {
        let running = started(&executor).await;
        let pending = executor.submit([]).unwrap();
        executor
            .shutdown(Shutdown::Cancel { grace: Some(LONG) })
            .await;
        assert!(running.await.is_success());
        assert!(pending.await.is_cancelled());
    });
}

// J32
#[test]
fn what_does_not_end_within_the_grace_is_cancelled() {
    let host = host(2);
    let executor = executor(&host, "act");
    for grace in [None, Some(Duration::ZERO), Some(Duration::from_millis(50))] {
        let executor = Executor::new(&host, "act").unwrap();
        soon(async {
            let forever = value(r#"{"do": "sleep", "n": 3600000}"#);
            let job = executor.job().unwrap().argument(forever);
            let running = job.submit_within(LONG).await.unwrap();
            executor.shutdown(Shutdown::Cancel { grace }).await;
            assert!(running.await.is_cancelled());
        });
    }
    assert!(!executor.is_shut());
}

// J34: a later shutdown may go further.
#[test]
fn a_second_shutdown_ends_the_waiting_of_the_first() {
    let host = host(1);
    let executor = executor(&host, "stop_when_asked");
    soon(async {
        let running = started(&executor).await;
        let first = executor.shutdown(Shutdown::Wait);
        let second = executor.shutdown(Shutdown::Cancel { grace: None });
        join!(first, second);
        assert!(running.done());
    });
}

// J34: whoever submits while it is shut down has an outcome or an error, never neither.
#[test]
fn no_job_slips_past_a_shutdown() {
    for how in [Shutdown::CancelPending, Shutdown::Cancel { grace: None }] {
        let host = host(1);
        let executor = executor(&host, "stop_when_asked");
        let running = soon(started(&executor));
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let executor = executor.clone();
                std::thread::spawn(move || {
                    let mut jobs = Vec::new();
                    while let Ok(job) = executor.submit([]) {
                        jobs.push(job);
                    }
                    jobs
                })
            })
            .collect();
        soon(async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let closing = executor.shutdown(how);
            let watched = async {
                for thread in threads {
                    for job in thread.join().unwrap() {
                        assert!(job.await.is_cancelled());
                    }
                }
                running.cancel();
            };
            join!(closing, watched);
        });
    }
}

// J32: a job's own group is its own.
#[test]
fn a_group_reaches_across_executors() {
    let host = host(1);
    let (one, other) = (executor(&host, "double"), executor(&host, "double"));
    let blocker = executor(&host, "stop_when_asked");
    soon(async {
        let running = started(&blocker).await;
        let submit = |executor: &Executor, group: Option<&str>| {
            let job = executor.job().unwrap().argument(Value::from(1));
            let group = group.map(Into::into);
            job.with(|options| options.group = group).submit().unwrap()
        };
        let grouped = [submit(&one, Some("g")), submit(&other, Some("g"))];
        let lone = submit(&one, None);
        host.cancel_group("g");
        for job in grouped {
            assert!(job.await.is_cancelled());
        }
        running.cancel();
        assert!(lone.await.is_success());
    });
}

// J27
#[test]
fn an_executor_keeps_its_host_and_dropping_it_cancels_nothing() {
    let host = host(1);
    let executor = executor(&host, "double");
    drop(host.clone());
    let job = executor.submit([Value::from(21)]).unwrap();
    drop(executor);
    assert!(soon(job).is_success());
    let executor = Executor::new(&host, "double").unwrap();
    drop(host);
    assert!(soon(executor.submit([Value::from(21)]).unwrap()).is_success());
}
