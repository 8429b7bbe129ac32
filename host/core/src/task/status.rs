//! How a job ended, in one word, and why, in another.

use super::pipeline::StageName;
use crate::limits::{LIMITS, Limit};
use std::fmt;
use std::str::FromStr;
use wasmtime::Trap;

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// It has not ended, or nobody said how.
    Unspecified,
    /// It returned a value, or declared success.
    Success,
    /// It returned an error, trapped, broke a limit, or declared failure.
    Failure,
    /// It was silent too long, ran out of fuel, or ran out of time.
    Timeout,
    /// The items of a parallel job ended in different ways.
    Mixed,
    /// It was refused.
    Rejected,
    /// It was stopped before its end.
    Cancelled,
}

impl Status {
    /// Whether it is [`Status::Success`].
    #[must_use]
    pub fn is_success(self) -> bool {
        self == Status::Success
    }

    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Unspecified => "unspecified",
            Status::Success => "success",
            Status::Failure => "failure",
            Status::Timeout => "timeout",
            Status::Mixed => "mixed",
            Status::Rejected => "rejected",
            Status::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a job ended as it did. Its text is stable: outcomes, JSON and logs carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// `returned`: `run` gave a value.
    Returned,
    /// `declared`: the guest called `success` or `failure`.
    Declared,
    /// `error`: `run` or `set-up` gave an error value.
    Error,
    /// `trap:CODE`: the guest trapped.
    Trap(Trap),
    /// `exit:N`: the guest left with an exit code instead of a result.
    Exit(i32),
    /// `silent`: no sign of life within the keepalive.
    Silent,
    /// `out-of-fuel`: the fuel of a keepalive window ran out.
    OutOfFuel,
    /// `deadline`: the attempt took longer than one may.
    Deadline,
    /// `memory-limit`, `table-limit`, `handle-limit` …: a cap was reached.
    Limit(Limit),
    /// `bad-value`: a value is not well-formed.
    BadValue,
    /// `value-too-large`: a value is over its limit.
    ValueTooLarge,
    /// `bad-options`: the job's options are not valid.
    BadOptions,
    /// `bad-abi`: the guest broke the rules of the component model or the contract.
    BadAbi,
    /// `unknown-worker`: no worker has this name.
    UnknownWorker,
    /// `not-permitted`: the producer may not give jobs to this worker.
    NotPermitted,
    /// `restart-asked`: the guest asked for a restart and none was left.
    RestartAsked,
    /// `items`: items of a parallel job did not succeed.
    Items,
    /// `pipeline:STAGE`: a stage failed.
    Pipeline(StageName),
    /// `rejected`: another job with its singleton key is unfinished.
    Rejected,
    /// `internal`: our own fault.
    Internal,
    /// `lost`: its host died while it ran, too often.
    Lost,
    /// `quarantined`: its host died while nothing else ran.
    Quarantined,
    /// `interrupted`: its host was stopped. The job is not over: it stays in the store, and goes
    /// on when a host opens that.
    Interrupted,
    /// `cancelled`: somebody stopped it.
    Cancelled,
    /// `parent-ended`: the job that submitted it ended.
    ParentEnded,
    /// `nested-limit`: there was no place for another nested job.
    NestedLimit,
}

