//! Asks the gates of a host before each start of a job.
//!
//! All of them have to say go; the first that says wait counts. A gate that fails holds
//! nothing back: its failure is told and counted, and it counts as go. What waits
//! meanwhile, and who asks again, is not decided here.

use crate::gate::{Answer, Bucket, Condition, Gate, Kind, Machine, ThisMachine};
use crate::plugin::{Plugin, PluginError};
use crate::sandbox::Resident;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// When a built-in gate that says wait is asked again; `rate` knows better.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// The shortest and the longest pause, whoever asks for it.
const PAUSE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_mins(1));

/// Failures of one gate that are told; more are only counted.
const FAILURES_TOLD_MAX: u64 = 20;

/// The tracing target of gates.
const TARGET: &str = "wodehost::gate";

/// What came of asking all gates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// One job may start now.
    Go,
    /// None may; ask again after the pause.
    Wait { gate: Arc<str>, pause: Duration },
}

/// See the module.
pub(crate) struct Gatekeeper {
    gates: Vec<Asking>,
    machine: Box<dyn Machine>,
}

/// A gate that can be asked.
struct Asking {
    name: Arc<str>,
    way: Way,
    failures: u64,
}

enum Way {
    Condition(Condition),
    Rate(Bucket),
    Plugin(Box<Resident>),
}

/// What one gate says.
enum Said {
    Go,
    Wait(Duration),
    Failed(String),
}

impl Gatekeeper {
    /// Needs a tokio runtime around it, as every resident does. The error names a plugin
    /// that is no gate.
    pub(crate) fn new(
        gates: Vec<Gate>,
        host_name: &Arc<str>,
        now: Instant,
    ) -> Result<Gatekeeper, (Plugin, PluginError)> {
        Self::on(Box::new(ThisMachine), gates, host_name, now)
    }

    /// The same on a machine that a test may make up.
    fn on(
        machine: Box<dyn Machine>,
        gates: Vec<Gate>,
        host_name: &Arc<str>,
        now: Instant,
    ) -> Result<Gatekeeper, (Plugin, PluginError)> {
        let gates = gates.into_iter();
        let gates = gates.map(|gate| Asking::new(gate, host_name, now));
        Ok(Gatekeeper {
            gates: gates.collect::<Result<_, _>>()?,
            machine,
        })
    }

    /// The name of the gate that is asked first.
    pub(crate) fn first(&self) -> Arc<str> {
        let first = self.gates.first();
        first.map_or_else(|| "gate".into(), |gate| gate.name.clone())
    }

    /// How often each gate failed, in order.
    #[cfg(test)]
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&Arc<str>, u64)> {
        self.gates.iter().map(|gate| (&gate.name, gate.failures))
    }

    /// Asks whether one job may start. Tokens are taken only with the answer
    /// [`Asked::Go`], so that dropping the future loses none; a plugin that was in the
    /// middle of its answer begins anew in a fresh store.
    pub(crate) async fn ask(&mut self, now: Instant) -> Asked {
        for gate in &mut self.gates {
            match gate.way.ask(&*self.machine, now).await {
                Said::Go => {}
                Said::Wait(pause) => {
                    return Asked::Wait {
                        gate: gate.name.clone(),
                        pause: pause.clamp(PAUSE.0, PAUSE.1),
                    };
                }
                Said::Failed(why) => gate.failed(&why),
            }
        }
        for gate in &mut self.gates {
            if let Way::Rate(bucket) = &mut gate.way {
                bucket.take(now);
            }
        }
        Asked::Go
    }
}

impl Way {
    async fn ask(&mut self, machine: &dyn Machine, now: Instant) -> Said {
        match self {
            Way::Condition(condition) => match condition.ask(machine) {
                Ok(Answer::Go) => Said::Go,
                Ok(Answer::Wait) => Said::Wait(ASK_AGAIN),
                Err(error) => Said::Failed(error.to_string()),
            },
            Way::Rate(bucket) => match bucket.lacks(now) {
                Duration::ZERO => Said::Go,
                lacks => Said::Wait(lacks),
            },
            Way::Plugin(plugin) => match plugin.admit().await {
                Ok(None) => Said::Go,
                Ok(Some(ms)) => Said::Wait(Duration::from_millis(ms)),
                Err(ending) => Said::Failed(ending.in_words()),
            },
        }
    }
}

impl Asking {
    fn new(
        gate: Gate,
        host_name: &Arc<str>,
        now: Instant,
    ) -> Result<Asking, (Plugin, PluginError)> {
        Ok(Asking {
            name: gate.name().into(),
            failures: 0,
            way: match gate.into_kind() {
                Kind::Condition(condition) => Way::Condition(condition),
                Kind::Rate(rate) => Way::Rate(Bucket::new(rate, now)),
                Kind::Plugin(plugin) => {
                    let asked = plugin.clone();
                    let resident = Resident::gate(asked, host_name.clone())
                        .map_err(|error| (plugin, error))?;
                    Way::Plugin(Box::new(resident))
                }
            },
        })
    }

    fn failed(&mut self, why: &str) {
        self.failures += 1;
        let gate = &*self.name;
        match self.failures {
            ..=FAILURES_TOLD_MAX => {
                tracing::warn!(target: TARGET, gate, "the gate failed and holds nothing back: {why}");
            }
            n if n == FAILURES_TOLD_MAX + 1 => {
                tracing::warn!(target: TARGET, gate, "the gate goes on failing; it is not told any more");
            }
            _ => {}
        }
    }
}

#[cfg(test)]
#[path = "gatekeeper_tests.rs"]
mod tests;
