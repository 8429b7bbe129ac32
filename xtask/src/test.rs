//! `cargo xtask test`: everything that has to be well before a change goes in.
//!
//! wasmtime takes minutes to build, so it is built as seldom as can be: once
//! checked (lints), once in the dev profile (tests) and once in the release
//! profile (the installed program, the demo). Packages are chosen such that
//! each of the three has one set of features. `--deep` builds it a fourth time,
//! for the fuzz targets.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use crate::cargo;
use crate::demo;
use crate::error::Error;
use crate::fuzz;
use crate::guests;
use crate::installed;
use crate::languages::{self, Tools};
use crate::make;
use crate::process;
use crate::steps::{self, Step};
use crate::tally::Tally;
use crate::toolchain;
use crate::verb::{ALL_LANGUAGES, DEEP};
use crate::workspace::Workspace;

/// What the steps share.
struct Context {
    workspace: Workspace,
    /// Of other languages.
    tools: Tools,
    tally: Tally,
}

const STEPS: [Step<Context>; 13] = [
    Step {
        name: "tools",
        needs: &[],
        run: |context| {
            toolchain::ensure_target(&context.workspace)?;
            toolchain::ensure_components(&context.workspace)
        },
    },
    Step {
        name: "format",
        needs: &["tools"],
        run: |context| context.cargo(&["fmt", "--all", "--", "--check"]),
    },
    Step {
        name: "make",
        needs: &[],
        run: |context| make::ensure(&context.workspace),
    },
    Step {
        name: "guests",
        needs: &["tools"],
        run: |context| guests::ensure(&context.workspace),
    },
    Step {
        name: "lints",
        needs: &["tools"],
        run: |context| {
            context.cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--keep-going",
                "--",
                "-D",
                "warnings",
            ])
        },
    },
    Step {
        name: "program",
        needs: &[],
        run: |context| languages::build_program(&context.workspace),
    },
    Step {
        name: "languages",
        needs: &["program"],
        run: |context| {
            let program = languages::program(&context.workspace);
            languages::build(&context.workspace, &program, context.tools)
        },
    },
    Step {
        name: "tests of the SDKs",
        needs: &["languages", "make"],
        run: |context| languages::test(&context.workspace, context.tools, &mut context.tally),
    },
    Step {
        name: "tests of the host",
        needs: &["guests", "make", "program", "languages"],
        run: Context::test_host,
    },
    Step {
        name: "tests of plugins and SDK",
        needs: &[],
        run: Context::test_guests,
    },
    Step {
        name: "install",
        needs: &["guests"],
        run: |context| installed::install_for_test(&context.workspace),
    },
    Step {
        name: "installed program",
        needs: &["guests", "install"],
        run: |context| installed::try_out(&context.workspace),
    },
    Step {
        name: "demo",
        needs: &["guests", "install"],
        run: |context| demo::run(&context.workspace),
    },
];

/// What `--deep` adds. The fuzz targets come one after the other: each has as many threads as
/// the sandbox needs.
const DEEP_STEPS: [Step<Context>; 8] = [
    Step {
        name: "killed hosts",
        needs: &["guests"],
        run: Context::test_killed_hosts,
    },
    Step {
        name: "cargo-fuzz",
        needs: &[],
        run: |context| fuzz::ensure(&context.workspace),
    },
    Step {
        name: "fuzz targets",
        needs: &["cargo-fuzz"],
        run: |context| fuzz::build(&context.workspace),
    },
    fuzz_step("fuzz attempt", |context| {
        fuzz::for_test(&context.workspace, "attempt")
    }),
    fuzz_step("fuzz component", |context| {
        fuzz::for_test(&context.workspace, "component")
    }),
    fuzz_step("fuzz configuration", |context| {
        fuzz::for_test(&context.workspace, "configuration")
    }),
    fuzz_step("fuzz json", |context| {
        fuzz::for_test(&context.workspace, "json")
    }),
    fuzz_step("fuzz scanner", |context| {
        fuzz::for_test(&context.workspace, "scanner")
    }),
];

const fn fuzz_step(
    name: &'static str,
    run: fn(&mut Context) -> Result<(), Error>,
) -> Step<Context> {
    Step {
        name,
        needs: &["fuzz targets"],
        run,
    }
}

/// Runs all steps. The last line of stdout is the sum of all tests.
pub(crate) fn run(workspace: Workspace, arguments: &[OsString]) -> ExitCode {
    let has = |argument: &str| arguments.iter().any(|given| given == argument);
    let mut context = Context {
        workspace,
        tools: if has(ALL_LANGUAGES) {
            Tools::Installed
        } else {
            Tools::AsTheyAre
        },
        tally: Tally::default(),
    };
    let deep = if has(DEEP) { &DEEP_STEPS[..] } else { &[] };
    let report = steps::run(STEPS.iter().chain(deep), &mut context);
    eprintln!("\n=== summary\n{report}");
    println!("{}", context.tally);
    if report.is_passed() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

impl Context {
    fn cargo(&mut self, args: &[&str]) -> Result<(), Error> {
        process::run(cargo::at_root(&self.workspace).args(args))
    }

    /// The default members: unit, integration and documentation tests.
    fn test_host(&mut self) -> Result<(), Error> {
        let mut cargo = cargo::at_root(&self.workspace);
        if self.tools == Tools::Installed {
            // Then all of them have to be there.
            cargo.env("LANGUAGES_TO_TEST", "all");
        }
        self.count(cargo.args(["test", "--no-fail-fast"]))
    }

    /// As `cargo test` does, but with forty times as many kills.
    fn test_killed_hosts(&mut self) -> Result<(), Error> {
        let mut cargo = cargo::at_root(&self.workspace);
        cargo.args(["test", "--test", "command_line", "crash::"]);
        self.count(cargo.env("CRASH_CYCLES", "2000"))
    }

    /// What runs in a sandbox later has tests that run without one. A call of
    /// its own, lest their features are mixed into those of wasmtime.
    fn test_guests(&mut self) -> Result<(), Error> {
        let mut cargo = cargo::at_root(&self.workspace);
        cargo.args(["test", "--no-fail-fast"]);
        for package in &self.workspace.packages {
            let folder = package.folder.strip_prefix(&self.workspace.root);
            if folder.is_ok_and(|folder| {
                folder.starts_with("plugins") || folder.starts_with("guest-sdk")
            }) {
                cargo.args(["--package", &package.name]);
            }
        }
        self.count(&mut cargo)
    }

    fn count(&mut self, test: &mut Command) -> Result<(), Error> {
        process::run_seeing_stdout(test, |line| {
            println!("{line}");
            self.tally.add_line(line);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fuzz_target_has_its_step() {
        let steps = DEEP_STEPS
            .iter()
            .filter_map(|step| step.name.strip_prefix("fuzz "));
        let steps: Vec<_> = steps.filter(|name| *name != "targets").collect();
        assert_eq!(steps, fuzz::TARGETS);
    }
}
