//! Every key of `wodehost.toml`, once: what it holds, its default, its variable and
//! its flag. The schema, the reference page, the suggestions for misspelt keys and
//! the names of the variables are made from it.

use super::bounds::{BOUNDS, BoundInfo};
use std::sync::LazyLock;
use wodehost::Limit;
use wodehost::board::Words;
use wodehost::limits::LIMITS;
use wodehost::task::{OPTIONS, OptionInfo, OptionShape};
use wodehost::units::Unit;

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A count, or `"auto"`.
    CountOrAuto,
    /// A folder, `"auto"` or `"off"`.
    Cache,
    /// A size, or `"auto"`.
    SizeOrAuto,
    /// A time.
    Time,
    /// A quantity that has an end.
    Finite(Unit),
    /// Whether slots come from a jobserver.
    Jobserver,
    /// How attempts run.
    Profile,
    /// A text.
    Text,
    /// A list of texts.
    Texts,
    /// How the board is shown.
    Board,
    /// What is said at the end.
    Summary,
    /// When to stop because jobs fail.
    Halt,
    /// An option of a job.
    Job(OptionShape),
    /// A limit; `off` is legal for fuel where it holds for the whole host.
    Limit(Limit),
    /// A table of anything.
    Anything,
}

/// One key.
#[derive(Debug)]
pub(crate) struct Key {
    /// Its path; `NAME` stands for a plugin's name.
    pub(crate) path: String,
    /// What it holds.
    pub(crate) shape: Shape,
    /// One sentence.
    pub(crate) about: String,
    /// The default, as it would be written; empty = none.
    pub(crate) default: String,
    /// The variable that sets it.
    pub(crate) env: Option<String>,
    /// The flag that sets it.
    pub(crate) flag: Option<String>,
}

/// All keys, in the order in which they are shown.
pub(crate) static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let mut keys = host_keys();
    keys.extend(BOUNDS.iter().map(bound_key));
    keys.extend(LIMITS.iter().map(|info| limit_key("limits", info.limit)));
    keys.extend(OPTIONS.iter().map(|info| job_key("job", info)));
    keys.extend(run_keys());
    keys.extend(board_keys());
    keys.extend(plugin_keys());
    keys.extend(
        LIMITS
            .iter()
            .map(|info| limit_key("plugins.NAME.limits", info.limit)),
    );
    keys.extend(OPTIONS.iter().map(|info| job_key("plugins.NAME.job", info)));
    keys
});

/// The variable that names the configuration file; no key of it.
pub(crate) const ENV_CONFIG: &str = "WODEHOST_CONFIG";

/// The variable that names the folder of `build`'s tools; no key either.
pub(crate) const ENV_TOOLS: &str = "WODEHOST_TOOLS";

fn key(path: &str, shape: Shape, default: &str, about: &str) -> Key {
    Key {
        path: path.to_owned(),
        shape,
        about: about.to_owned(),
        default: default.to_owned(),
        env: None,
        flag: None,
    }
}

impl Key {
    fn env(mut self, name: &str) -> Key {
        self.env = Some(name.to_owned());
        self
    }

    fn flag(mut self, name: &str) -> Key {
        self.flag = Some(name.to_owned());
        self
    }
}

