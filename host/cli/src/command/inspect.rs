//! `wodehost inspect`: what a plugin is, what it may do, and which limits apply.

mod limits;

use super::{LookFlag, report};
use crate::args::Globals;
use crate::config::{Config, Look, Sourced, Spec, pick_one};
use crate::error::Error;
use crate::exit::Exit;
use crate::flags::{CacheFlags, PluginFlags, SlotFlags};
use crate::job_flags::JobFlags;
use crate::session::{Runs, Session, configure};
use crate::shown;
use limits::LimitRow;
use serde::Serialize;
use std::fmt::Write as _;
use wodehost::task::JobOption;
use wodehost::units::Unit;
use wodehost::{Plugin, Profile, Value};

/// Flags of `inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  wodehost inspect hello.wasm")]
pub(crate) struct InspectArgs {
    /// The plugin: a component's file, or a name in wodehost.toml
    plugin: String,
    #[command(flatten)]
    look: LookFlag,
    #[command(flatten)]
    cache: CacheFlags,
    #[command(flatten)]
    grants: PluginFlags,
}

/// Runs it.
pub(crate) fn run(
    globals: &Globals,
    args: &InspectArgs,
    look: Option<Look>,
) -> Result<Exit, Error> {
    let limits = &args.grants.limits;
    let config = configure(
        globals,
        &SlotFlags::default(),
        &args.cache,
        limits,
        &JobFlags::default(),
    )?;
    let specs = pick_one(&config, &args.grants, &args.plugin)?;
    let session = Session::start(&config, &specs, Runs::Few, globals.printer())?;
    let plugin = session.load(&specs[0])?;
    let about = About::of(&plugin, &specs[0], &config);
    report(args.look.output, look, || about.render(), &about)?;
    Ok(Exit::Success)
}

/// All that is known of a plugin.
#[derive(Debug, Serialize)]
pub(crate) struct About {
    schema: u32,
    name: String,
    roles: Vec<&'static str>,
    path: String,
    bytes: u64,
    digest: String,
    exports: Vec<String>,
    imports: Vec<ImportRow>,
    may: Vec<GrantRow>,
    may_not: Vec<&'static str>,
    limits: Vec<LimitRow>,
    /// Limits of the whole host.
    host: Vec<LimitRow>,
    /// Options of its jobs that somebody set.
    job: Vec<JobRow>,
    config: serde_json::Value,
}

#[derive(Debug, Serialize)]
struct ImportRow {
    name: String,
    served: &'static str,
}

/// Something that a plugin may do beyond its own imports.
#[derive(Debug, Serialize)]
struct GrantRow {
    what: String,
    source: String,
}

#[derive(Debug, Serialize)]
struct JobRow {
    key: &'static str,
    value: serde_json::Value,
    source: String,
}

impl About {
    /// Gathers it.
    pub(crate) fn of(plugin: &Plugin, spec: &Spec, config: &Config) -> About {
        let profile = config.profile();
        let imports = plugin.imports().into_iter();
        About {
            schema: 1,
            name: plugin.name().to_owned(),
            roles: plugin.roles(),
            path: plugin.path().display().to_string(),
            bytes: plugin.file_bytes(),
            digest: format!("sha256:{}", plugin.digest()),
            exports: plugin.exports(),
            imports: imports
                .map(|import| ImportRow {
                    name: import.name,
                    served: import.served,
                })
                .collect(),
            may: grants(plugin, spec, profile),
            may_not: denials(spec, submits(plugin), profile),
            limits: limits::of_attempts(plugin, spec, config),
            host: limits::of_host(config),
            job: job_rows(spec),
            config: serde_json::from_str(&plugin.config().to_json()).unwrap_or_default(),
        }
    }

    /// It for people.
    pub(crate) fn render(&self) -> String {
        let name = shown::text(&self.name);
        let mut text = format!("{name}: a {}\n", self.roles.join(" and "));
        let _ = writeln!(
            text,
            "  file     {} ({})",
            shown::text(&self.path),
            Unit::Bytes.about(self.bytes)
        );
        let _ = writeln!(text, "  digest   {}", self.digest);
        let _ = writeln!(text, "  exports  {}", self.exports.join(", "));
        text.push_str("\nIt imports\n");
        let width = self.imports.iter().map(|i| i.name.len()).max().unwrap_or(0);
        for import in &self.imports {
            let _ = writeln!(
                text,
                "  {:<width$}  {}",
                shown::text(&import.name),
                import.served
            );
        }
        text.push_str(&self.permissions());
        if self.config.as_object().is_some_and(|map| !map.is_empty()) {
            let _ = writeln!(text, "\nIts configuration\n  {}", self.config);
        }
        text.push_str("\nLimits of each attempt\n");
        LimitRow::render(&self.limits, &mut text);
        text.push_str("\nLimits of the whole host\n");
        LimitRow::render(&self.host, &mut text);
        if !self.job.is_empty() {
            text.push_str("\nOptions of its jobs; the others are the defaults\n");
        }
        for JobRow { key, value, source } in &self.job {
            let value = shown::text(&value.to_string());
            let _ = writeln!(text, "  {key:<11} {value:<8} {source}");
        }
        text
    }

    /// What it may do and what not, for people.
    pub(crate) fn permissions(&self) -> String {
        let mut text = String::from("\nIt may\n");
        for grant in &self.may {
            let _ = writeln!(text, "  {}  ({})", shown::text(&grant.what), grant.source);
        }
        text.push_str("\nIt may not\n");
        for denial in &self.may_not {
            let _ = writeln!(text, "  {denial}");
        }
        text
    }
}

