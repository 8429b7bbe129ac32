//! One job to be done, as a producer or a parent job describes it.

use crate::Failure;
use crate::bindings::wit::types;
use crate::value::{Raw, ToValue};

/// A job for a worker: its arguments and its options.
///
/// The worker gets nil for no argument, the value itself for one, and an array
/// for more.
///
/// ```
/// use wodehost_guest::Dispatch;
///
/// let job = Dispatch::to("resize")
///     .arg("cat.png")?
///     .arg(&(320, 200))?
///     .option("keepalive", "200ms");
/// # let _ = job;
/// # Ok::<(), wodehost_guest::Failure>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a dispatch does nothing until it is yielded or submitted"]
pub struct Dispatch {
    worker: String,
    args: Vec<Raw>,
    options: Vec<(String, Raw)>,
}

impl Dispatch {
    /// A job for the worker plugin of this name, without arguments so far.
    pub fn to(worker: impl Into<String>) -> Self {
        Self {
            worker: worker.into(),
            args: Vec::new(),
            options: Vec::new(),
        }
    }

    /// Adds an argument. Fails only where the type's own `Serialize` does.
    pub fn arg<T: ToValue + ?Sized>(mut self, value: &T) -> Result<Self, Failure> {
        self.args.push(value.to_value()?);
        Ok(self)
    }

    /// Adds an argument that is `MessagePack` already.
    pub fn raw_arg(mut self, value: Raw) -> Self {
        self.args.push(value);
        self
    }

    /// Sets an option of the job. The latest value for a key counts.
    ///
    /// The options are the limits under the keys and in the units of `[limits]` in
    /// `wodehost.toml`: `keepalive`, `deadline`, `fuel`, `memory`, `value` and so
    /// on. An option lowers a limit and never raises it.
    ///
    /// Nothing is checked here: the host names an unknown key as `bad-options`.
    pub fn option(mut self, key: impl Into<String>, value: impl Into<OptionValue>) -> Self {
        let key = key.into();
        self.options.retain(|(other, _)| *other != key);
        self.options.push((key, value.into().0));
        self
    }

    /// Names a nested job among those of its parent, with the option `key`.
    ///
    /// A parent that is restarted finds the job again by its key, whatever was
    /// submitted before it; see [`jobs`](crate::jobs). A key that tells the jobs of one
    /// parent apart is enough.
    pub fn key(self, key: &str) -> Self {
        self.option("key", key)
    }

    /// Runs the job without a slot of its own, with the option `consume`: for one that
    /// mostly waits. Where the host's user does not allow it the host refuses.
    pub fn without_slot(self) -> Self {
        self.option("consume", 0)
    }

    pub(crate) fn lower(self) -> types::Dispatch {
        types::Dispatch {
            worker: self.worker,
            args: self.args.into_iter().map(|arg| arg.0).collect(),
            options: (!self.options.is_empty()).then(|| encode_map(&self.options)),
        }
    }
}

/// The value of a job's option: text, number, flag or, as [`Raw`], anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionValue(Raw);

macro_rules! option_value_from {
    ($($from:ty),*) => {$(
        impl From<$from> for OptionValue {
            fn from(value: $from) -> Self {
                // Texts, numbers and flags always encode.
                Self(value.to_value().unwrap_or_else(|_| Raw::nil()))
            }
        }
    )*};
}

option_value_from!(&str, String, i32, i64, u32, u64, f64, bool);

impl From<Raw> for OptionValue {
    fn from(value: Raw) -> Self {
        Self(value)
    }
}

fn encode_map(entries: &[(String, Raw)]) -> Vec<u8> {
    let mut map = Vec::new();
    // Writing to memory does not fail, and a job has fewer than 2^32 options.
    let _ = rmp::encode::write_map_len(&mut map, entries.len() as u32);
    for (key, value) in entries {
        let _ = rmp::encode::write_str(&mut map, key);
        map.extend_from_slice(&value.0);
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(dispatch: Dispatch) -> Option<Vec<u8>> {
        dispatch.lower().options
    }

    #[test]
    fn arguments_keep_their_order_and_their_bytes() {
        let wide = Raw(vec![0xcd, 0, 1]);
        let dispatch = Dispatch::to("w").arg(&1).and_then(|d| d.arg("a"));
        let lowered = dispatch.expect("a dispatch").raw_arg(wide).lower();
        assert_eq!(lowered.worker, "w");
        assert_eq!(lowered.args, [&[0x01][..], b"\xa1a", &[0xcd, 0, 1]]);
    }

    #[test]
    fn no_option_is_no_map() {
        assert_eq!(options(Dispatch::to("w")), None);
    }

    #[test]
    fn options_are_one_map() {
        let dispatch = Dispatch::to("w").option("a", "x").option("b", 2);
        let wanted = b"\x82\xa1a\xa1x\xa1b\x02".to_vec();
        assert_eq!(options(dispatch), Some(wanted));
    }

    #[test]
    fn a_key_and_no_slot_are_options() {
        let dispatch = Dispatch::to("w").key("k").without_slot();
        let wanted = b"\x82\xa3key\xa1k\xa7consume\x00".to_vec();
        assert_eq!(options(dispatch), Some(wanted));
    }

    #[test]
    fn the_latest_value_for_a_key_counts_because_a_map_has_each_key_once() {
        let dispatch = Dispatch::to("w").option("a", 1).option("a", true);
        assert_eq!(options(dispatch), Some(b"\x81\xa1a\xc3".to_vec()));
    }
}