fn host_keys() -> Vec<Key> {
    vec![
        key(
            "slots",
            Shape::CountOrAuto,
            "\"auto\"",
            "attempts that run at the same time; auto = usable CPUs, at least 4",
        )
        .env("WODEHOST_SLOTS")
        .flag("--slots"),
        key(
            "live",
            Shape::CountOrAuto,
            "\"auto\"",
            "attempts that may be in memory at the same time; auto = slots + 256",
        )
        .env("WODEHOST_LIVE")
        .flag("--live"),
        key(
            "memory-total",
            Shape::SizeOrAuto,
            "\"auto\"",
            "memory of all live attempts together; auto = three quarters of what this process may have",
        )
        .env("WODEHOST_MEMORY_TOTAL")
        .flag("--memory-total"),
        key(
            "profile",
            Shape::Profile,
            "\"standard\"",
            "how attempts run: standard, paranoid or deterministic",
        )
        .env("WODEHOST_PROFILE")
        .flag("--paranoid, --deterministic"),
        key(
            "cache",
            Shape::Cache,
            "\"auto\"",
            "folder for compiled plugins; auto = wodehost in your cache folder, off = none",
        )
        .env("WODEHOST_CACHE")
        .flag("--cache"),
        key(
            "grace",
            Shape::Time,
            "\"10s\"",
            "how long running jobs may go on after the first Ctrl-C",
        )
        .env("WODEHOST_GRACE")
        .flag("--grace"),
        key(
            "gates",
            Shape::Texts,
            "[]",
            "what has to agree before a job starts: mem-free:SIZE, load:N, file:PATH, file:!PATH, \
             rate:N, or plugins",
        )
        .flag("--gate"),
        key(
            "jobserver",
            Shape::Jobserver,
            "\"auto\"",
            "where slots come from inside `make -jN` or cargo; auto = one is our own, the others come from the jobserver, off = all are our own",
        )
        .env("WODEHOST_JOBSERVER")
        .flag("--jobserver"),
    ]
}

fn run_keys() -> Vec<Key> {
    vec![
        key(
            "run.producer",
            Shape::Text,
            "",
            "the plugin that says what there is to do: a name or a file",
        )
        .flag("--producer"),
        key(
            "run.workers",
            Shape::Texts,
            "[]",
            "the plugins that do it: names, files or NAME=FILE",
        )
        .flag("--worker"),
        key(
            "run.consumer",
            Shape::Text,
            "",
            "the plugin that takes the outcomes; without one they go to stdout",
        )
        .flag("--consumer"),
        key(
            "run.halt",
            Shape::Halt,
            "\"never\"",
            "when failures end the run: never, now,fail=N or soon,fail=N",
        )
        .flag("--halt"),
    ]
}

fn board_keys() -> Vec<Key> {
    let quoted = |text: &str| format!("\"{text}\"");
    vec![
        key(
            "board.mode",
            Shape::Board,
            "\"auto\"",
            "how runs are watched: auto (tty on a terminal, else plain), tty, plain, json or off",
        )
        .env("WODEHOST_BOARD")
        .flag("--board"),
        key(
            "board.summary",
            Shape::Summary,
            "\"short\"",
            "what is said at the end: off, short or full",
        )
        .env("WODEHOST_SUMMARY")
        .flag("--summary"),
        key(
            "board.prefix",
            Shape::Text,
            &quoted(Words::PREFIX),
            "what stands in front of a slot's line; %d is its number, %2d that in two columns",
        ),
        key(
            "board.waiting",
            Shape::Text,
            &quoted(Words::WAITING),
            "the text of a line without a job",
        ),
        key(
            "board.done",
            Shape::Text,
            &quoted(Words::DONE),
            "the text of a line at the end",
        ),
        key(
            "board.bar",
            Shape::Text,
            &quoted(Words::BAR),
            "a progress bar: %b the bar, %p percent, %c steps done, %t all steps",
        ),
    ]
}

