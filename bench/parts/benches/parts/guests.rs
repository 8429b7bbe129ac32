//! The plugins that are run here.

use crate::Result;
use std::path::{Path, PathBuf};
use wodehost::{Plugin, PluginSource, Runtime};

/// Loads a plugin that was built, by its path without the ending.
pub(crate) fn load(runtime: &Runtime, name: &str) -> Result<Plugin> {
    let path = folder().join(format!("{name}.wasm"));
    if !path.exists() {
        let path = path.display();
        return Err(format!("{path} is not there; `cargo xtask plugins` builds it").into());
    }
    Ok(runtime.load(PluginSource::file(path))?)
}

/// Where the built plugins are.
fn folder() -> PathBuf {
    std::env::var_os("WODEHOST_GUESTS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/wasm32-wasip2/guest"),
        PathBuf::from,
    )
}