impl Reason {
    /// The status that goes with it.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Reason::Returned => Status::Success,
            Reason::Silent | Reason::OutOfFuel | Reason::Deadline => Status::Timeout,
            Reason::Cancelled | Reason::ParentEnded | Reason::Interrupted => Status::Cancelled,
            Reason::Rejected => Status::Rejected,
            Reason::Declared
            | Reason::Error
            | Reason::Trap(_)
            | Reason::Exit(_)
            | Reason::Limit(_)
            | Reason::BadValue
            | Reason::ValueTooLarge
            | Reason::BadOptions
            | Reason::BadAbi
            | Reason::UnknownWorker
            | Reason::NotPermitted
            | Reason::RestartAsked
            | Reason::Items
            | Reason::Pipeline(_)
            | Reason::NestedLimit
            | Reason::Lost
            | Reason::Quarantined
            | Reason::Internal => Status::Failure,
        }
    }

    /// The limit that was reached, where that is what ended the attempt.
    #[must_use]
    pub fn limit(self) -> Option<Limit> {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "all the others are about something else"
        )]
        match self {
            Reason::Limit(limit) => Some(limit),
            Reason::Silent => Some(Limit::Keepalive),
            Reason::OutOfFuel => Some(Limit::Fuel),
            Reason::Deadline => Some(Limit::Deadline),
            Reason::ValueTooLarge => Some(Limit::Value),
            _ => None,
        }
    }

    /// What to do about it, where there is something.
    #[must_use]
    pub fn hint(self) -> Option<&'static str> {
        Some(match self {
            Reason::Silent => "say `keepalive` from time to time, or raise `--keepalive`",
            Reason::OutOfFuel => {
                "say `keepalive` from time to time, or raise `--fuel` (`inf` for no budget)"
            }
            Reason::Deadline => "split the job, or raise `--deadline`",
            Reason::Limit(Limit::Memory) => {
                "use less at a time, or raise `--memory`; where it says together: `--memory-total`, or \
                 fewer `--slots`"
            }
            Reason::Limit(Limit::Tables) => "raise `--tables`",
            Reason::Limit(Limit::HostCalls) => "call the host less often, or raise `--host-calls`",
            Reason::Limit(Limit::Handles) => "drop handles that are done, or raise `--handles`",
            Reason::ValueTooLarge => "pass less at a time, or raise `--value`",
            Reason::Trap(Trap::StackOverflow) => "recurse less deeply, or raise `--wasm-stack`",
            Reason::Trap(Trap::MemoryOutOfBounds) => {
                "the plugin reached beyond its memory, as it also does when it recurses too \
                 deeply for the stack that it was built with"
            }
            Reason::Trap(Trap::UnreachableCodeReached) => {
                "the plugin stopped itself, as a panic does; its stderr says why"
            }
            Reason::UnknownWorker | Reason::NotPermitted => {
                "name the worker with `--worker NAME=FILE`, or in `[run]`"
            }
            Reason::RestartAsked => "raise `--retries` (`inf` for no end)",
            Reason::Items => "`--outcome` shows how each item ended",
            Reason::Rejected => {
                "wait for the other job, or give this one another `--singleton` key"
            }
            Reason::NestedLimit => "nest less deeply, or raise `--live`",
            Reason::Internal => "this is a fault of wodehost; please report it",
            Reason::Lost => "the host died while it ran; `wodehost jobs retry` tries it again",
            Reason::Quarantined => {
                "the host died while only this job ran; `wodehost jobs retry` tries it again"
            }
            Reason::Interrupted => "start the same command again with the same `--store`",
            Reason::Returned
            | Reason::Declared
            | Reason::Error
            | Reason::Trap(_)
            | Reason::Exit(_)
            | Reason::Limit(_)
            | Reason::BadValue
            | Reason::BadOptions
            | Reason::BadAbi
            | Reason::Pipeline(_)
            | Reason::Cancelled
            | Reason::ParentEnded => return None,
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Reason::Trap(trap) => return write!(f, "trap:{}", trap_code(*trap)),
            Reason::Exit(code) => return write!(f, "exit:{code}"),
            Reason::Pipeline(stage) => return write!(f, "pipeline:{}", stage.as_str()),
            Reason::Limit(limit) => limit_code(*limit),
            Reason::Returned => "returned",
            Reason::Declared => "declared",
            Reason::Error => "error",
            Reason::Silent => "silent",
            Reason::OutOfFuel => "out-of-fuel",
            Reason::Deadline => "deadline",
            Reason::BadValue => "bad-value",
            Reason::ValueTooLarge => "value-too-large",
            Reason::BadOptions => "bad-options",
            Reason::BadAbi => "bad-abi",
            Reason::UnknownWorker => "unknown-worker",
            Reason::NotPermitted => "not-permitted",
            Reason::RestartAsked => "restart-asked",
            Reason::Items => "items",
            Reason::Rejected => "rejected",
            Reason::Internal => "internal",
            Reason::Cancelled => "cancelled",
            Reason::ParentEnded => "parent-ended",
            Reason::NestedLimit => "nested-limit",
            Reason::Lost => "lost",
            Reason::Quarantined => "quarantined",
            Reason::Interrupted => "interrupted",
        };
        f.write_str(word)
    }
}

/// Reasons of one word of their own.
const PLAIN: [Reason; 22] = [
    Reason::Returned,
    Reason::Declared,
    Reason::Error,
    Reason::Silent,
    Reason::OutOfFuel,
    Reason::Deadline,
    Reason::BadValue,
    Reason::ValueTooLarge,
    Reason::BadOptions,
    Reason::BadAbi,
    Reason::UnknownWorker,
    Reason::NotPermitted,
    Reason::RestartAsked,
    Reason::Items,
    Reason::Rejected,
    Reason::Internal,
    Reason::Cancelled,
    Reason::ParentEnded,
    Reason::NestedLimit,
    Reason::Lost,
    Reason::Quarantined,
    Reason::Interrupted,
];

