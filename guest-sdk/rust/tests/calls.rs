//! The host's calls, made natively: what the macros expand to, by hand.

use wodehost_guest::bindings::wit::types;
use wodehost_guest::glue::{self, Arguments, Done};
use wodehost_guest::jobs::{JobError, SubmitError};
use wodehost_guest::{Dispatch, Emitted, Failure, Outcome, Raw, Status};

fn message(problem: Vec<u8>) -> String {
    #[derive(serde::Deserialize)]
    struct Report {
        message: String,
    }
    let report = Raw(problem).read::<Report>();
    report.expect("a report").message
}

fn sum(job: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    glue::run(|| {
        let mut arguments = Arguments::new(job, &["a", "b"])?;
        let a: i64 = arguments.next()?;
        let b: i64 = arguments.next()?;
        glue::reply(a + b)
    })
}

fn outcome(status: types::Status, data: &[u8]) -> types::Outcome {
    types::Outcome {
        id: "j-1".into(),
        worker: "double".into(),
        status,
        reason: "returned".into(),
        data: data.to_vec(),
        attempts: 2,
        message: Some("text".into()),
        more: b"\x81\xa8receipts\x03".to_vec(),
    }
}

#[test]
fn one_parameter_takes_the_value_as_it_is_even_an_array() {
    let job = [0x92, 1, 2];
    let answer = glue::run(|| {
        let both: Vec<u8> = Arguments::new(&job, &["both"])?.next()?;
        glue::reply(both.len())
    });
    assert_eq!(answer, Ok(vec![2]));
}

#[test]
fn several_parameters_take_the_elements_of_an_array() {
    assert_eq!(sum(&[0x92, 1, 2]), Ok(vec![3]));
}

#[test]
fn an_array_of_another_length_is_a_failure_that_names_the_parameters() {
    assert_eq!(
        message(sum(&[0x91, 1]).expect_err("too few")),
        "this worker takes 2 arguments (a, b) and was given an array of 1"
    );
    assert_eq!(
        message(sum(&[1]).expect_err("no array")),
        "this worker takes 2 arguments (a, b) and was given an integer"
    );
}

#[test]
fn an_argument_of_another_type_is_a_failure_that_names_it() {
    assert_eq!(
        message(sum(&[0x92, 1, 0xa1, b'x']).expect_err("no number")),
        "argument `b` cannot be read as i64: found a string"
    );
}

#[test]
fn values_of_every_kind_are_passed_over_and_taken_as_they_are() {
    // An extension value, binary data, and a map in a map.
    let job = b"\x93\xd6\x05abcd\xc4\x01x\x81\xa1a\x81\xa1b\xc0";
    let mut arguments = Arguments::new(job, &["a", "b", "c"]).expect("three");
    assert_eq!(arguments.next::<Raw>().expect("a").0, b"\xd6\x05abcd");
    assert_eq!(arguments.next::<Raw>().expect("b").0, b"\xc4\x01x");
    assert_eq!(
        arguments.next::<Raw>().expect("c").0,
        b"\x81\xa1a\x81\xa1b\xc0"
    );
}

#[test]
fn a_failure_goes_out_as_its_value() {
    let answer = glue::run(|| Err(Failure::of(&7)));
    assert_eq!(answer, Err(vec![7]));
    assert_eq!(glue::set_up(|| Err(Failure::of(&8))), Err(vec![8]));
}

#[test]
fn functions_that_give_nothing_back_may_or_may_not_fail() {
    assert_eq!(().done(), Ok(()));
    let result: Result<(), std::fmt::Error> = Err(std::fmt::Error);
    assert!(result.done().is_err());
}

#[test]
fn a_producer_is_started_once_and_ends_for_good() {
    let mut starts = 0;
    let mut next = || {
        glue::next(|| {
            starts += 1;
            Ok(glue::boxed((0..2).map(|n| Dispatch::to("w").arg(&n))))
        })
        .map(|dispatch| dispatch.map(|dispatch| dispatch.args))
    };
    assert_eq!(next(), Ok(Some(vec![vec![0]])));
    assert_eq!(next(), Ok(Some(vec![vec![1]])));
    assert_eq!(next(), Ok(None));
    assert_eq!(next(), Ok(None));
    assert_eq!(starts, 1);
}

#[test]
fn a_producer_yields_dispatches_or_results() {
    let plain = glue::boxed(vec![Dispatch::to("w")]);
    assert_eq!(plain.count(), 1);
    let failing: Vec<Result<Dispatch, std::fmt::Error>> = vec![Err(std::fmt::Error)];
    let mut failing = glue::boxed(failing);
    assert!(failing.next().is_some_and(|item| item.is_err()));
}

// J22
#[test]
fn a_gate_says_how_many_milliseconds_to_wait() {
    use std::time::Duration;
    use wodehost_guest::glue::Admission;
    for (returned, said) in [
        (None, None),
        (Some(Duration::ZERO), Some(0)),
        (Some(Duration::from_micros(1)), Some(1)),
        (Some(Duration::from_secs(2)), Some(2000)),
        (Some(Duration::MAX), Some((1 << 53) - 1)),
    ] {
        assert_eq!(glue::admit(|| returned.pause()), said);
        let result: Result<_, std::fmt::Error> = Ok(returned);
        assert_eq!(glue::admit(|| result.pause()), said);
    }
}

