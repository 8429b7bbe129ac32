//! The environment of a job: names and values that its guest sees. It is data and
//! needs no grant.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Names with their values; `None` hides a variable that the plugin was granted. Of
/// two entries with one name the later counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobEnv(Option<Arc<BTreeMap<String, Option<String>>>>);

/// Why a variable was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvError {
    /// The name is empty.
    #[error("a variable needs a name")]
    NoName,
    /// The name holds a `=` or a NUL.
    #[error("`{0}` is no name of a variable: it holds `=` or NUL")]
    Name(String),
    /// The value holds a NUL.
    #[error("the value of `{0}` holds NUL")]
    Value(String),
}

impl JobEnv {
    /// Adds a variable; it replaces an earlier one of the name.
    pub fn set(&mut self, name: &str, value: Option<&str>) -> Result<(), EnvError> {
        if name.is_empty() {
            return Err(EnvError::NoName);
        }
        let shown = || crate::value::escape_for_people(name, 80);
        if name.contains(['=', '\0']) {
            return Err(EnvError::Name(shown()));
        }
        if value.is_some_and(|value| value.contains('\0')) {
            return Err(EnvError::Value(shown()));
        }
        let entries = Arc::make_mut(self.0.get_or_insert_default());
        entries.insert(name.to_owned(), value.map(str::to_owned));
        Ok(())
    }

    /// The entries, each name once.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let entries = self.0.iter().flat_map(|entries| entries.iter());
        entries.map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    /// What it says of a variable: nothing, that it is hidden, or its value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Option<&str>> {
        self.0.as_ref()?.get(name).map(Option::as_deref)
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // M37
    #[test]
    fn later_entries_win_and_none_hides() {
        let mut env = JobEnv::default();
        for (name, value) in [
            ("A", Some("1")),
            ("B", Some("2")),
            ("A", Some("3")),
            ("B", None),
        ] {
            env.set(name, value).expect("legal");
        }
        assert_eq!(env.get("A"), Some(Some("3")));
        assert_eq!(env.get("B"), Some(None));
        assert_eq!(env.get("C"), None);
        assert_eq!(env.iter().count(), 2);
    }

    // M37
    #[test]
    fn names_are_checked() {
        let mut env = JobEnv::default();
        assert_eq!(env.set("", Some("x")), Err(EnvError::NoName));
        assert!(matches!(env.set("A=B", None), Err(EnvError::Name(_))));
        assert!(matches!(env.set("A\0", None), Err(EnvError::Name(_))));
        assert!(matches!(env.set("A", Some("\0")), Err(EnvError::Value(_))));
        assert!(env.set("A", Some("x=y")).is_ok());
        assert_eq!(env.iter().count(), 1);
    }
}
