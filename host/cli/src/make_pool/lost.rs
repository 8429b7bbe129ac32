//! A pool that is named but cannot be used: what to say of it, and what to do.

use crate::error::without_number;
use jobserver::{FromEnvError, FromEnvErrorKind};
use std::error::Error;

/// See the module.
#[derive(Debug)]
pub(crate) struct Lost {
    /// The variable that names it.
    variable: &'static str,
    why: Why,
}

/// Why it cannot be used.
#[derive(Debug)]
pub(super) enum Why {
    /// Its files were not handed on to this process.
    NotHandedOn,
    /// Its file cannot be opened.
    Closed(Box<dyn Error + Send + Sync>),
    /// Nobody knows what is meant.
    Unreadable,
}

impl Why {
    /// What the crate's error comes to.
    pub(super) fn of(error: &FromEnvError) -> Why {
        match error.kind() {
            FromEnvErrorKind::CannotOpenFd
            | FromEnvErrorKind::NegativeFd
            | FromEnvErrorKind::NotAPipe => Why::NotHandedOn,
            FromEnvErrorKind::CannotOpenPath => Why::Closed(
                error
                    .source()
                    .map_or_else(|| error.to_string(), ToString::to_string)
                    .into(),
            ),
            FromEnvErrorKind::NoEnvVar
            | FromEnvErrorKind::NoJobserver
            | FromEnvErrorKind::CannotParse
            | FromEnvErrorKind::Unsupported
            | _ => Why::Unreadable,
        }
    }
}

impl Lost {
    pub(super) fn new(variable: &'static str, why: Why) -> Lost {
        Lost { variable, why }
    }

    /// What happened, a sentence without its end.
    pub(crate) fn what(&self) -> String {
        let variable = self.variable;
        match &self.why {
            Why::NotHandedOn => {
                format!("the jobserver that {variable} names was not handed on to wodehost")
            }
            Why::Closed(error) => {
                let error = without_number(&error.to_string());
                format!("the jobserver that {variable} names cannot be opened ({error})")
            }
            Why::Unreadable => {
                format!("the jobserver that {variable} names is of a kind that is not known here")
            }
        }
    }

    /// What to do.
    pub(crate) fn fix(&self) -> &'static str {
        match self.why {
            Why::NotHandedOn => {
                "begin the recipe's line with `+`; `--jobserver off` ends this warning"
            }
            Why::Closed(_) | Why::Unreadable => "`--jobserver off` ends this warning",
        }
    }
}
