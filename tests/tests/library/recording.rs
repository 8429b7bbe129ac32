//! Hosts with a store: what they keep, and how a later one goes on.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use wodehost::store::{Entry, Key, MemoryStore, Page, State, Store};
use wodehost::{
    Deliver, Grants, Host, HostBuilder, HostWorker, Outcome, PluginSource, Recording, Serve, Stop,
    Value,
};
use wodehost_tests::{guest, load, load_configured, once, runtime, soon, told};

/// A host that records in a store.
fn recording(store: &MemoryStore, stream: &str, workers: Vec<HostWorker>) -> Host {
    let recording = Recording::new(store.again(), stream);
    let host = Host::builder(runtime()).slots(2).record(recording);
    let host = workers.into_iter().fold(host, HostBuilder::worker);
    host.build().unwrap()
}

/// Every job of a store, the oldest first.
fn jobs(store: &MemoryStore) -> Vec<(u64, String)> {
    let mut reader = store.reader().unwrap();
    let page = Page {
        below: u64::MAX,
        most: 10_000,
    };
    let listed = reader
        .list(&wodehost::store::Filter::default(), page)
        .unwrap();
    let mut jobs: Vec<_> = listed
        .into_iter()
        .map(|job| {
            let ended = job.ended.map_or(String::new(), |(_, reason)| reason);
            (job.number, ended)
        })
        .collect();
    jobs.reverse();
    jobs
}

fn value(n: u64) -> Value {
    Value::from(n)
}

#[test]
fn a_job_is_kept_with_its_outcome() {
    let store = MemoryStore::new();
    let host = recording(&store, "library", vec![once(load("double"))]);
    let handle = host.submit("double", [value(21)]).unwrap();
    assert_eq!(handle.id().to_string(), format!("{}-1", store.id()));
    let outcome = soon(handle);
    assert_eq!(outcome.data, value(42));
    let mut reader = store.reader().unwrap();
    let entry = reader.find(1).unwrap().unwrap();
    assert_eq!(entry.job.value, value(21));
    let State::Done(done) = entry.state else {
        panic!("{entry:?}");
    };
    assert_eq!(done.outcome, outcome);
    assert!(done.is_delivered);
}

#[test]
fn a_later_host_goes_on_with_numbers_and_finds_what_has_a_key() {
    let store = MemoryStore::new();
    let submit = |host: &Host, n: u64| {
        let job = host.job("double").unwrap().argument(value(n));
        job.key(Key::Place(n)).submit()
    };
    let host = recording(&store, "library", vec![once(load("double"))]);
    let first = submit(&host, 4).unwrap();
    let again = submit(&host, 4).unwrap();
    assert_eq!(first.id(), again.id());
    let outcome = soon(first);
    assert_eq!(soon(again), outcome);
    drop(host);
    let host = recording(&store, "library", vec![once(load("double"))]);
    assert_eq!(host.recovered().unwrap().jobs.done, 1);
    let known = submit(&host, 4).unwrap();
    assert_eq!(soon(known), outcome);
    assert_eq!(soon(submit(&host, 5).unwrap()).id.number(), 2);
    assert_eq!(host.tally().total(), 1);
    let other = host
        .job("double")
        .unwrap()
        .argument(value(1))
        .key(Key::Place(4));
    let error = other.submit().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the key belongs to another job, {}-1", store.id())
    );
}

// W17
#[test]
fn a_stop_leaves_what_is_not_over_for_a_later_host() {
    let store = MemoryStore::new();
    let host = recording(&store, "library", vec![once(load("sleep"))]);
    let submit = |host: &Host, n: u64| {
        let job = host.job("sleep").unwrap().argument(value(n));
        job.key(Key::Place(n)).submit().unwrap()
    };
    let handles: Vec<_> = (0..6).map(|n| submit(&host, 20 + n)).collect();
    host.stop(Stop::Cancel);
    let mut interrupted = 0;
    for handle in handles {
        let outcome = soon(handle);
        interrupted += u64::from(outcome.reason.to_string() == "interrupted");
    }
    assert!(interrupted > 0);
    soon(host.shutdown(None)).unwrap();
    let open = jobs(&store)
        .iter()
        .filter(|(_, reason)| reason.is_empty())
        .count();
    assert_eq!(open as u64, interrupted);
    drop(host);
    let host = recording(&store, "library", vec![once(load("sleep"))]);
    assert_eq!(host.recovered().unwrap().jobs.queued, interrupted);
    for n in 0..6 {
        assert!(soon(submit(&host, 20 + n)).is_success());
    }
    assert!(jobs(&store).iter().all(|(_, reason)| reason == "returned"));
    assert_eq!(jobs(&store).len(), 6);
}

