//! Where the plugin is that evaluates jq expressions: `[plugins.jq]`, inside the
//! program, or beside it.

use crate::config::{Config, Reference, Spec, find};
use crate::error::Error;
use std::path::PathBuf;
use wodehost::limits::LIMITS;
use wodehost::{Limits, PluginSource};

/// What it is called, and its file without the ending.
const NAME: &str = "jq";

/// The plugin that was built in.
#[cfg(feature = "jq")]
const BUILT_IN: Option<&[u8]> = Some(include_bytes!(env!("WODEHOST_JQ_WASM")));
#[cfg(not(feature = "jq"))]
const BUILT_IN: Option<&[u8]> = None;

/// What to say where it is missing.
pub(crate) const HINT: &str = "`cargo xtask install` builds it in; or put `jq.wasm` beside the program, or write `path` below [plugins.jq]";

/// The plugin, if there is one. It is granted nothing.
pub(crate) fn source(config: &Config) -> Result<Option<PluginSource>, Error> {
    if config.plugin_names().contains(&NAME) {
        let spec: Spec = find(config, &Reference::argument(NAME))?;
        return Ok(Some(spec.source()));
    }
    let mut limits = Limits::default();
    for info in &LIMITS {
        limits.set(info.limit, config.limit_of(NAME, info.limit).value);
    }
    let source = match BUILT_IN {
        Some(component) => Some(PluginSource::bytes(NAME, component)),
        None => beside().map(PluginSource::file),
    };
    Ok(source.map(|source| source.limits(limits)))
}

fn beside() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let file = program.with_file_name(format!("{NAME}.wasm"));
    file.is_file().then_some(file)
}
