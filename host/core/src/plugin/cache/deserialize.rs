//! The one unsafe call of the host: compiled code is mapped and trusted.
//!
//! Wasmtime checks that the code was made by the same version with the same
//! settings, but not that nobody changed it afterwards. What this relies on is
//! said in the caller: the file stands in a folder for its owner only, belongs to
//! that owner, was written by this host, and was renamed into place whole.

#![expect(unsafe_code, reason = "mapping compiled code is unsafe by nature")]

use std::path::Path;
use wasmtime::Engine;
use wasmtime::component::Component;

/// Maps the compiled component at `path`, which must be an entry of our own cache.
pub(super) fn component(engine: &Engine, path: &Path) -> wasmtime::Result<Component> {
    // SAFETY: see the module: only this host writes such files.
    unsafe { Component::deserialize_file(engine, path) }
}
