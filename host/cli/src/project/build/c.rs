//! C and C++: zig's clang compiles and links a module, with zig's libc.

use super::{failed, read};
use crate::error::{Error, Kind, in_words};
use crate::project::component;
use crate::project::tools::{Command, Pinned, Tools};
use crate::project::{Language, Project};
use rayon::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

const ZIG: Pinned = Pinned {
    name: "ziglang",
    version: "0.17.1",
};

const TARGET: [&str; 3] = ["-target", "wasm32-wasi", "-O2"];

/// Each part is left out that nothing uses: 25 KiB instead of 900.
const COMPILE: [&str; 8] = [
    // zig defines it with -O2, and `assert` would do nothing.
    "-UNDEBUG",
    "-ffunction-sections",
    "-fdata-sections",
    "-fno-strict-aliasing",
    "-Wall",
    "-Wextra",
    "-D_WASI_EMULATED_SIGNAL",
    "-D_WASI_EMULATED_PROCESS_CLOCKS",
];

/// zig's own stack would be 16 MiB.
const LINK: [&str; 3] = [
    "-mexec-model=reactor",
    "-Wl,--gc-sections",
    "-Wl,-z,stack-size=131072",
];

/// A compiler of zig's for one language.
struct Dialect {
    verb: &'static str,
    flags: &'static [&'static str],
}

const C: Dialect = Dialect {
    verb: "cc",
    flags: &["-std=gnu17"],
};

const CPP: Dialect = Dialect {
    verb: "c++",
    flags: &["-std=c++23", "-fno-exceptions", "-fno-rtti"],
};

/// What is compiled.
struct Source {
    file: PathBuf,
    /// Whether it is the plugin's own and no part of the SDK.
    is_own: bool,
}

impl Source {
    fn dialect(&self) -> Dialect {
        match self.file.extension().and_then(|ending| ending.to_str()) {
            Some("c") => C,
            _ => CPP,
        }
    }
}

/// zig, and where it keeps what it has compiled.
struct Zig<'a> {
    program: PathBuf,
    tools: &'a Tools,
    project: &'a Project,
}

/// Builds it.
pub(super) fn build(project: &Project, tools: &Tools) -> Result<Vec<u8>, Error> {
    let zig = Zig::find(project, tools)?;
    let objects = project.scratch().join("objects");
    fs::create_dir_all(&objects).map_err(|error| {
        Error::config(format!("{} cannot be made", objects.display())).because(in_words(&error))
    })?;
    let sources = sources(project)?;
    let compiled: Vec<PathBuf> = sources
        .par_iter()
        .enumerate()
        .map(|(number, source)| zig.compile(source, objects.join(format!("{number}.o"))))
        .collect::<Result<_, _>>()?;
    let module = zig.link(&compiled, objects.join("module.wasm"))?;
    let module = component::without_debug_sections(&read(&module)?)?;
    component::of_module(module, &project.manifest.roles)
}

impl<'a> Zig<'a> {
    fn find(project: &'a Project, tools: &'a Tools) -> Result<Zig<'a>, Error> {
        let bin = tools.python_package(ZIG, project.manifest.language)?;
        let folder = Command::new(bin.join("python"))
            .args([
                "-c",
                "import os, ziglang; print(os.path.dirname(ziglang.__file__))",
            ])
            .answer();
        let folder = folder.ok_or_else(|| {
            Error::config("zig cannot be found where it was installed")
                .hint(format!("remove {} and build again", tools.folder.display()))
        })?;
        if !tools.folder.join("zig-cache").exists() {
            tools
                .printer
                .note("the first build makes the C library, too: half a minute");
        }
        Ok(Zig {
            program: Path::new(folder.trim()).join("zig"),
            tools,
            project,
        })
    }

    fn command(&self, dialect: &Dialect) -> Command {
        let cache = self.tools.folder.join("zig-cache");
        Command::new(&self.program)
            .arg(dialect.verb)
            .args(TARGET)
            .env("ZIG_GLOBAL_CACHE_DIR", &cache)
            .env("ZIG_LOCAL_CACHE_DIR", &cache)
            .within(&self.project.folder)
    }

    fn compile(&self, source: &Source, object: PathBuf) -> Result<PathBuf, Error> {
        let dialect = source.dialect();
        let sdk = self.project.sdk();
        // `#include "sdk/wodehost.h"`, wherever the SDK is.
        let above = sdk.parent().unwrap_or(&sdk);
        let command = self
            .command(&dialect)
            .args(COMPILE)
            .args(dialect.flags)
            .arg(elsewhere(above))
            .arg("-I")
            .arg(above);
        let command = if source.is_own {
            let flags = &self.project.manifest.flags;
            command.arg(elsewhere(&self.project.folder)).args(flags)
        } else {
            command
        };
        command
            .arg("-c")
            .arg(&source.file)
            .arg("-o")
            .arg(&object)
            .run(self.tools.printer, || failed(self.project))?;
        Ok(object)
    }

    fn link(&self, objects: &[PathBuf], module: PathBuf) -> Result<PathBuf, Error> {
        let is_cpp = self.project.manifest.language == Language::Cpp;
        let dialect = if is_cpp { CPP } else { C };
        self.command(&dialect)
            .args(LINK)
            .args(objects)
            .arg("-o")
            .arg(&module)
            .run(self.tools.printer, || failed(self.project))?;
        Ok(module)
    }
}

/// Keeps a folder's place out of what `assert` says, and so out of the component.
fn elsewhere(folder: &Path) -> String {
    format!("-fmacro-prefix-map={}/=", folder.display())
}

/// The plugin's sources, which `plugin.toml` may name, and the SDK's.
fn sources(project: &Project) -> Result<Vec<Source>, Error> {
    let sdk = project.sdk();
    let named = &project.manifest.sources;
    let mut own = Vec::new();
    if named.is_empty() {
        gather(&project.folder, &sdk, &mut own)?;
    } else {
        own.extend(named.iter().map(|file| project.folder.join(file)));
    }
    if own.is_empty() {
        return Err(Error::new(
            Kind::Plugin,
            format!("{} has no source", project.folder.display()),
        ));
    }
    let own = own.into_iter().map(|file| Source { file, is_own: true });
    let mut of_sdk = entries(&sdk)?;
    if project.manifest.language == Language::Cpp {
        // The SDK of C++ stands on that of C.
        of_sdk.extend(entries(&sdk.join("c"))?);
    }
    let of_sdk = of_sdk.into_iter().filter(|file| is_source(file));
    let of_sdk = of_sdk.map(|file| Source {
        file,
        is_own: false,
    });
    Ok(own.chain(of_sdk).collect())
}

/// All sources below a folder, but for tests, hidden folders and the SDK.
fn gather(folder: &Path, sdk: &Path, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    for entry in entries(folder)? {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        if entry.is_dir() {
            let is_same = fs::canonicalize(&entry).ok() == fs::canonicalize(sdk).ok();
            if !is_same && name != "tests" && !name.starts_with('.') {
                gather(&entry, sdk, found)?;
            }
        } else if is_source(&entry) {
            found.push(entry);
        }
    }
    Ok(())
}

fn is_source(file: &Path) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str());
    matches!(ending, Some("c" | "cpp" | "cc"))
}

/// What is in a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let read = fs::read_dir(folder).and_then(|entries| {
        let mut paths = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<std::io::Result<Vec<_>>>()?;
        paths.sort();
        Ok(paths)
    });
    read.map_err(|error| {
        Error::config(format!("{} cannot be read", folder.display())).because(in_words(&error))
    })
}