fn plugin_keys() -> Vec<Key> {
    vec![
        key(
            "plugins.NAME.path",
            Shape::Text,
            "",
            "the component's file, from this file's folder",
        ),
        key(
            "plugins.NAME.allow.read",
            Shape::Texts,
            "[]",
            "folders that it may read: HOST or HOST::/GUEST",
        )
        .flag("--allow-read"),
        key(
            "plugins.NAME.allow.write",
            Shape::Texts,
            "[]",
            "folders that it may read and write: HOST or HOST::/GUEST",
        )
        .flag("--allow-write"),
        key(
            "plugins.NAME.allow.env",
            Shape::Texts,
            "[]",
            "variables of the environment that it may see",
        )
        .flag("--allow-env"),
        key(
            "plugins.NAME.allow.net",
            Shape::Texts,
            "[]",
            "addresses that it may connect to: IP:PORT or IP:*",
        )
        .flag("--allow-net"),
        key(
            "plugins.NAME.allow.submit",
            Shape::Texts,
            "[]",
            "workers that it may submit jobs to, besides itself: names or files",
        )
        .flag("--allow-submit"),
        key(
            "plugins.NAME.max-running",
            Shape::CountOrAuto,
            "\"auto\"",
            "attempts of the worker that run at the same time at most; auto = as many as there are slots",
        )
        .flag("--max-running"),
        key(
            "plugins.NAME.config",
            Shape::Anything,
            "{}",
            "what the plugin reads as its own configuration",
        )
        .flag("--set"),
    ]
}

fn limit_key(table: &str, limit: Limit) -> Key {
    let info = limit.info();
    let path = format!("{table}.{}", info.key);
    if table != "limits" {
        return key(&path, Shape::Limit(limit), "", info.about);
    }
    let default = format!("\"{}\"", info.unit.format(info.default));
    key(&path, Shape::Limit(limit), &default, info.about)
        .env(&limit_env(limit))
        .flag(&format!("--{}", info.key))
}

fn bound_key(info: &BoundInfo) -> Key {
    let default = format!("\"{}\"", info.default_text());
    key(info.key, Shape::Finite(info.unit), &default, info.about)
        .env(&info.env())
        .flag(&format!("--{}", info.key))
}

fn job_key(table: &str, info: &OptionInfo) -> Key {
    let path = format!("{table}.{}", info.key);
    if table != "job" {
        return key(&path, Shape::Job(info.shape), "", info.about);
    }
    let default = match (info.shape, info.default) {
        (_, "") => String::new(),
        (
            OptionShape::Switch | OptionShape::Count | OptionShape::Integer | OptionShape::Env,
            plain,
        ) => plain.to_owned(),
        (_, text) => format!("\"{text}\""),
    };
    key(&path, Shape::Job(info.shape), &default, info.about).flag(&format!("--{}", info.key))
}

/// The variable of a limit: `WODEHOST_LOG_LINE`.
pub(crate) fn limit_env(limit: Limit) -> String {
    variable(limit.info().key)
}

/// The variable of a key of the host's: `WODEHOST_QUEUE_MEMORY`.
pub(super) fn variable(key: &str) -> String {
    let key = key.to_uppercase().replace('-', "_");
    format!("WODEHOST_{key}")
}

/// The key most like an unknown one, among those that stand beside it.
pub(crate) fn nearest_key(path: &[String]) -> Option<String> {
    let (last, table) = path.split_last()?;
    let beside = KEYS.iter().filter_map(|key| {
        let mut parts = key.path.split('.');
        for name in table {
            let part = parts.next()?;
            if part != "NAME" && part != name {
                return None;
            }
        }
        parts.next().filter(|part| *part != "NAME")
    });
    crate::error::nearest(last, beside).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(path: &str) -> Option<String> {
        nearest_key(&path.split('.').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn misspelt_keys_find_those_beside_them() {
        assert_eq!(near("slot").as_deref(), Some("slots"));
        assert_eq!(near("limits.memmory").as_deref(), Some("memory"));
        assert_eq!(near("plugins.list.alow").as_deref(), Some("allow"));
        assert_eq!(near("plugins.list.allow.raed").as_deref(), Some("read"));
        assert_eq!(near("plugin").as_deref(), Some("plugins"));
        assert_eq!(near("zebra"), None);
    }

    #[test]
    fn a_limit_has_a_variable_and_a_flag() {
        let key = KEYS
            .iter()
            .find(|k| k.path == "limits.log-line")
            .expect("known");
        assert_eq!(key.env.as_deref(), Some("WODEHOST_LOG_LINE"));
        assert_eq!(key.flag.as_deref(), Some("--log-line"));
    }
}