fn job_rows(spec: &Spec) -> Vec<JobRow> {
    let row = |(option, value): &(JobOption, Sourced<Value>)| JobRow {
        key: option.info().key,
        value: serde_json::from_str(&value.value.to_json()).unwrap_or_default(),
        source: value.source.to_string(),
    };
    spec.job.iter().map(row).collect()
}

/// Whether it can submit jobs at all.
fn submits(plugin: &Plugin) -> bool {
    let imports = plugin.imports();
    let mut jobs = imports
        .iter()
        .filter(|i| i.name.starts_with("wodehost:plugin/jobs"));
    plugin.roles().contains(&"worker") && jobs.next().is_some()
}

/// What every plugin may do, and what this one was granted.
fn grants(plugin: &Plugin, spec: &Spec, profile: Profile) -> Vec<GrantRow> {
    let mut always = vec![
        "take values, compute, and give values back",
        "write log lines, stdout and stderr, which are captured and bounded",
        match profile {
            Profile::Standard => "read clocks in steps of 1 ms, wait, and draw random numbers",
            Profile::Paranoid => "read clocks in steps of 100 ms, wait, and draw random numbers",
            Profile::Deterministic(_) => {
                "read virtual clocks, wait without taking time, and draw seeded random numbers"
            }
        },
    ];
    if submits(plugin) {
        always.push("submit jobs to itself, each in a sandbox of its own");
    }
    let says = &spec.says;
    let sources = says
        .read
        .iter()
        .chain(&says.write)
        .map(|s| s.source.to_string())
        .chain(
            // A variable that is not set is not among the words.
            says.env
                .iter()
                .filter(|name| plugin.grants().env.iter().any(|(n, _)| *n == name.value))
                .map(|s| s.source.to_string()),
        )
        .chain(
            // Not given in the paranoid profile.
            says.net
                .iter()
                .take(plugin.grants().net.len())
                .map(|s| s.source.to_string()),
        )
        .chain(says.submit.iter().map(|s| s.source.to_string()));
    let words = plugin.grants().in_words();
    let granted = words
        .into_iter()
        .zip(sources)
        .map(|(words, source)| GrantRow {
            what: words.strip_prefix("may ").unwrap_or(&words).to_owned(),
            source,
        });
    let always = always.iter().map(|what| GrantRow {
        what: (*what).to_owned(),
        source: "always".to_owned(),
    });
    always.chain(granted).collect()
}

/// What it may not do.
fn denials(spec: &Spec, submits: bool, profile: Profile) -> Vec<&'static str> {
    let says = &spec.says;
    let or = |none: bool, all: &'static str, other: &'static str| if none { all } else { other };
    vec![
        or(
            says.read.is_empty() && says.write.is_empty(),
            "read or write any file",
            "read or write any other file",
        ),
        or(
            says.net.is_empty(),
            "use the network",
            match profile {
                Profile::Paranoid => "use the network (--paranoid)",
                Profile::Standard | Profile::Deterministic(_) => {
                    "connect anywhere else, listen, or look up names"
                }
            },
        ),
        or(
            says.env.is_empty(),
            "see the host's variables, arguments or stdin",
            "see the host's other variables, its arguments or stdin",
        ),
        match (submits, says.submit.is_empty()) {
            (false, _) => "submit jobs",
            (true, true) => "submit jobs to any worker but itself",
            (true, false) => "submit jobs to any other worker",
        },
        "start a program, or see another job or plugin",
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_may_do_is_said_with_its_source() {
        let about = About {
            schema: 1,
            name: "list".into(),
            roles: vec!["producer"],
            path: "list.wasm".into(),
            bytes: 133 << 10,
            digest: "sha256:00".into(),
            exports: vec!["next".into()],
            imports: vec![ImportRow {
                name: "wodehost:plugin/log@0.1.0".into(),
                served: "served",
            }],
            may: vec![GrantRow {
                what: "read /srv/samples (it calls it /images)".into(),
                source: "wodehost.toml:12".into(),
            }],
            may_not: vec!["use the network"],
            limits: vec![LimitRow {
                key: "memory",
                value: "256MiB".into(),
                source: "--memory".into(),
                about: "memory of one attempt".into(),
            }],
            host: vec![LimitRow {
                key: "live",
                value: "260".into(),
                source: "default".into(),
                about: "attempts in memory at the same time".into(),
            }],
            job: vec![JobRow {
                key: "retries",
                value: 5.into(),
                source: "wodehost.toml:14".into(),
            }],
            config: serde_json::json!({"folder": "/images"}),
        };
        assert_eq!(
            about.render(),
            "list: a producer\n\
             \x20 file     list.wasm (133 KiB)\n\
             \x20 digest   sha256:00\n\
             \x20 exports  next\n\
             \nIt imports\n\
             \x20 wodehost:plugin/log@0.1.0  served\n\
             \nIt may\n\
             \x20 read /srv/samples (it calls it /images)  (wodehost.toml:12)\n\
             \nIt may not\n\
             \x20 use the network\n\
             \nIts configuration\n\
             \x20 {\"folder\":\"/images\"}\n\
             \nLimits of each attempt\n\
             \x20 memory  256MiB  --memory  memory of one attempt\n\
             \nLimits of the whole host\n\
             \x20 live  260  default  attempts in memory at the same time\n\
             \nOptions of its jobs; the others are the defaults\n\
             \x20 retries     5        wodehost.toml:14\n"
        );
        let json = serde_json::to_string(&about).expect("JSON");
        assert!(json.starts_with(r#"{"schema":1,"name":"list","#), "{json}");
    }
}
