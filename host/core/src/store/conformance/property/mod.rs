//! Random writes in random batches, held against a plain model.
//!
//! A case is a list of turns: a batch, or a crash. A [step](steps) becomes a write that a host
//! could make of what there is, with the right fence or now and then a wrong one; the
//! [model] says what comes of it. After each batch every answer and everything that can be
//! read is [compared](compare), and [promises] are kept that need no model.

mod compare;
mod model;
mod promises;
mod steps;

use super::Maker;
use super::bench::Bench;
use super::samples::session;
use crate::store::{Answer, Expiry, Write};
use compare::{same_answer, same_reads};
use model::Model;
use promises::Promises;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use steps::{Turn, turn};

/// Holds stores of these makers against that many random cases; what a case was that failed,
/// made as short as it gets.
pub(crate) fn holds(make: &dyn Fn() -> Box<dyn Maker>, cases: u32) -> Result<(), String> {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    };
    let strategy = proptest::collection::vec(turn(), 1..20);
    let result = TestRunner::new(config).run(&strategy, |turns| {
        run(&mut *make(), &turns);
        Ok(())
    });
    match result {
        Ok(()) => Ok(()),
        Err(TestError::Abort(why)) => Err(why.to_string()),
        Err(TestError::Fail(why, turns)) => {
            let turns: Vec<String> = turns.iter().map(|turn| format!("{turn:?}")).collect();
            Err(format!("{why}\nturns:\n{}", turns.join("\n")))
        }
    }
}

/// Cases of a usual run of a store; `PROPTEST_CASES` asks for more.
pub(crate) fn cases(usual: u32) -> u32 {
    ProptestConfig::default().cases.max(usual)
}

fn run(maker: &mut dyn Maker, turns: &[Turn]) {
    let mut bench = Bench::new(maker);
    let mut model = Model::new(bench.host);
    let mut promises = Promises::default();
    begin(&mut bench, &mut model, u64::MAX);
    for turn in turns {
        let writes = match turn {
            Turn::Batch(steps) => {
                let (writes, expected) = planned(&mut model, steps);
                let answers = bench.commit(&writes);
                for ((write, answer), expected) in writes.iter().zip(&answers).zip(&expected) {
                    same_answer(&model, write, answer, expected);
                }
                promises.heard(&writes, &answers);
                writes
            }
            Turn::Begin(until_ms) => {
                begin(&mut bench, &mut model, *until_ms);
                Vec::new()
            }
            Turn::Crash => {
                bench.crash();
                promises.kept(bench.read());
                same_reads(&mut bench, &model, 0);
                let session = begin(&mut bench, &mut model, u64::MAX);
                let expire = Write::Expire(Expiry::AllBut(session));
                let expected = model.apply(&expire);
                same_answer(&model, &expire, &bench.one(expire.clone()), &expected);
                Vec::new()
            }
        };
        same_reads(&mut bench, &model, writes.len());
        promises.kept(bench.read());
    }
}

/// The writes of a batch, each made of what the ones before it leave, and their answers.
fn planned(model: &mut Model, steps: &[steps::Step]) -> (Vec<Write>, Vec<Answer>) {
    let planned = steps.iter().filter_map(|step| {
        let write = step.write(model)?;
        let answer = model.apply(&write);
        Some((write, answer))
    });
    planned.unzip()
}

/// Which session that is, the store says.
fn begin(bench: &mut Bench, model: &mut Model, until_ms: u64) -> crate::store::SessionId {
    let id = bench.begin_until(until_ms);
    model.begins(id, session(until_ms));
    id
}

// Nothing that was answered is lost, each job ends once, and everything is as the rules say.
#[test]
fn random_writes_do_what_the_rules_say() {
    let make = || Box::new(super::InMemory(None)) as Box<dyn Maker>;
    if let Err(why) = holds(&make, cases(2_000)) {
        panic!("{why}");
    }
}
