//! What the user has set up: cache, configuration, looks.

use super::{Finding, State};
use crate::config::{Config, User, user_file};
use crate::error::{Error, in_words};
use std::path::Path;
use wodehost::units::Unit;

pub(super) fn cache(folder: Option<&Path>) -> Finding {
    let Some(folder) = folder else {
        return Finding::new("cache", State::Note, "none: plugins are compiled each time")
            .fix("give a folder with `--cache DIR` or WODEHOST_CACHE");
    };
    let name = folder.display();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Finding::new(
                "cache",
                State::Ok,
                format!("{name}, made when first needed"),
            );
        }
        Err(e) => return unusable(folder, &e),
    };
    let sizes: Vec<u64> = entries
        .filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()))
        .collect();
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    if let Err(e) = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        return unusable(folder, &e);
    }
    let size = Unit::Bytes.about(sizes.iter().sum());
    Finding::new(
        "cache",
        State::Ok,
        format!("{name}: {} files, {size}", sizes.len()),
    )
}

fn unusable(folder: &Path, error: &std::io::Error) -> Finding {
    let why = in_words(error);
    Finding::new(
        "cache",
        State::Broken,
        format!("{}: {why}", folder.display()),
    )
    .fix("make it yours, or give another with `--cache DIR` or WODEHOST_CACHE")
}

pub(super) fn file(config: &Result<Config, Error>) -> Finding {
    match config {
        Err(error) => Finding::new("config", State::Broken, error.one_line())
            .fix("`wodehost config show --default` prints a file to start from"),
        Ok(config) if !config.unknown_vars.is_empty() => {
            let names = config.unknown_vars.join(", ");
            Finding::new(
                "config",
                State::Note,
                format!("variables without a meaning: {names}"),
            )
            .fix("`wodehost config show` prints what applies")
        }
        Ok(Config { path: None, .. }) => Finding::new(
            "config",
            State::Ok,
            "no wodehost.toml in this folder; defaults apply",
        ),
        Ok(config) => {
            let path = config.path.as_deref().unwrap_or(Path::new("wodehost.toml"));
            let plugins = config.plugin_names().len();
            let word = if plugins == 1 { "plugin" } else { "plugins" };
            Finding::new(
                "config",
                State::Ok,
                format!("{}: valid, {plugins} {word}", path.display()),
            )
        }
    }
}

pub(super) fn user(user: &Result<User, Error>) -> Finding {
    let path = user_file().map_or_else(|| "none".to_owned(), |p| p.display().to_string());
    match user {
        Err(error) => Finding::new("user", State::Broken, error.one_line())
            .fix("it may set `color` and `output` only"),
        Ok(user) if *user == User::default() => {
            Finding::new("user", State::Ok, format!("nothing set ({path})"))
        }
        Ok(_) => Finding::new("user", State::Ok, format!("{path}: valid")),
    }
}

pub(super) fn colours(is_set: &dyn Fn(&str) -> bool) -> Finding {
    let named: Vec<&str> = ["NO_COLOR", "CLICOLOR_FORCE", "RUST_LOG"]
        .into_iter()
        .filter(|name| is_set(name))
        .collect();
    let said = if named.is_empty() {
        "on a terminal".to_owned()
    } else {
        format!("{} set", named.join(" and "))
    };
    Finding::new("colours", State::Ok, said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_that_is_no_folder_is_broken() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(cache(Some(folder.path())).state, State::Ok);
        let file = folder.path().join("file");
        std::fs::write(&file, b"x").expect("written");
        assert_eq!(cache(Some(&file)).state, State::Broken);
        assert_eq!(cache(None).state, State::Note);
    }
}
