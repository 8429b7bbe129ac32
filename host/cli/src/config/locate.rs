//! Where the user's own files are, by the XDG rules.

use std::ffi::OsString;
use std::path::PathBuf;

/// A folder named by a variable, or one in the home folder. A relative path is
/// none, as the XDG rules say.
fn folder(variable: Option<OsString>, home: Option<OsString>, below: &str) -> Option<PathBuf> {
    let named = variable.map(PathBuf::from).filter(|p| p.is_absolute());
    named.or_else(|| {
        let home = home.map(PathBuf::from).filter(|p| p.is_absolute())?;
        Some(home.join(below))
    })
}

/// The folder for compiled plugins; none without a home.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    let base = folder(
        std::env::var_os("XDG_CACHE_HOME"),
        std::env::var_os("HOME"),
        ".cache",
    );
    base.map(|base| base.join("wodehost"))
}

/// The user's own file, whether it is there or not.
pub(crate) fn user_file() -> Option<PathBuf> {
    let base = folder(
        std::env::var_os("XDG_CONFIG_HOME"),
        std::env::var_os("HOME"),
        ".config",
    );
    base.map(|base| base.join("wodehost").join("config.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_goes_before_the_home_folder() {
        let of = |variable: &str, home: &str| {
            let some = |text: &str| (!text.is_empty()).then(|| OsString::from(text));
            folder(some(variable), some(home), ".cache")
        };
        assert_eq!(of("/x", "/home/me"), Some(PathBuf::from("/x")));
        assert_eq!(of("", "/home/me"), Some(PathBuf::from("/home/me/.cache")));
        assert_eq!(
            of("relative", "/home/me"),
            Some(PathBuf::from("/home/me/.cache"))
        );
        assert_eq!(of("", ""), None);
    }
}
