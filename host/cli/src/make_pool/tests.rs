//! Processes that take tokens and end in every way there is. Each is this test program
//! again, told by a variable to be the child.

use super::*;
use crate::exit::Exit;
use std::process::{Command, Output};
use wodehost_tests::TokenPool;

/// Tells the child what to do with its two tokens.
const CHILD: &str = "MAKE_POOL_CHILD";

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

fn taken() -> SlotToken {
    let Inherited::Pool(pool) = inherited() else {
        panic!("there is no pool");
    };
    let token = pool.take(LONG).expect("the pool is there");
    token.expect("it has tokens")
}

/// What the child does; in the test run itself, nothing.
#[test]
fn child() {
    let Ok(end) = std::env::var(CHILD) else {
        return;
    };
    inherit();
    may_take();
    let tokens = [taken(), taken()];
    match end.as_str() {
        "drop" => {
            drop(tokens);
            taken();
        }
        "leave" => Exit::LeftAtOnce.leave(),
        "panic" => {
            crate::crash::install();
            panic!("a fault of ours");
        }
        "none" => {
            // The third one is nowhere.
            let Inherited::Pool(pool) = inherited() else {
                panic!("there is no pool");
            };
            assert!(matches!(pool.take(Duration::from_millis(1)), Ok(None)));
            pool.wake();
            assert!(matches!(pool.take(LONG), Ok(None)));
        }
        "again" => {
            give_back_all();
            let Inherited::Pool(pool) = inherited() else {
                panic!("there is no pool");
            };
            assert!(matches!(pool.take(Duration::ZERO), Ok(None)));
        }
        end => panic!("what is {end}?"),
    }
}

fn run(mut command: Command, end: &str) -> Output {
    let name = "make_pool::tests::child";
    command.args(["--exact", name, "--nocapture"]);
    let output = command.env(CHILD, end).output();
    output.expect("it can be started")
}

fn ends(end: &str, tokens: &[u8], code: i32) {
    let own = std::env::current_exe().expect("its own path");
    let pool = TokenPool::of(tokens);
    for command in [pool.for_path(&own), pool.for_heir(&own)] {
        let output = run(command, end);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert_eq!(pool.left(), tokens, "{output:?}");
    }
}

// J37
#[test]
fn tokens_go_back_as_they_came() {
    ends("drop", b"abc", 0);
    ends("again", b"abc", 0);
}

// J37
#[test]
fn tokens_go_back_when_the_process_leaves_at_once() {
    ends("leave", b"abc", 130);
}

// J37
#[test]
fn tokens_go_back_on_a_panic() {
    ends("panic", b"abc", 1);
}

// J37
#[test]
fn who_waits_for_a_token_that_is_nowhere_can_be_woken() {
    ends("none", b"ab", 0);
}
