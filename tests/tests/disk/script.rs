//! What is done to a store, step by step, and what is in it.

use std::fmt::Debug;
use wodehost::store::{
    ChildName, Conditions, Filter, Key, NewJob, Page, Parent, PastAttempt, Reader, Session,
    SessionId, Store, StoreError, Write,
};
use wodehost::task::Earlier;
use wodehost::{HostId, JobId, Outcome, Reason, Value};

/// A step.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Commit(Vec<Write>),
    Retain,
    Compact,
}

impl Step {
    pub(super) fn take(&self, store: &mut dyn Store) -> Result<(), StoreError> {
        match self {
            Step::Commit(batch) => store.commit(batch).map(drop),
            Step::Retain => store.retain(0, 2).map(drop),
            Step::Compact => store.compact(),
        }
    }
}

const SESSION: SessionId = SessionId(1);

/// Rounds of five steps.
const ROUNDS: u64 = 6;

/// What happens to the jobs of a store with this id.
pub(super) fn steps(host: HostId) -> Vec<Step> {
    let begin = Write::Begin(Session {
        began_ms: 500,
        pid: 17,
        boot: "boot".to_owned(),
        until_ms: u64::MAX,
    });
    let component: Vec<u8> = (0..9000_u32).map(|n| (n % 251) as u8).collect();
    let digest = wodehost::plugin::Digest::of(&component);
    let plugin = Write::Plugin {
        digest,
        bytes: component.into(),
    };
    let mut steps = vec![Step::Commit(vec![begin, plugin])];
    for round in 0..ROUNDS {
        steps.extend(of_round(host, round).map(Step::Commit));
        match round {
            3 => steps.push(Step::Retain),
            4 => steps.push(Step::Compact),
            _ => {}
        }
    }
    steps
}

/// Two jobs, from their beginning to their end.
fn of_round(host: HostId, round: u64) -> [Vec<Write>; 5] {
    let (small, large, child) = (round * 3 + 1, round * 3 + 2, round * 3 + 3);
    let text = |bytes: usize| Value::from("x".repeat(bytes).as_str());
    let state = |n: u64| Value::map([("round", Value::from(round)), ("n", Value::from(n))]);
    let keyed = NewJob {
        key: Some(Key::Place(round)),
        ..job(small, Value::from(round))
    };
    let of_large = NewJob {
        parent: Some(Parent {
            number: large,
            name: ChildName::Ordinal(0),
        }),
        ..job(child, Value::nil())
    };
    let submit = |job| Write::Submit(Box::new(job));
    let cursor = |name: &str| Write::Cursor {
        name: name.into(),
        value: Value::from(round),
    };
    let finish = |number, fence, is_delivered| Write::Finish {
        number,
        fence: Some(fence),
        outcome: Box::new(outcome(host, number, text(40 * number as usize))),
        is_delivered,
        ends_children: true,
        now_ms: 5000 + round,
    };
    let deliver = Write::Deliver {
        number: small,
        frees_key: round.is_multiple_of(2),
    };
    [
        vec![
            submit(keyed),
            submit(job(large, text(6000))),
            cursor("producer/p"),
        ],
        vec![Write::Checkpoint {
            number: small,
            fence: 1,
            state: state(1),
        }],
        vec![
            Write::Again {
                number: small,
                fence: 1,
                past: Box::new(past(state(2))),
            },
            submit(of_large),
        ],
        vec![finish(small, 2, false)],
        vec![deliver, finish(large, 1, true), cursor("consumer/c")],
    ]
}

fn job(number: u64, value: Value) -> NewJob {
    NewJob {
        number,
        span: 1,
        stream: "run".into(),
        key: None,
        parent: None,
        worker: "double".into(),
        conditions: std::sync::Arc::new(Conditions::new(Value::from("conditions"))),
        value,
        arity: 1,
        said: Value::nil(),
        singleton: None,
        group: None,
        submitted_ms: 1000 + number,
        claim: Some(SESSION),
    }
}

fn past(state: Value) -> PastAttempt {
    PastAttempt {
        earlier: Earlier {
            attempt: 1,
            reason: Reason::Error,
            message: Some("failed".to_owned()),
            stdout: None,
            stderr: None,
            log: None,
        },
        receipt: None,
        state: Some(state),
        recorded: None,
        ended_ms: 2000,
        conditions: None,
        is_reset: false,
    }
}

fn outcome(host: HostId, number: u64, data: Value) -> Outcome {
    let id: JobId = format!("{host}-{number}").parse().unwrap();
    Outcome {
        id,
        worker: "double".into(),
        attempts: 1,
        ..Outcome::success(data)
    }
}

/// Everything that can be asked, as lines.
pub(super) fn contents(reader: &mut dyn Reader) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |what: &dyn Debug| lines.push(format!("{what:?}"));
    let page = Page {
        below: u64::MAX,
        most: 1000,
    };
    let all = reader.list(&Filter::default(), page).unwrap();
    for listed in &all {
        add(listed);
        add(&reader.find(listed.number).unwrap());
        add(&reader.past(listed.number).unwrap());
        add(&reader.children(listed.number).unwrap());
    }
    add(&reader.next_number().unwrap());
    add(&reader.session().unwrap());
    add(&reader.summary(None).unwrap());
    add(&reader.undelivered("run", None, 1000).unwrap());
    for name in ["producer/p", "consumer/c"] {
        add(&reader.cursor(name).unwrap());
    }
    for round in 0..ROUNDS {
        add(&reader.find_key("run", &Key::Place(round)).unwrap());
    }
    lines
}
