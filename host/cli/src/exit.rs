//! The exit codes: an enum, so that each is given out by an exhaustive match.
//!
//! The table of [`Exit::ALL`] is what `docs/cli/exit-codes.md` is made from.

use crate::make_pool;
use crate::recording;
use crate::screen;
use crate::top;
use wodehost::Tally;

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything succeeded.
    Success,
    /// A fault of ours.
    Internal,
    /// The command line is wrong.
    Usage,
    /// The configuration is wrong.
    Config,
    /// Some jobs failed.
    SomeFailed,
    /// Some jobs timed out, none failed.
    OnlyTimeouts,
    /// The user stopped it.
    Cancelled,
    /// The job did not start in time, or not everything ended in time.
    Blocked,
    /// The producer ended with an error.
    Producer,
    /// A plugin cannot be used.
    Plugin,
    /// A store cannot be used.
    Store,
    /// The output cannot be written.
    Output,
    /// The third Ctrl-C.
    LeftAtOnce,
}

impl Exit {
    /// Every one, by number.
    pub(crate) const ALL: [Exit; 13] = [
        Exit::Success,
        Exit::Internal,
        Exit::Usage,
        Exit::Config,
        Exit::SomeFailed,
        Exit::OnlyTimeouts,
        Exit::Cancelled,
        Exit::Blocked,
        Exit::Producer,
        Exit::Plugin,
        Exit::Store,
        Exit::Output,
        Exit::LeftAtOnce,
    ];

    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Internal => 1,
            Exit::Usage => 2,
            Exit::Config => 3,
            Exit::SomeFailed => 10,
            Exit::OnlyTimeouts => 11,
            Exit::Cancelled => 12,
            Exit::Blocked => 13,
            Exit::Producer => 14,
            Exit::Plugin => 20,
            Exit::Store => 30,
            Exit::Output => 74,
            Exit::LeftAtOnce => 130,
        }
    }

    /// Ends the process here and now. What others wait for is given back before; what
    /// is to be said is said, if the terminal takes it.
    pub(crate) fn leave(self) -> ! {
        make_pool::give_back_all();
        recording::leave();
        top::server::put_away();
        screen::leave();
        std::process::exit(i32::from(self.code()))
    }

    /// What it means, one sentence.
    pub(crate) fn about(self) -> &'static str {
        match self {
            Exit::Success => "everything succeeded; also when the reader of a pipe went away early",
            Exit::Internal => "a fault of wodehost itself",
            Exit::Usage => "the command line is wrong",
            Exit::Config => "the configuration is wrong: `wodehost.toml`, a variable, a folder",
            Exit::SomeFailed => "some jobs failed, or their outcomes could not be delivered",
            Exit::OnlyTimeouts => {
                "some jobs were silent too long or ran out of fuel or time; none failed"
            }
            Exit::Cancelled => "stopped by Ctrl-C, SIGTERM or SIGHUP",
            Exit::Blocked => {
                "the job did not start in time: no slot, or a gate; of `map`: its `--timeout` was over"
            }
            Exit::Producer => "the producer ended with an error",
            Exit::Plugin => "a plugin cannot be used: no such file, no component, another world",
            Exit::Store => {
                "the store cannot be used: in use, damaged, no store, cannot be written, or what it has does not fit"
            }
            Exit::Output => "the output cannot be written",
            Exit::LeftAtOnce => "left at once: on the third Ctrl-C, or on one before anything ran",
        }
    }
}

/// What a run, a map or a call leaves, as far as the exit code depends on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ended {
    /// How the jobs ended.
    pub(crate) tally: Tally,
    /// Input that was refused before it became a job.
    pub(crate) refused: u64,
    /// Outcomes that nobody took, and a `finish` that failed.
    pub(crate) undelivered: u64,
    /// Outcomes with the reason `internal`.
    pub(crate) internal: u64,
    /// Whether the producer ended with an error.
    pub(crate) producer_failed: bool,
    /// Whether the user stopped it, or cancelled something of it.
    pub(crate) by_user: bool,
    /// Whether its time was over before everything was done.
    pub(crate) is_late: bool,
}

impl Ended {
    /// The first code that applies. Errors of the output never come here: they
    /// end the command by themselves.
    pub(crate) fn exit(&self) -> Exit {
        let tally = &self.tally;
        let failed = tally.failure + tally.mixed + tally.rejected + self.refused + self.undelivered;
        if self.internal > 0 {
            Exit::Internal
        } else if self.producer_failed {
            Exit::Producer
        } else if self.by_user {
            Exit::Cancelled
        } else if self.is_late {
            Exit::Blocked
        } else if failed > 0 {
            Exit::SomeFailed
        } else if tally.timeout > 0 {
            Exit::OnlyTimeouts
        } else if tally.cancelled > 0 {
            Exit::Cancelled
        } else {
            Exit::Success
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_number_and_they_are_in_order() {
        assert!(
            Exit::ALL
                .windows(2)
                .all(|two| two[0].code() < two[1].code())
        );
    }

    #[test]
    fn the_first_that_applies_wins() {
        let with = |change: fn(&mut Ended)| {
            let mut ended = Ended::default();
            change(&mut ended);
            ended.exit()
        };
        let all = |e: &mut Ended| {
            e.tally = Tally {
                success: 1,
                failure: 1,
                timeout: 1,
                ..Tally::default()
            };
        };
        let mut ended = Ended::default();
        all(&mut ended);
        assert_eq!(ended.exit(), Exit::SomeFailed);
        ended.is_late = true;
        assert_eq!(ended.exit(), Exit::Blocked);
        ended.by_user = true;
        assert_eq!(ended.exit(), Exit::Cancelled);
        ended.producer_failed = true;
        assert_eq!(ended.exit(), Exit::Producer);
        ended.internal = 1;
        assert_eq!(ended.exit(), Exit::Internal);
        assert_eq!(with(|_| ()), Exit::Success);
        assert_eq!(with(|e| e.tally.timeout = 1), Exit::OnlyTimeouts);
        assert_eq!(with(|e| e.undelivered = 1), Exit::SomeFailed);
        assert_eq!(with(|e| e.refused = 1), Exit::SomeFailed);
        assert_eq!(with(|e| e.tally.cancelled = 1), Exit::Cancelled);
        // A `--halt` cancels, but it is a failure that made it.
        assert_eq!(
            with(|e| (e.tally.cancelled, e.tally.failure) = (3, 1)),
            Exit::SomeFailed
        );
    }
}
