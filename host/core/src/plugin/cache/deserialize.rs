//! The one unsafe place of the host: compiled code is mapped, or copied, and trusted.
//!
//! Wasmtime checks that the code was made by the same version with the same
//! settings, but not that nobody changed it afterwards. What this relies on is
//! said in the callers: a file stands in a folder for its owner only, belongs to
//! that owner, was written by this host, was renamed into place whole, and has the
//! checksum that it had then; bytes have just come from a compiler of our own choice.

#![expect(unsafe_code, reason = "mapping compiled code is unsafe by nature")]

use std::path::Path;
use wasmtime::Engine;
use wasmtime::component::Component;

/// Compiled code.
#[derive(Clone, Copy)]
pub(super) enum Code<'a> {
    /// An entry of our own cache, which is mapped. What stands behind the code is not
    /// looked at.
    Entry(&'a Path),
    /// What a compiler has just given, which is copied.
    Bytes(&'a [u8]),
}

/// Maps or copies a compiled component.
pub(super) fn component(engine: &Engine, code: Code) -> wasmtime::Result<Component> {
    // SAFETY: see the module: only this host's compilers make such code.
    unsafe {
        match code {
            Code::Entry(path) => Component::deserialize_file(engine, path),
            Code::Bytes(bytes) => Component::deserialize(engine, bytes),
        }
    }
}
