//! What a plugin is, for people: its imports and exports in words.

use super::Plugin;
use wasmtime::component::types::ComponentItem;

/// One interface that a plugin imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its full name.
    pub name: String,
    /// What the plugin gets behind it.
    pub served: &'static str,
}

impl Plugin {
    /// The interfaces that it imports, in the component's order.
    #[must_use]
    pub fn imports(&self) -> Vec<Import> {
        let ty = self.pre().component().component_type();
        ty.imports(self.engine())
            .map(|(name, _)| Import {
                served: self.served(name),
                name: name.to_owned(),
            })
            .collect()
    }

    /// The functions that it exports.
    #[must_use]
    pub fn exports(&self) -> Vec<String> {
        let ty = self.pre().component().component_type();
        ty.exports(self.engine())
            .filter(|(_, export)| matches!(export.ty, ComponentItem::ComponentFunc(_)))
            .map(|(name, _)| name.to_owned())
            .collect()
    }

    fn served(&self, name: &str) -> &'static str {
        let interface = name.split('@').next().unwrap_or(name);
        let grants = self.grants();
        let files = !grants.read.is_empty() || !grants.write.is_empty();
        match interface {
            "wodehost:plugin/types" => "shapes only",
            "wodehost:plugin/jobs" if grants.submit.is_empty() => "jobs for itself",
            "wodehost:plugin/jobs" => "jobs for itself and the granted workers",
            "wodehost:plugin/board" => "writes on its line of the board",
            "wasi:cli/stdout" | "wasi:cli/stderr" => "captured",
            "wasi:cli/stdin" => "closed",
            "wasi:cli/environment" if grants.env.is_empty() => "the job's variables",
            "wasi:cli/environment" => "the job's and the granted variables",
            "wasi:cli/exit" => "ends the attempt",
            _ if interface.starts_with("wodehost:plugin/") => "served",
            _ if interface.starts_with("wasi:filesystem/") && files => "the granted folders",
            _ if interface.starts_with("wasi:filesystem/") => "no folder",
            _ if interface.starts_with("wasi:sockets/") && !grants.net.is_empty() => {
                "the granted addresses"
            }
            _ if interface.starts_with("wasi:sockets/") => "not permitted",
            _ if interface.starts_with("wasi:clocks/") => "in steps of 1 ms",
            _ if interface.starts_with("wasi:random/") => "at most 64 KiB a call",
            _ if interface.starts_with("wasi:cli/terminal") => "no terminal",
            _ => "served",
        }
    }
}
