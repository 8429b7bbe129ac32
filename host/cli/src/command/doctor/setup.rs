//! What the user has set up: cache, configuration, looks.

use super::{Finding, State};
use crate::config::{Config, Sourced, User, user_file};
use crate::error::{Error, in_words};
use crate::make_pool::{Inherited, Jobserver};
use std::path::Path;
use wodehost::plugin::Cache;
use wodehost::units::Unit;

/// The cache's folder; `is_named` when somebody chose it, who is told when it
/// cannot be used. Without it nothing is lost but time.
pub(super) fn cache(folder: Option<&Path>, is_named: bool) -> Finding {
    let Some(folder) = folder else {
        return Finding::new("cache", State::Note, "none: plugins are compiled each time")
            .fix("give a folder with `--cache DIR` or WODEHOST_CACHE");
    };
    match looked_at(folder) {
        Ok(said) => Finding::new("cache", State::Ok, said),
        Err(error) => {
            let why = format!("{}: {}", folder.display(), in_words(&error));
            let (state, said) = if is_named {
                (State::Broken, why)
            } else {
                (
                    State::Note,
                    format!("{why}; plugins are compiled each time"),
                )
            };
            Finding::new("cache", state, said)
                .fix("make it yours, or give another with `--cache DIR` or WODEHOST_CACHE")
        }
    }
}

/// What is in a cache, after a try to write into it or where it would be made.
fn looked_at(folder: &Path) -> std::io::Result<String> {
    let name = folder.display();
    let entries = match std::fs::read_dir(folder) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let there = folder.ancestors().skip(1).find(|above| above.exists());
            try_writing(there.unwrap_or(Path::new(".")))?;
            return Ok(format!("{name}, made when first needed"));
        }
        entries => entries?,
    };
    let sizes: Vec<u64> = entries
        .filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()))
        .collect();
    // As a command would: what is refused there is told here.
    Cache::open(folder)?;
    let size = Unit::Bytes.about(sizes.iter().sum());
    Ok(format!("{name}: {} files, {size}", sizes.len()))
}

/// Makes a folder and takes it away again. What permissions say is not enough:
/// some file systems take no folders from anybody.
fn try_writing(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(format!(".wodehost-doctor-{}", std::process::id()));
    std::fs::create_dir(&probe)?;
    std::fs::remove_dir(&probe)
}

/// Where slots come from.
pub(super) fn make(choice: &Sourced<Jobserver>, inherited: &Inherited) -> Finding {
    let own = |why: String| Finding::new("make", State::Ok, format!("slots are our own: {why}"));
    match (choice.value, inherited) {
        (Jobserver::Off, _) => own(format!("the jobserver is off ({})", choice.source)),
        (Jobserver::Auto, Inherited::Nothing) => own("no jobserver is around us".to_owned()),
        (Jobserver::Auto, Inherited::Pool(_)) => Finding::new(
            "make",
            State::Ok,
            "one slot is our own, the others come from the jobserver around us",
        ),
        (Jobserver::Auto, Inherited::Lost(lost)) => {
            Finding::new("make", State::Note, lost.what()).fix(lost.fix())
        }
    }
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
        assert_eq!(cache(Some(folder.path()), true).state, State::Ok);
        let file = folder.path().join("file");
        std::fs::write(&file, b"x").expect("written");
        assert_eq!(cache(Some(&file), true).state, State::Broken);
        assert_eq!(cache(Some(&file), false).state, State::Note);
        assert_eq!(cache(None, false).state, State::Note);
        assert!(std::fs::read_dir(folder.path()).expect("there").count() == 1);
    }

    #[test]
    fn a_cache_that_is_to_be_made_is_tried() {
        let folder = tempfile::tempdir().expect("a folder");
        let below = folder.path().join("a/b");
        assert_eq!(cache(Some(&below), true).state, State::Ok);
        let nowhere = Path::new("/proc/nowhere/wodehost");
        assert_eq!(cache(Some(nowhere), true).state, State::Broken);
    }
}