/// A word that is no reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no reason for an end")]
pub struct NoReason(String);

impl FromStr for Reason {
    type Err = NoReason;

    fn from_str(word: &str) -> Result<Reason, NoReason> {
        let unknown = || NoReason(word.to_owned());
        if let Some(code) = word.strip_prefix("trap:") {
            // Those that have no code of their own are one.
            let trap = (0..=u8::MAX).filter_map(Trap::from_u8);
            let mut trap = trap.filter(|trap| trap_code(*trap) == code);
            return trap.next().map(Reason::Trap).ok_or_else(unknown);
        }
        if let Some(code) = word.strip_prefix("exit:") {
            return code.parse().map(Reason::Exit).map_err(|_| unknown());
        }
        if let Some(stage) = word.strip_prefix("pipeline:") {
            let stage = StageName::ALL.into_iter().find(|s| s.as_str() == stage);
            return stage.map(Reason::Pipeline).ok_or_else(unknown);
        }
        let plain = PLAIN.into_iter().find(|reason| reason.to_string() == word);
        let limits = LIMITS.iter().map(|info| info.limit);
        let mut limits = limits.filter(|limit| limit_code(*limit) == word);
        plain
            .or_else(|| limits.next().map(Reason::Limit))
            .ok_or_else(unknown)
    }
}

fn limit_code(limit: Limit) -> &'static str {
    match limit {
        Limit::Memory => "memory-limit",
        Limit::Tables => "table-limit",
        Limit::Instances => "instance-limit",
        Limit::Handles => "handle-limit",
        Limit::HostCalls => "host-call-limit",
        Limit::Fuel => "out-of-fuel",
        Limit::Keepalive => "silent",
        Limit::Deadline => "deadline",
        Limit::Value => "value-too-large",
        Limit::State => "state-too-large",
        Limit::Emits => "emit-limit",
        Limit::Depth | Limit::Children | Limit::Tree => "nested-limit",
        Limit::Log | Limit::LogLine => "log-limit",
    }
}

/// A stable code for a trap, from wasmtime's variants.
#[must_use]
pub fn trap_code(trap: Trap) -> &'static str {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enum is non-exhaustive and most of its variants belong to features that are off"
    )]
    match trap {
        Trap::StackOverflow => "stack-overflow",
        Trap::MemoryOutOfBounds => "memory-out-of-bounds",
        Trap::TableOutOfBounds => "table-out-of-bounds",
        Trap::IndirectCallToNull => "indirect-call-to-null",
        Trap::BadSignature => "bad-signature",
        Trap::IntegerOverflow => "integer-overflow",
        Trap::IntegerDivisionByZero => "division-by-zero",
        Trap::BadConversionToInteger => "bad-conversion-to-integer",
        Trap::UnreachableCodeReached => "unreachable",
        Trap::OutOfFuel => "out-of-fuel",
        Trap::Interrupt => "interrupt",
        Trap::CannotEnterComponent => "cannot-enter-component",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_stable_words() {
        let table = [
            (Reason::Returned, "returned"),
            (
                Reason::Trap(Trap::UnreachableCodeReached),
                "trap:unreachable",
            ),
            (Reason::Trap(Trap::StackOverflow), "trap:stack-overflow"),
            (Reason::Exit(3), "exit:3"),
            (Reason::Limit(Limit::Memory), "memory-limit"),
            (Reason::Limit(Limit::HostCalls), "host-call-limit"),
            (Reason::RestartAsked, "restart-asked"),
            (Reason::Pipeline(StageName::Sort), "pipeline:sort"),
        ];
        for (reason, word) in table {
            assert_eq!(reason.to_string(), word);
        }
        for reason in table.map(|(reason, _)| reason).into_iter().chain(PLAIN) {
            assert_eq!(reason.to_string().parse(), Ok(reason));
        }
        for word in [
            "",
            "Returned",
            "trap:",
            "trap:no",
            "exit:",
            "exit:x",
            "pipeline:no",
        ] {
            assert_eq!(word.parse::<Reason>(), Err(NoReason(word.to_owned())));
        }
        assert_eq!(Reason::OutOfFuel.status(), Status::Timeout);
        assert_eq!(Reason::Cancelled.status(), Status::Cancelled);
    }
}