/// Runs a producer of `0..n`, which saves where it is, and stops after so many outcomes.
fn run(store: &MemoryStore, n: u64, stop_after: usize) -> Vec<Outcome> {
    let recording = Recording::new(store.again(), "run").acknowledged();
    let host = Host::builder(runtime())
        .slots(2)
        .record(recording)
        .worker(once(load("double")))
        .build()
        .unwrap();
    let config = format!(r#"{{"n": {n}, "worker": "double"}}"#);
    let producer = load_configured("checkpoint_count", &config);
    let taken = Arc::new(Mutex::new(Vec::new()));
    let (taking, stopping) = (taken.clone(), host.clone());
    let deliver = Deliver::Function(Box::new(move |_, outcome: &Outcome| {
        let mut taken = taking.lock().unwrap();
        taken.push(outcome.clone());
        if taken.len() == stop_after {
            stopping.stop(Stop::Drain {
                grace: Duration::from_secs(10),
            });
        }
    }));
    let report = soon(host.serve(Serve { producer, deliver })).unwrap();
    assert_eq!(report.undelivered_count, 0);
    soon(host.until_recorded()).unwrap();
    drop(host);
    let mut taken = taken.lock().unwrap();
    std::mem::take(&mut *taken)
}

// W4 W12 W17
#[test]
fn a_run_that_was_stopped_goes_on_from_the_cursor_of_its_producer() {
    let store = MemoryStore::new();
    let mut all: Vec<i64> = Vec::new();
    for round in 0.. {
        let taken = run(&store, 500, 100);
        if taken.is_empty() {
            break;
        }
        assert!(round < 10, "{} outcomes", all.len());
        all.extend(
            taken
                .iter()
                .map(|outcome| outcome.data.to::<i64>().unwrap()),
        );
    }
    all.sort_unstable();
    let expected: Vec<i64> = (0..500).map(|n| n * 2).collect();
    assert_eq!(all, expected);
}

// M9 M18: the host of the first attempt is as good as dead when another one has the store.
#[test]
fn a_job_whose_host_is_gone_goes_on_with_its_carried_state_and_its_old_writes_are_refused() {
    let store = MemoryStore::new();
    let worker = || told(load("slow_state"), r#"{"retries": 1}"#);
    let old = recording(&store, "library", vec![worker()]);
    let submit = |host: &Host| {
        let job = host.job("slow_state").unwrap().argument(value(1));
        job.key(Key::Text("one".into())).submit().unwrap()
    };
    let orphan = submit(&old);
    let kept = || store.reader().unwrap().find(1).unwrap().unwrap().carried;
    soon(async {
        while kept().is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let host = recording(&store, "library", vec![worker()]);
    let found = host.recovered().unwrap();
    assert_eq!((found.lost, found.jobs.queued), (1, 1));
    soon(host.run_suspects()).unwrap();
    let outcome = soon(submit(&host));
    assert_eq!(outcome.attempts, 2);
    assert_eq!(outcome.earlier[0].reason.to_string(), "lost");
    // The second attempt found what the first one had recorded.
    assert_eq!(outcome.data, value(2));
    old.stop(Stop::Cancel);
    assert!(soon(orphan).is_cancelled());
    let entry = store.reader().unwrap().find(1).unwrap().unwrap();
    let State::Done(done) = entry.state else {
        panic!("{entry:?}");
    };
    assert_eq!(done.outcome.data, value(2));
}

// M36
#[test]
fn a_singleton_that_was_interrupted_keeps_its_key() {
    let store = MemoryStore::new();
    let worker = || told(load("sleep"), r#"{"retries": 0, "singleton": "one"}"#);
    let submit = |host: &Host, n: u64| {
        let job = host.job("sleep").unwrap().argument(value(n));
        job.key(Key::Place(n)).submit().unwrap()
    };
    let host = recording(&store, "library", vec![worker()]);
    let first = submit(&host, 60_000);
    soon(async {
        while store.reader().unwrap().summary(None).unwrap().claimed == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    host.stop(Stop::Cancel);
    assert_eq!(soon(first).reason.to_string(), "interrupted");
    drop(host);
    let host = recording(&store, "library", vec![worker()]);
    assert!(soon(submit(&host, 1)).is_rejected());
    let again = submit(&host, 60_000);
    again.cancel();
    assert!(soon(again).is_cancelled());
    assert!(soon(submit(&host, 2)).is_success());
}

// J38
#[test]
fn a_parent_that_goes_on_gets_the_children_that_succeeded_and_wakes_the_others() {
    const STEPS: &str = r#"[["submit", "double", [7]], ["submit", "double", [8], {"key": "second"}],
        ["wait", 0], ["wait", 1], ["submit", "sleep", [700]], ["wait", 2]]"#;
    let store = MemoryStore::new();
    let workers = || vec![nest(), once(load("double")), once(load("sleep"))];
    let submit = |host: &Host| {
        let job = host
            .job("nest")
            .unwrap()
            .argument(Value::from_json(STEPS).unwrap());
        job.key(Key::Text("parent".into())).submit().unwrap()
    };
    let host = recording(&store, "library", workers());
    let first = submit(&host);
    let children = || {
        store
            .reader()
            .unwrap()
            .children(first.id().number())
            .unwrap()
    };
    soon(async {
        while children().len() < 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    host.stop(Stop::Cancel);
    assert_eq!(soon(first.clone()).reason.to_string(), "interrupted");
    soon(host.shutdown(None)).unwrap();
    drop(host);
    let before: Vec<(u64, u32, bool)> = standings(&children());
    assert_eq!(
        before.iter().map(|child| child.2).collect::<Vec<_>>(),
        [true, true, false]
    );
    let host = recording(&store, "library", workers());
    let outcome = soon(submit(&host));
    assert!(outcome.is_success(), "{outcome:?}");
    let said = outcome.data.to_json();
    assert!(
        said.contains(r#""data":14"#) && said.contains(r#""data":700"#),
        "{said}"
    );
    let after = standings(&children());
    // What was done before was not done again; the one that slept went on as the same job.
    assert_eq!(after[..2], before[..2]);
    assert_eq!(after[2], (before[2].0, before[2].1 + 1, true));
    assert_eq!(after.len(), 3);
}

/// Number, fence, and whether it is over, of each.
fn standings(entries: &[Entry]) -> Vec<(u64, u32, bool)> {
    let standing = |entry: &Entry| (entry.job.number, entry.fence, entry.done().is_some());
    entries.iter().map(standing).collect()
}

/// A worker that does with other jobs what it is told.
fn nest() -> HostWorker {
    let grants = Grants {
        submit: vec!["double".to_owned(), "sleep".to_owned()],
        ..Grants::none()
    };
    let source = PluginSource::file(guest("nest")).grants(grants);
    once(runtime().load(source).unwrap())
}

// M23
#[test]
fn a_parallel_job_goes_on_with_the_items_that_are_left() {
    let store = MemoryStore::new();
    let worker = || told(load("sleep"), r#"{"retries": 0, "parallel": true}"#);
    let submit = |host: &Host| {
        let job = host.job("sleep").unwrap();
        let job = job.arguments([1, 2, 700, 701, 3].map(value));
        job.key(Key::Text("all".into())).submit().unwrap()
    };
    let host = recording(&store, "library", vec![worker()]);
    let first = submit(&host);
    let done = || store.reader().unwrap().summary(None).unwrap().done;
    soon(async {
        while done() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    host.stop(Stop::Cancel);
    assert_eq!(soon(first).reason.to_string(), "interrupted");
    soon(host.shutdown(None)).unwrap();
    let kept = done();
    assert!((2..5).contains(&kept), "{kept}");
    drop(host);
    let host = recording(&store, "library", vec![worker()]);
    let outcome = soon(submit(&host));
    assert_eq!(outcome.data.to_json(), "[1,2,700,701,3]");
    assert_eq!(outcome.items.len(), 5);
    assert_eq!(store.reader().unwrap().summary(None).unwrap().done, 6);
    // Items that were done have the fence of their first host.
    let children = store
        .reader()
        .unwrap()
        .children(outcome.id.number())
        .unwrap();
    let again = children.iter().filter(|child| child.fence > 1).count() as u64;
    assert_eq!(again, 5 - kept);
}

/// What a host says of jobs that somebody wants changed.
mod changing {
    use super::{jobs, recording, value};
    use wodehost::store::{Change, Changed, Key, MemoryStore, Store, change};
    use wodehost::{Host, JobHandle, JobId};
    use wodehost_tests::{load, once, soon};

    fn submit(host: &Host, worker: &str, n: u64) -> JobHandle {
        let job = host.job(worker).unwrap().argument(value(n));
        job.key(Key::Place(n)).submit().unwrap()
    }

    fn made(store: &MemoryStore) -> Host {
        let workers = ["double", "sleep", "fail"].map(|name| once(load(name)));
        recording(store, "library", workers.into())
    }

    #[test]
    fn a_host_retries_cancels_and_drops_what_is_recorded() {
        let store = MemoryStore::new();
        let host = made(&store);
        let id = |number| JobId::new(store.id(), number);
        assert!(soon(submit(&host, "double", 1)).is_success());
        assert!(!soon(submit(&host, "fail", 2)).is_success());
        let asleep = submit(&host, "sleep", 60_000);
        let other = JobId::new(made(&MemoryStore::new()).id(), 1);
        let all = [id(1), id(2), id(3), id(4), other];
        let retried = host.retry_recorded(&all, false).unwrap();
        let expected = [
            Changed::Succeeded,
            Changed::Done,
            Changed::NotOver,
            Changed::Unknown,
            Changed::Unknown,
        ];
        assert_eq!(retried, expected);
        // A job that nobody has ends at once, one that runs as soon as it can.
        let cancelled = host.cancel_recorded(&all[..3]).unwrap();
        assert_eq!(cancelled, [Changed::Over, Changed::Done, Changed::Done]);
        assert!(soon(asleep).is_cancelled());
        let ends = ["returned", "cancelled", "cancelled"];
        let ends: Vec<_> = (1..).zip(ends.map(str::to_owned)).collect();
        assert_eq!(jobs(&store), ends);
        let dropped = host.drop_recorded(&[id(1), id(1), id(2)]).unwrap();
        assert_eq!(dropped, [Changed::Done, Changed::Unknown, Changed::Done]);
        assert_eq!(jobs(&store), [(3, "cancelled".to_owned())]);
    }

    #[test]
    fn a_retried_job_goes_on_with_a_later_host() {
        let store = MemoryStore::new();
        let host = made(&store);
        let first = soon(submit(&host, "fail", 1));
        let retried = host.retry_recorded(&[first.id], true).unwrap();
        assert_eq!(retried, [Changed::Done]);
        drop(host);
        let host = made(&store);
        assert_eq!(host.recovered().unwrap().jobs.queued, 1);
        let again = soon(submit(&host, "fail", 1));
        assert_eq!((again.id, again.attempts), (first.id, 2));
    }

    // They run as they did before, under what was said of their job.
    #[test]
    fn retried_items_have_the_options_of_their_job() {
        let store = MemoryStore::new();
        let parallel = |host: &Host| {
            let job = host.job("fail").unwrap().key(Key::Place(1));
            let job = job.arguments([value(1), value(2)]).with(|options| {
                options.spread.parallel = true;
                options.priority = 7;
            });
            soon(job.submit().unwrap())
        };
        let host = made(&store);
        let first = parallel(&host);
        host.retry_recorded(&[first.id], false).unwrap();
        drop(host);
        parallel(&made(&store));
        let mut reader = store.reader().unwrap();
        for number in [2, 3] {
            let item = reader.find(number).unwrap().unwrap();
            let past = reader.past(number).unwrap();
            assert_eq!((item.attempts, past.len()), (2, 1));
            assert_eq!(past[0].conditions, None, "{:?}", item.job.conditions);
        }
    }

    #[test]
    fn without_a_host_it_is_the_same() {
        let mut store = MemoryStore::new();
        let host = made(&store);
        soon(submit(&host, "double", 1));
        soon(submit(&host, "fail", 2));
        drop(host);
        let mut all = |what| change(&mut store, &[1, 2, 3], what, 0, &|_| true).unwrap();
        let retry = Change::Retry {
            resets_state: false,
        };
        assert_eq!(
            all(retry),
            [Changed::Succeeded, Changed::Done, Changed::Unknown]
        );
        assert_eq!(
            all(Change::Drop),
            [Changed::Done, Changed::NotOver, Changed::Unknown]
        );
        assert_eq!(
            all(Change::Cancel),
            [Changed::Unknown, Changed::Done, Changed::Unknown]
        );
        let mut reader = store.reader().unwrap();
        assert!(
            reader
                .find(2)
                .unwrap()
                .unwrap()
                .done()
                .unwrap()
                .is_delivered
        );
    }

    #[test]
    fn a_host_without_a_store_knows_none() {
        let host = wodehost_tests::host_of("double");
        let job = JobId::new(host.id(), 1);
        assert_eq!(host.drop_recorded(&[job]).unwrap(), [Changed::Unknown]);
    }
}
