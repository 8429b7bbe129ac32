//! The three plugins that every row runs: a producer that counts, a worker that
//! doubles, a consumer that counts outcomes.

use std::path::{Path, PathBuf};

/// Where the built plugins are.
#[derive(Debug, Clone)]
pub(crate) struct Guests {
    folder: PathBuf,
}

impl Guests {
    /// The plugins that `cargo xtask plugins` built.
    #[must_use]
    pub(crate) fn built() -> Guests {
        let folder = std::env::var_os("WODEHOST_GUESTS").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/wasm32-wasip2/guest"),
            PathBuf::from,
        );
        Guests { folder }
    }

    /// Dispatches `0..n` to `double`.
    #[must_use]
    pub(crate) fn producer(&self) -> PathBuf {
        self.folder.join("examples/count_to.wasm")
    }

    /// `n -> n * 2`, in Rust with serde.
    #[must_use]
    pub(crate) fn worker(&self) -> PathBuf {
        self.folder.join("double.wasm")
    }

    /// A plugin by its name.
    #[must_use]
    pub(crate) fn plugin(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.wasm"))
    }

    /// A test guest by its name.
    #[must_use]
    pub(crate) fn example(&self, name: &str) -> PathBuf {
        self.folder.join(format!("examples/{name}.wasm"))
    }

    /// Counts outcomes by status.
    #[must_use]
    pub(crate) fn consumer(&self) -> PathBuf {
        self.folder.join("examples/tally.wasm")
    }
}
