//! The languages that plugins are written in, and the roles that a plugin may have.

use serde::Deserialize;
use std::fmt;

/// A language with an SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
#[value(rename_all = "lowercase")]
pub(crate) enum Language {
    Rust,
    Python,
    JavaScript,
    TypeScript,
    Go,
    C,
    Cpp,
}

impl Language {
    /// Its name in flags and files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Language::Rust => "rust",
            Language::Python => "python",
            Language::JavaScript => "javascript",
            Language::TypeScript => "typescript",
            Language::Go => "go",
            Language::C => "c",
            Language::Cpp => "cpp",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Language::Rust => "Rust",
            Language::Python => "Python",
            Language::JavaScript => "JavaScript",
            Language::TypeScript => "TypeScript",
            Language::Go => "Go",
            Language::C => "C",
            Language::Cpp => "C++",
        })
    }
}

/// What a plugin can be used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
#[value(rename_all = "lowercase")]
pub(crate) enum Role {
    Worker,
    Producer,
    Consumer,
    // Nobody has asked for a template yet.
    #[value(skip)]
    Gate,
}

impl Role {
    /// All of them.
    pub(crate) const ALL: [Role; 4] = [Role::Worker, Role::Producer, Role::Consumer, Role::Gate];

    /// Its name, in flags, files and the library's words.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Role::Worker => "worker",
            Role::Producer => "producer",
            Role::Consumer => "consumer",
            Role::Gate => "gate",
        }
    }
}
