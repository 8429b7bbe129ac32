//! Who is asking, and what the plugin was configured with.

use crate::Failure;
use crate::bindings::wit::host;
use crate::value::{FromValue, read};

/// The process-name: `<job>/<attempt>` in a worker, unless
/// [`task::set_name`](crate::task::set_name) changed it; the host's own name in
/// a producer or consumer.
#[must_use]
pub fn name() -> String {
    host::name()
}

/// This plugin's configuration: `[plugins.NAME.config]` of `wodehost.toml`, with
/// `--set NAME.key=value` on top.
///
/// An empty map when there is none, so give the fields a `#[serde(default)]`.
///
/// ```no_run
/// #[derive(serde::Deserialize)]
/// struct Config {
///     folder: String,
///     #[serde(default)]
///     limit: Option<u32>,
/// }
///
/// let config: Config = wodehost_guest::host::config()?;
/// # Ok::<(), wodehost_guest::Failure>(())
/// ```
///
/// Fails with code `bad-config`.
pub fn config<T: for<'v> FromValue<'v>>() -> Result<T, Failure> {
    read(&host::config(), "bad-config", "this plugin's configuration")
}

/// One of the host's own variables that `allow.env` grants to this plugin. None
/// when it is not set or not granted; a guest cannot tell which.
#[must_use]
pub fn env(name: &str) -> Option<String> {
    host::env(name)
}
