//! What is to be loaded, and under which conditions.

use super::grants::Grants;
use crate::limits::Limits;
use crate::value::Value;
use std::borrow::Cow;
use std::path::PathBuf;

/// A plugin to be loaded: its file, name, grants, limits and configuration.
#[derive(Debug, Clone)]
pub struct PluginSource {
    pub(crate) path: PathBuf,
    /// The component itself, where it is in memory already.
    pub(crate) component: Option<Cow<'static, [u8]>>,
    pub(crate) name: String,
    pub(crate) grants: Grants,
    pub(crate) limits: Limits,
    pub(crate) config: Value,
}

impl PluginSource {
    /// The component at `path`, named after the file, with nothing granted.
    pub fn file(path: impl Into<PathBuf>) -> PluginSource {
        let path = path.into();
        let name = path.file_stem().map_or_else(
            || "plugin".to_owned(),
            |stem| stem.to_string_lossy().into_owned(),
        );
        PluginSource {
            path,
            component: None,
            name,
            grants: Grants::none(),
            limits: Limits::default(),
            config: Value::empty_map(),
        }
    }

    /// A component that is in memory, called `name`, with nothing granted.
    pub fn bytes(name: &str, component: impl Into<Cow<'static, [u8]>>) -> PluginSource {
        PluginSource {
            component: Some(component.into()),
            ..Self::file(name)
        }
    }

    /// Calls it `name`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Lets it reach more than its own imports.
    #[must_use]
    pub fn grants(mut self, grants: Grants) -> Self {
        self.grants = grants;
        self
    }

    /// Gives it other limits than the defaults.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Gives it a configuration, a map.
    #[must_use]
    pub fn config(mut self, config: Value) -> Self {
        self.config = config;
        self
    }
}
