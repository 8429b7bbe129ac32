//! The sort stage: keys, once or each time, and comparisons, by the host or a guest.

use super::stages::{Feeder, Line, Trouble, at};
use crate::task::{Before, Builtin, Pipeline, Stage, merge_sort};
use crate::value::{Incomparable, SortKey, Value};

/// Comparisons of the host's own after which others have their turn.
const TURN_COMPARISONS: u32 = 4096;

/// Sorts elements: a stable sort, of at most n·log2 n comparisons.
pub(super) async fn sort(
    line: &mut Line<'_>,
    pipeline: &Pipeline,
    elements: &[Value],
) -> Result<Value, Trouble> {
    let stages = [&pipeline.sort_key, &pipeline.sort_op];
    let stages: Vec<&Stage> = stages.into_iter().flatten().collect();
    let _places = line.places(&stages).await?;
    let mut key = match &pipeline.sort_key {
        Some(stage) => Some(line.feeder("sort-key", stage)?),
        None => None,
    };
    let op = match &pipeline.sort_op {
        Some(stage) => line.feeder("sort-op", stage)?,
        None => Feeder::Builtin(Builtin::Less),
    };
    let keys = match &mut key {
        Some(key) if pipeline.sort_cache_keys => Some(computed(line, key, elements).await?),
        Some(_) => None,
        None => Some(elements.to_vec()),
    };
    let ready = match (&keys, &op) {
        (Some(keys), Feeder::Builtin(_)) => Some(ready(keys)?),
        (Some(_) | None, _) => None,
    };
    let mut sorter = Sorter {
        line,
        elements,
        keys,
        ready,
        key,
        op,
        comparisons: 0,
    };
    let order = merge_sort(elements.len(), &mut sorter).await?;
    let in_order: Vec<Value> = order
        .into_iter()
        .map(|index| elements[index].clone())
        .collect();
    Ok(Value::array(&in_order))
}

/// The key of each element.
async fn computed(
    line: &mut Line<'_>,
    key: &mut Feeder,
    elements: &[Value],
) -> Result<Vec<Value>, Trouble> {
    let mut keys = Vec::with_capacity(elements.len());
    for (index, element) in elements.iter().enumerate() {
        let computed = key.feed(element, line.watch).await;
        keys.push(computed.map_err(|trouble| at(index, trouble))?);
    }
    Ok(keys)
}

/// Keys as the host compares them.
fn ready(keys: &[Value]) -> Result<Vec<SortKey>, Trouble> {
    let made = keys.iter().enumerate().map(|(index, key)| {
        SortKey::of(key).map_err(|error| at(index, Trouble::Failed(error.to_string())))
    });
    made.collect()
}

impl From<Incomparable> for Trouble {
    fn from(error: Incomparable) -> Self {
        Trouble::Failed(error.to_string())
    }
}

/// Answers which of two elements comes first.
struct Sorter<'l, 'a> {
    line: &'l mut Line<'a>,
    elements: &'l [Value],
    /// What is compared, where it is known already.
    keys: Option<Vec<Value>>,
    /// The same, as the host compares them.
    ready: Option<Vec<SortKey>>,
    key: Option<Feeder>,
    op: Feeder,
    comparisons: u32,
}

impl Sorter<'_, '_> {
    async fn key(&mut self, index: usize) -> Result<Value, Trouble> {
        if let Some(keys) = &self.keys {
            return Ok(keys[index].clone());
        }
        let element = &self.elements[index];
        match &mut self.key {
            None => Ok(element.clone()),
            Some(key) => {
                let key = key.feed(element, self.line.watch).await;
                key.map_err(|trouble| at(index, trouble))
            }
        }
    }

    /// Lets others have their turn, and a cancel be heard.
    async fn give_way(&mut self) -> Result<(), Trouble> {
        self.comparisons += 1;
        if self.comparisons.is_multiple_of(TURN_COMPARISONS) {
            tokio::task::yield_now().await;
            if self.line.watch.pulse.is_cancelled() {
                return Err(Trouble::Cancelled);
            }
        }
        Ok(())
    }

    /// What a guest answers about two keys.
    async fn asked(&mut self, pair: &Value) -> Result<bool, Trouble> {
        let answer = self.op.feed(pair, self.line.watch).await?;
        answer.as_bool().ok_or_else(|| {
            let kind = answer.kind();
            Trouble::Failed(format!(
                "the sort op is to answer true or false, not {kind}"
            ))
        })
    }
}

impl Before for Sorter<'_, '_> {
    type Error = Trouble;

    async fn before(&mut self, a: usize, b: usize) -> Result<bool, Trouble> {
        self.give_way().await?;
        let builtin = match &self.op {
            Feeder::Builtin(builtin) => Some(*builtin),
            Feeder::Guest(_) => None,
        };
        if let (Some(ready), Some(builtin)) = (&self.ready, builtin) {
            return Ok(compared(builtin, &ready[a], &ready[b])?);
        }
        let (key_a, key_b) = (self.key(a).await?, self.key(b).await?);
        match builtin {
            Some(builtin) => Ok(compared(
                builtin,
                &SortKey::of(&key_a)?,
                &SortKey::of(&key_b)?,
            )?),
            None => self.asked(&Value::array(&[key_a, key_b])).await,
        }
    }
}

fn compared(op: Builtin, a: &SortKey, b: &SortKey) -> Result<bool, Incomparable> {
    match op {
        Builtin::Greater => b.less(a),
        Builtin::Less | Builtin::Identity | Builtin::List => a.less(b),
    }
}
