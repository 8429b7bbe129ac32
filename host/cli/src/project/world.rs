//! The world of a plugin, from its roles: WIT has no optional exports, so each combination
//! is a world of its own. The contract's files are built in.

use super::Role;
use crate::error::{Error, in_words};
use std::fmt::Write as _;
use std::path::Path;
use wit_parser::{Resolve, SourceMap, WorldId};

/// The name of the world that is made.
pub(super) const WORLD: &str = "plugin";

/// The contract's files.
const CONTRACT: [(&str, &str); 7] = [
    ("board.wit", include_str!("../../../../wit/board.wit")),
    (
        "checkpoint.wit",
        include_str!("../../../../wit/checkpoint.wit"),
    ),
    ("host.wit", include_str!("../../../../wit/host.wit")),
    ("jobs.wit", include_str!("../../../../wit/jobs.wit")),
    ("task.wit", include_str!("../../../../wit/task.wit")),
    ("types.wit", include_str!("../../../../wit/types.wit")),
    ("worlds.wit", include_str!("../../../../wit/worlds.wit")),
];

/// What every role imports.
const COMMON: [&str; 4] = ["host", "log", "clock", "random"];

/// An export of the contract: its name and how WIT writes it.
type Export = (&'static str, &'static str);

impl Role {
    fn imports(self) -> &'static [&'static str] {
        match self {
            Role::Worker => &["task", "board", "jobs"],
            Role::Producer | Role::Consumer => &["board", "checkpoint"],
            Role::Gate => &[],
        }
    }

    /// The export without which a plugin has not this role.
    pub(super) fn required(self) -> &'static str {
        self.exports()[0].0
    }

    /// The one that it must have comes first.
    fn exports(self) -> &'static [Export] {
        match self {
            Role::Worker => &[
                ("run", "func(job: value) -> result<value, value>"),
                ("set-up", "func() -> result<_, value>"),
            ],
            Role::Producer => &[("next", "func() -> result<option<dispatch>, value>")],
            Role::Consumer => &[
                (
                    "consume",
                    "func(job: value, outcome: outcome) -> result<_, value>",
                ),
                (
                    "on-emit",
                    "func(job-id: string, attempt: u32, seq: u64, v: value) -> result<_, value>",
                ),
                ("finish", "func() -> result<_, value>"),
            ],
            Role::Gate => &[("admit", "func() -> option<u64>")],
        }
    }
}

/// The text of a world with the imports of these roles, and those of their exports that are
/// wanted.
pub(super) fn text(roles: &[Role], is_wanted: impl Fn(&str) -> bool) -> String {
    let mut text = String::from("package wodehost:plugin@0.1.0;\n\nworld plugin {\n");
    let mut imports: Vec<&str> = COMMON.to_vec();
    for import in roles.iter().flat_map(|role| role.imports()) {
        if !imports.contains(import) {
            imports.push(import);
        }
    }
    for import in imports {
        let _ = writeln!(text, "  import {import};");
    }
    text.push_str("  use types.{value, dispatch, outcome};\n");
    for role in roles {
        for (name, signature) in role.exports().iter().filter(|(name, _)| is_wanted(name)) {
            let _ = writeln!(text, "  export {name}: {signature};");
        }
    }
    text.push_str("}\n");
    text
}

/// Writes the contract and the world of these roles, all exports of them, into a folder.
pub(super) fn write(folder: &Path, roles: &[Role]) -> Result<(), Error> {
    let world = text(roles, |_| true);
    let files = CONTRACT.into_iter().chain([("plugin.wit", world.as_str())]);
    std::fs::create_dir_all(folder)
        .and_then(|()| {
            for (name, text) in files {
                std::fs::write(folder.join(name), text)?;
            }
            Ok(())
        })
        .map_err(|error| {
            Error::config(format!("{} cannot be written", folder.display()))
                .because(in_words(&error))
        })
}

/// The world of these roles with the exports that are wanted, resolved.
pub(super) fn resolve(
    roles: &[Role],
    is_wanted: impl Fn(&str) -> bool,
) -> anyhow::Result<(Resolve, WorldId)> {
    let world = text(roles, is_wanted);
    let mut sources = SourceMap::new();
    for (name, text) in CONTRACT.into_iter().chain([("plugin.wit", world.as_str())]) {
        sources.push_str(name, text);
    }
    let group = sources.parse().map_err(|(_, error)| error)?;
    let mut resolve = Resolve::default();
    let package = resolve.push_group(group)?;
    let world = resolve.select_world(&[package], Some(WORLD))?;
    Ok((resolve, world))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Role; 4] = Role::ALL;

    #[test]
    fn every_combination_of_roles_is_a_world() {
        for mask in 1..16_u32 {
            let roles: Vec<Role> = (0..4)
                .filter(|bit| mask >> bit & 1 == 1)
                .map(|bit| ALL[bit])
                .collect();
            let (resolve, world) = self::resolve(&roles, |_| true).expect("a world");
            let exports: usize = roles.iter().map(|role| role.exports().len()).sum();
            assert_eq!(resolve.worlds[world].exports.len(), exports, "{roles:?}");
        }
    }

    #[test]
    fn an_optional_export_can_be_left_out() {
        let (resolve, world) = resolve(&ALL, |name| name != "set-up").expect("a world");
        let names: Vec<String> = resolve.worlds[world]
            .exports
            .keys()
            .map(|key| resolve.name_world_key(key))
            .collect();
        assert!(
            names.contains(&"run".to_owned()) && !names.contains(&"set-up".to_owned()),
            "{names:?}"
        );
    }
}
