//! The tools of languages: what has to be on the machine, found and asked for its version,
//! and what comes from a language's own registry, installed into a folder of ours at a
//! pinned version.

mod command;
mod node;
mod python;
mod version;

pub(super) use command::Command;
pub(super) use python::Pinned;
pub(super) use version::Version;

use super::Language;
use crate::error::{Error, in_words};
use crate::printer::Printer;
use std::fs::File;
use std::path::{Path, PathBuf};

/// A folder in which tools are, and how much is said while they are installed.
#[derive(Debug)]
pub(crate) struct Tools {
    pub(super) folder: PathBuf,
    /// Whether what is missing is installed.
    pub(super) installs: bool,
    pub(super) printer: Printer,
}

/// What has to be on the machine before anything can be installed.
pub(super) struct Program {
    /// What people call it.
    pub(super) title: &'static str,
    /// The names of its program, the best first.
    pub(super) names: &'static [&'static str],
    /// The arguments that make it tell its version.
    pub(super) ask: &'static [&'static str],
    /// The oldest version that will do.
    pub(super) at_least: Version,
    /// How to get it.
    pub(super) how: &'static str,
}

impl Tools {
    /// Tools in this folder, which is made when something is installed.
    pub(crate) fn new(folder: PathBuf, printer: Printer) -> Tools {
        Tools {
            folder,
            installs: true,
            printer,
        }
    }

    /// What is missing is an error.
    pub(crate) fn without_installing(self) -> Tools {
        Tools {
            installs: false,
            ..self
        }
    }

    /// Says that something is being installed, or that it must not be.
    pub(super) fn begin(&self, what: &str) -> Result<(), Error> {
        if self.installs {
            self.printer.note(&format!("installing {what}"));
            return Ok(());
        }
        Err(Error::config(format!("{what} would have to be installed"))
            .hint("leave out `--no-install`"))
    }

    /// Makes the folder and waits until nobody else installs into it.
    fn lock(&self) -> Result<File, Error> {
        let failed = |error: std::io::Error| {
            Error::config(format!(
                "tools cannot be installed into {}",
                self.folder.display()
            ))
            .because(in_words(&error))
            .hint("give another folder with `--tools DIR`")
        };
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        let file = File::create(self.folder.join("lock")).map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(file)
    }
}

impl Program {
    /// Finds it on the machine; `language` is what it is needed for.
    pub(super) fn find(&self, language: Language) -> Result<PathBuf, Error> {
        let mut too_old = None;
        for name in self.names {
            let Some(said) = Command::new(name).args(self.ask).answer() else {
                continue;
            };
            match Version::in_text(&said) {
                Some(version) if version >= self.at_least => return Ok(PathBuf::from(name)),
                Some(version) => too_old = too_old.or(Some(format!("`{name}` is {version}"))),
                None => {
                    let said = said.lines().next().unwrap_or_default().to_owned();
                    too_old = too_old.or(Some(format!("`{name}` says `{said}`")));
                }
            }
        }
        let needed = format!(
            "a plugin in {language} needs {} {} or later",
            self.title, self.at_least
        );
        Err(Error::config(needed)
            .because(
                too_old.unwrap_or_else(|| format!("there is no `{}`", self.names.join("` or `"))),
            )
            .hint(self.how))
    }
}

/// Whether a stamp says that just this was installed.
pub(super) fn is_stamped(stamp: &Path, what: &str) -> bool {
    std::fs::read_to_string(stamp).is_ok_and(|text| text == what)
}

/// Says that this was installed.
pub(super) fn stamp(stamp: &Path, what: &str) -> Result<(), Error> {
    std::fs::write(stamp, what).map_err(|error| {
        Error::config(format!("{} cannot be written", stamp.display())).because(in_words(&error))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELL: Program = Program {
        title: "a shell",
        names: &["no-such-shell", "sh"],
        ask: &["-c", "echo shell 1.9.3"],
        at_least: Version([1, 9, 0]),
        how: "buy one",
    };

    #[test]
    fn a_program_is_found_under_any_of_its_names() {
        assert_eq!(SHELL.find(Language::C).ok(), Some(PathBuf::from("sh")));
    }

    #[test]
    fn a_missing_program_and_an_old_one_are_told_apart() {
        let said = |program: &Program| {
            let error = program.find(Language::Cpp).expect_err("not there");
            anstream::adapter::strip_str(&error.render()).to_string()
        };
        let newer = Program {
            at_least: Version([1, 10, 0]),
            ..SHELL
        };
        assert_eq!(
            said(&newer),
            "error: a plugin in C++ needs a shell 1.10 or later\n  `sh` is 1.9.3\nhint: buy one\n"
        );
        let other = Program {
            names: &["no-such-shell"],
            ..SHELL
        };
        assert_eq!(
            said(&other),
            "error: a plugin in C++ needs a shell 1.9 or later\n  there is no `no-such-shell`\nhint: buy one\n"
        );
    }
}