// J22
#[test]
#[should_panic(expected = "the clock is wrong")]
fn a_gate_that_cannot_answer_panics() {
    glue::admit(|| Err(Failure::new("the clock is wrong")));
}

#[test]
fn a_producer_that_cannot_start_gives_its_failure() {
    let answer = glue::next(|| Err(Failure::of(&9)));
    assert_eq!(answer.map(|_| ()), Err(vec![9]));
}

#[test]
fn a_consumer_gets_the_job_and_the_outcome() {
    let taken = glue::consume(&[5], outcome(types::Status::Timeout, &[6]), |job: u8, o| {
        assert_eq!((job, o.data::<u8>()?), (5, 6));
        assert_eq!((o.id.as_str(), o.worker.as_str()), ("j-1", "double"));
        assert_eq!((o.reason.as_str(), o.attempts), ("returned", 2));
        assert_eq!(
            (o.status, o.is_timeout(), o.is_success()),
            (Status::Timeout, true, false)
        );
        assert_eq!(o.message.as_deref(), Some("text"));
        Ok(())
    });
    assert_eq!(taken, Ok(()));
}

#[test]
fn further_facts_are_read_by_name_and_unknown_ones_skipped() {
    #[derive(serde::Deserialize)]
    struct More {
        items: Option<u8>,
        receipts: Option<u8>,
    }
    let taken = glue::consume(
        &[5],
        outcome(types::Status::Success, &[6]),
        |_: Raw, o: Outcome| {
            let more: More = o.more()?;
            assert_eq!((more.items, more.receipts), (None, Some(3)));
            Ok(())
        },
    );
    assert_eq!(taken, Ok(()));
}

#[test]
fn a_consumer_is_not_called_with_a_job_it_cannot_read() {
    let taken = glue::consume(
        &[0xc3],
        outcome(types::Status::Success, &[6]),
        |_: i64, _| Ok(()),
    );
    assert_eq!(
        message(taken.expect_err("no number")),
        "the job cannot be read as i64: found the boolean `true`, expected i64"
    );
}

/// What becomes of an outcome whose result is wanted as an `u8`.
fn result(outcome: types::Outcome) -> Result<u8, JobError> {
    let mut result = None;
    let taken = glue::consume(&[0], outcome, |_: u8, o| {
        result = Some(o.into_result());
        Ok(())
    });
    assert_eq!(taken, Ok(()));
    result.expect("an outcome")
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Coded {
    code: String,
    message: String,
}

fn coded(error: JobError) -> Coded {
    Failure::from(error).value().read().expect("a report")
}

#[test]
fn the_result_of_a_job_that_succeeded_is_its_data() {
    assert_eq!(result(outcome(types::Status::Success, &[6])), Ok(6));
}

#[test]
fn a_job_that_did_not_succeed_gives_an_error_with_all_it_left() {
    let ended = types::Outcome {
        reason: "silent".into(),
        ..outcome(types::Status::Timeout, &[6])
    };
    let error = result(ended).expect_err("no success");
    assert_eq!(
        (error.status, error.reason.as_str()),
        (Status::Timeout, "silent")
    );
    assert_eq!(error.data::<u8>().expect("the state"), 6);
    assert_eq!(error.outcome().map(|outcome| outcome.attempts), Some(2));
    let wanted = Coded {
        code: "silent".into(),
        message: "job j-1 of `double` gave no result: silent: text".into(),
    };
    assert_eq!(coded(error), wanted);
}

#[test]
fn data_of_another_type_than_was_wanted_are_an_error() {
    let error = result(outcome(types::Status::Success, b"\xa1x")).expect_err("no number");
    assert_eq!(error.status, Status::Success);
    let wanted = Coded {
        code: "bad-value".into(),
        message: "job j-1 of `double` gave no result: bad-value: the outcome's data cannot be \
                  read as u8: found a string"
            .into(),
    };
    assert_eq!(coded(error), wanted);
}

#[test]
fn a_refused_submit_is_an_error_with_its_name() {
    let error = JobError::from(SubmitError::Limit("depth".into()));
    assert_eq!((error.status, error.outcome()), (Status::Unspecified, None));
    assert_eq!(error.data::<()>(), Ok(()));
    let wanted = Coded {
        code: "limit".into(),
        message: "a job gave no result: limit: the limit `depth` on nested jobs was reached".into(),
    };
    assert_eq!(coded(error), wanted);
}

#[test]
fn an_emitted_value_says_where_it_comes_from() {
    let taken = glue::on_emit("j-1".into(), 2, 3, vec![4], |e: Emitted| {
        assert_eq!(
            (e.job_id.as_str(), e.attempt, e.seq, e.data::<u8>()?),
            ("j-1", 2, 3, 4)
        );
        Err(Failure::of(&0))
    });
    assert_eq!(taken, Err(vec![0]));
}

#[test]
fn statuses_are_spelt_as_in_the_contract() {
    let spelt = [
        (types::Status::Unspecified, "unspecified"),
        (types::Status::Success, "success"),
        (types::Status::Failure, "failure"),
        (types::Status::Timeout, "timeout"),
        (types::Status::Mixed, "mixed"),
        (types::Status::Rejected, "rejected"),
        (types::Status::Cancelled, "cancelled"),
    ];
    for (status, text) in spelt {
        let taken = glue::consume(&[0], outcome(status, &[0]), |_: u8, o| {
            assert_eq!(format!("{:>4}", o.status), text);
            Ok(())
        });
        assert_eq!(taken, Ok(()));
    }
}
