//! Runs the stages of a job on its slot: flatten > filter > pre > sort > post.

use super::course::cut_off;
use super::hub::{Hub, Worker};
use super::order::Order;
use super::place::Place;
use super::sorting::sort;
use crate::sandbox::{Ending, StageOf, StageSession, Watch};
use crate::task::{Builtin, Outcome, Reason, Stage, StageName, Status};
use crate::value::Value;
use std::collections::BTreeSet;

/// Why a stage did not go through.
pub(super) enum Trouble {
    /// Somebody stopped the job.
    Cancelled,
    /// The sentence for people.
    Failed(String),
}

impl From<Ending> for Trouble {
    fn from(ending: Ending) -> Self {
        if ending.reason == Reason::Cancelled {
            Trouble::Cancelled
        } else {
            Trouble::Failed(ending.in_words())
        }
    }
}

/// Runs the stages of a job on its data. The first one that fails is the last.
pub(super) async fn run_stages(
    hub: &Hub,
    order: &Order,
    mut outcome: Outcome,
    watch: &mut Watch,
) -> Outcome {
    let mut line = Line { hub, order, watch };
    let pipeline = &order.options.pipeline;
    if pipeline.flatten {
        outcome.data = outcome.data.flatten();
    }
    for name in [
        StageName::Filter,
        StageName::Pre,
        StageName::Sort,
        StageName::Post,
    ] {
        match line.stage(name, &outcome.data).await {
            Ok(None) => (),
            Ok(Some(data)) => outcome.data = data,
            Err(Trouble::Cancelled) => {
                cut_off(&mut outcome);
                break;
            }
            Err(Trouble::Failed(message)) => {
                fail(&mut outcome, name, &message);
                break;
            }
        }
    }
    outcome
}

/// A failed stage makes a failure of a success, and hides nothing that was worse.
fn fail(outcome: &mut Outcome, stage: StageName, message: &str) {
    if matches!(outcome.status, Status::Success | Status::Mixed) {
        outcome.status = Status::Failure;
        outcome.reason = Reason::Pipeline(stage);
        outcome.message = Some(message.to_owned());
        return;
    }
    let before = outcome
        .message
        .take()
        .map_or(String::new(), |m| format!("{m}; "));
    outcome.message = Some(format!(
        "{before}the stage {} failed: {message}",
        stage.as_str()
    ));
}

/// What the stages of a job share.
pub(super) struct Line<'a> {
    hub: &'a Hub,
    order: &'a Order,
    pub(super) watch: &'a mut Watch,
}

/// Places among the attempts of bounded workers, while their stages run.
pub(super) type Places<'a> = Vec<Place<'a>>;

/// Who does the work of a stage.
pub(super) enum Feeder {
    /// A plugin in a store of its own.
    Guest(Box<StageSession>),
    /// The host.
    Builtin(Builtin),
}

impl<'a> Line<'a> {
    /// Runs one stage; `None` = it is not asked for, or changes nothing.
    async fn stage(&mut self, name: StageName, data: &Value) -> Result<Option<Value>, Trouble> {
        let pipeline = &self.order.options.pipeline;
        match name {
            StageName::Filter => match &pipeline.filter {
                Some(stage) => self.filter(stage, data).await.map(Some),
                None => Ok(None),
            },
            StageName::Pre => self.whole("pre", pipeline.pre.as_ref(), data).await,
            StageName::Post => self.whole("post", pipeline.post.as_ref(), data).await,
            StageName::Sort if pipeline.sorts() => {
                let elements = elements(data, "sorted")?;
                sort(self, pipeline, &elements).await.map(Some)
            }
            StageName::Sort => Ok(None),
        }
    }

    async fn whole(
        &mut self,
        key: &'static str,
        stage: Option<&Stage>,
        data: &Value,
    ) -> Result<Option<Value>, Trouble> {
        let Some(stage) = stage else {
            return Ok(None);
        };
        let _places = self.places(&[stage]).await?;
        let mut feeder = self.feeder(key, stage)?;
        feeder.feed(data, self.watch).await.map(Some)
    }

