//! The plugin that evaluates jq expressions: loaded when the first one is needed, and
//! configured with an expression for each stage that has one.

use crate::plugin::{Plugin, PluginSource};
use crate::value::Value;
use std::sync::OnceLock;

/// Loads a plugin; blocks.
type Load = Box<dyn Fn(PluginSource) -> Result<Plugin, String> + Send + Sync>;

/// See the module.
pub(crate) struct Jq {
    source: Option<PluginSource>,
    load: Load,
    loaded: OnceLock<Result<Plugin, String>>,
}

impl Jq {
    /// `None` = the host has no such plugin.
    pub(crate) fn new(source: Option<PluginSource>, load: Load) -> Jq {
        Jq {
            source,
            load,
            loaded: OnceLock::new(),
        }
    }

    pub(crate) fn is_there(&self) -> bool {
        self.source.is_some()
    }

    /// The plugin for an expression; the first time it takes until it is compiled.
    pub(crate) fn plugin(&self, expression: &str) -> Result<Plugin, String> {
        let loaded = match self.loaded.get() {
            Some(loaded) => loaded,
            None => tokio::task::block_in_place(|| self.loaded.get_or_init(|| self.load())),
        };
        let plugin = loaded.as_ref().map_err(Clone::clone)?;
        let config = Value::map([("expr", Value::from(expression))]);
        Ok(plugin.configured(config))
    }

    fn load(&self) -> Result<Plugin, String> {
        let source = self.source.clone().ok_or_else(|| MISSING.to_owned())?;
        (self.load)(source).map_err(|error| format!("the jq plugin cannot be used: {error}"))
    }
}

/// What is said where jq is asked for and missing.
pub(crate) const MISSING: &str = "this host has no jq plugin";