    async fn filter(&mut self, stage: &Stage, data: &Value) -> Result<Value, Trouble> {
        let elements = elements(data, "filtered")?;
        let _places = self.places(&[stage]).await?;
        let mut feeder = self.feeder("filter", stage)?;
        let mut kept = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            let answer = feeder.feed(element, self.watch).await;
            let answer = answer.map_err(|trouble| at(index, trouble))?;
            match answer.as_bool() {
                Some(true) => kept.push(element.clone()),
                Some(false) => (),
                None => return Err(no_boolean(index, &answer)),
            }
        }
        Ok(Value::array(&kept))
    }

    /// Waits for a place at each bounded worker among these stages.
    pub(super) async fn places(&self, stages: &[&Stage]) -> Result<Places<'a>, Trouble> {
        let bounded = stages.iter().filter_map(|stage| match stage {
            Stage::Worker(name) => self.hub.workers.get(name)?.bounded,
            Stage::Jq(_) | Stage::Builtin(_) => None,
        });
        let mut places = Vec::new();
        for worker in bounded.collect::<BTreeSet<u32>>() {
            let place = Place::take(self.hub, worker, &self.watch.pulse).await;
            places.push(place.ok_or(Trouble::Cancelled)?);
        }
        Ok(places)
    }

    /// Whoever does a stage, ready for its first element.
    pub(super) fn feeder(&self, key: &'static str, stage: &Stage) -> Result<Feeder, Trouble> {
        let (plugin, limits) = match stage {
            Stage::Builtin(builtin) => return Ok(Feeder::Builtin(*builtin)),
            Stage::Worker(name) => {
                let found = self.hub.workers.get(name);
                // Names are looked at when a job comes in.
                let missing = || Trouble::Failed(self.hub.no_such_worker(name));
                let Worker {
                    plugin, options, ..
                } = found.ok_or_else(missing)?;
                (plugin.clone(), options.limits.clone())
            }
            Stage::Jq(expression) => {
                let plugin = self.hub.jq.plugin(expression);
                let plugin = plugin.map_err(Trouble::Failed)?;
                let limits = plugin.limits().clone();
                (plugin, limits)
            }
        };
        let worker = plugin.worker().cloned();
        let worker = worker.map_err(|error| Trouble::Failed(error.to_string()))?;
        let of = StageOf {
            job: self.order.id,
            key,
            options: self.order.options.clone(),
            recorded: self.order.recorded_for(key),
        };
        let session = StageSession::new(plugin, limits, worker, of);
        Ok(Feeder::Guest(Box::new(session)))
    }
}

impl Feeder {
    /// What becomes of a value.
    pub(super) async fn feed(
        &mut self,
        value: &Value,
        watch: &mut Watch,
    ) -> Result<Value, Trouble> {
        match self {
            Feeder::Guest(session) => Ok(session.feed(value.as_bytes(), watch).await?),
            Feeder::Builtin(Builtin::List) => Ok(Value::array(std::slice::from_ref(value))),
            Feeder::Builtin(Builtin::Identity | Builtin::Less | Builtin::Greater) => {
                Ok(value.clone())
            }
        }
    }
}

fn elements(data: &Value, what: &str) -> Result<Vec<Value>, Trouble> {
    let elements = data.elements().map(Iterator::collect);
    elements.ok_or_else(|| {
        let kind = data.kind();
        Trouble::Failed(format!("only an array can be {what}, not {kind}"))
    })
}

/// Says which element a trouble is about.
pub(super) fn at(index: usize, trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Cancelled => Trouble::Cancelled,
        Trouble::Failed(message) => Trouble::Failed(format!("element {}: {message}", index + 1)),
    }
}

fn no_boolean(index: usize, answer: &Value) -> Trouble {
    let kind = answer.kind();
    let message = format!("the answer is to be true or false, not {kind}");
    at(index, Trouble::Failed(message))
}
