//! Who plays which role in a run, from flags and `[run]`.

use crate::config::{
    Config, GateChoice, Picked, PickedGate, Reference, Source, Sourced, Spec, Wanted, pick,
};
use crate::error::Error;
use crate::flags::PluginFlags;
use crate::halt::Halt;
use crate::shown;
use std::fmt::Write as _;
use wodehost::limits::LIMITS;
use wodehost::units::Unit;
use wodehost::{Gate, Plugin};

/// What a plugin does in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Producer,
    Worker,
    Consumer,
    Gate,
}

/// What the flags of `run` name.
#[derive(Debug, Default)]
pub(crate) struct Named<'a> {
    pub(crate) producer: Option<&'a str>,
    pub(crate) workers: &'a [String],
    pub(crate) consumer: Option<&'a str>,
    pub(crate) halt: Option<Halt>,
}

/// A run, before anything is loaded.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) specs: Vec<Spec>,
    /// The role of each plugin that plays one, with its place in `specs`.
    pub(crate) roles: Vec<(Role, usize)>,
    /// What is asked before each start of a job, in order.
    gates: Vec<PickedGate>,
    /// The same as it was named.
    named_gates: Sourced<Vec<GateChoice>>,
    pub(crate) halt: Sourced<Halt>,
}

impl Role {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Role::Producer => "producer",
            Role::Worker => "worker",
            Role::Consumer => "consumer",
            Role::Gate => "gate",
        }
    }
}

impl Plan {
    /// Finds out who plays what; flags go before the file.
    pub(crate) fn of(
        config: &Config,
        named: &Named<'_>,
        flags: &PluginFlags,
    ) -> Result<Plan, Error> {
        let one = |flag: Option<&str>, file: Option<Sourced<Reference>>| {
            flag.map(Reference::argument).or(file.map(|f| f.value))
        };
        let producer = one(named.producer, config.producer())
            .ok_or_else(|| missing(config, "producer", "--producer P", "producer = \"…\""))?;
        let workers: Vec<Reference> = if named.workers.is_empty() {
            config.workers().map(|w| w.value).unwrap_or_default()
        } else {
            named
                .workers
                .iter()
                .map(|w| Reference::argument(w))
                .collect()
        };
        if workers.is_empty() {
            return Err(missing(config, "worker", "--worker W", "workers = [\"…\"]"));
        }
        let consumer = one(named.consumer, config.consumer());
        let mut parts = vec![(Role::Producer, producer)];
        parts.extend(workers.into_iter().map(|w| (Role::Worker, w)));
        parts.extend(consumer.map(|c| (Role::Consumer, c)));
        let wanted = parts.iter().map(|(role, reference)| Wanted {
            reference: reference.clone(),
            has_jobs: *role == Role::Worker,
        });
        let wanted: Vec<Wanted> = wanted.collect();
        let named_gates = config.gates();
        let picked = pick(config, flags, &wanted, &named_gates)?;
        named_once(&parts, &picked.places, &picked.specs)?;
        let roles = roles(&parts, &picked);
        let halt = match named.halt {
            Some(halt) => Sourced::new(halt, Source::Flag("halt")),
            None => config.halt(),
        };
        Ok(Plan {
            roles,
            specs: picked.specs,
            gates: picked.gates,
            named_gates,
            halt,
        })
    }

    /// The places of the plugins with a role.
    pub(crate) fn with(&self, wanted: Role) -> impl Iterator<Item = usize> {
        let places = self.roles.iter().filter(move |(role, _)| *role == wanted);
        places.map(|(_, place)| *place)
    }

    /// The gates as the library has them; `plugins` are loaded, in the order of `specs`.
    pub(crate) fn gates(&self, plugins: &[Plugin]) -> impl Iterator<Item = Gate> {
        self.gates.iter().map(|gate| gate.of_library(plugins))
    }

    /// What would run, for `--dry-run`. `plugins` are loaded, in the order of `specs`.
    pub(crate) fn render(&self, config: &Config, plugins: &[Plugin]) -> String {
        let mut text = String::new();
        for (role, place) in &self.roles {
            let (plugin, spec) = (&plugins[*place], &self.specs[*place]);
            let role = role.as_str();
            let (name, path) = (plugin.to_string(), shown::path(plugin.path()));
            let _ = writeln!(text, "{role:<9} {}  {path}", shown::text(&name));
            text.push_str(&grants(plugin));
            text.push_str(&limits(spec));
            text.push_str(&options(spec));
        }
        if self.with(Role::Consumer).next().is_none() {
            text.push_str("outcomes  go to stdout, one JSON text a line\n");
        }
        let (slots, live) = (config.slots(), config.live());
        let (grace, halt) = (config.grace_nanos(), &self.halt);
        let _ = writeln!(
            text,
            "slots     {} ({}), live {} ({})",
            slots.value, slots.source, live.value, live.source
        );
        let Sourced { value, source } = &self.named_gates;
        if !value.is_empty() {
            let gates: Vec<String> = value.iter().map(|g| shown::text(&g.to_string())).collect();
            let _ = writeln!(text, "gates     {} ({source})", gates.join(", "));
        }
        let grace_text = Unit::Time.format(grace.value);
        let _ = writeln!(
            text,
            "stopping  grace {grace_text} ({}), halt {} ({})",
            grace.source, halt.value, halt.source
        );
        text.push_str("nothing was started\n");
        text
    }
}

/// Who plays what: as it was named, then what only stages name, then the gates.
fn roles(parts: &[(Role, Reference)], picked: &Picked) -> Vec<(Role, usize)> {
    let named = parts.iter().map(|(role, _)| *role);
    let named = named.zip(picked.places.iter().copied());
    let stages = (0..picked.before_gates).filter(|place| !picked.places.contains(place));
    let mut roles: Vec<(Role, usize)> = named.collect();
    roles.extend(stages.map(|place| (Role::Worker, place)));
    for gate in &picked.gates {
        if let PickedGate::Plugin(place) = gate
            && !roles.contains(&(Role::Gate, *place))
        {
            roles.push((Role::Gate, *place));
        }
    }
    roles
}

fn grants(plugin: &Plugin) -> String {
    let words = plugin.grants().in_words();
    if words.is_empty() {
        return "          may use nothing but its own imports\n".to_owned();
    }
    words.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "          {}", shown::text(line));
        text
    })
}

/// Limits that somebody set; the others are the defaults.
fn limits(spec: &Spec) -> String {
    let set = LIMITS
        .iter()
        .zip(&spec.limits)
        .filter(|(_, limit)| limit.source != Source::Default);
    let said: Vec<String> = set
        .map(|(info, limit)| {
            format!(
                "{} {} ({})",
                info.key,
                info.unit.format(limit.value),
                limit.source
            )
        })
        .collect();
    if said.is_empty() {
        return "          limits: the defaults\n".to_owned();
    }
    format!(
        "          limits: {}; the others are the defaults\n",
        said.join(", ")
    )
}

/// Options of its jobs that somebody set.
fn options(spec: &Spec) -> String {
    let set = spec.job.iter().map(|(option, value)| {
        let shown = shown::text(&value.value.to_json());
        format!("{} {shown} ({})", option.info().key, value.source)
    });
    let mut said: Vec<String> = set.collect();
    if let Some(count) = &spec.says.running_max {
        said.push(format!("max-running {} ({})", count.value, count.source));
    }
    if said.is_empty() {
        return String::new();
    }
    format!("          jobs: {}\n", said.join(", "))
}

/// A worker that is named twice is a slip: the second of them would never run.
fn named_once(parts: &[(Role, Reference)], places: &[usize], specs: &[Spec]) -> Result<(), Error> {
    let mut seen: Vec<(usize, &str)> = Vec::new();
    let workers = parts.iter().zip(places);
    for ((_, reference), place) in workers.filter(|((role, _), _)| *role == Role::Worker) {
        if let Some((_, first)) = seen.iter().find(|(other, _)| other == place) {
            let name = &specs[*place].name;
            return Err(Error::usage(format!("the worker `{name}` is named twice"))
                .because(format!("as `{first}` and as `{}`", reference.text))
                .hint("leave one out, or give one another name: `NAME=FILE`"));
        }
        seen.push((*place, &reference.text));
    }
    Ok(())
}

fn missing(config: &Config, role: &str, flag: &str, line: &str) -> Error {
    let error = Error::usage(format!("there is no {role} to run"));
    let error = match &config.path {
        Some(path) => error.because(format!("[run] in {} names none", path.display())),
        None => error.because("there is no wodehost.toml here"),
    };
    error.hint(format!("give `{flag}`, or write `{line}` below [run]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_name_the_roles() {
        let config = Config::default();
        let workers = ["a.wasm".to_owned(), "second=a.wasm".to_owned()];
        let named = Named {
            producer: Some("p.wasm"),
            workers: &workers,
            ..Named::default()
        };
        let plan = Plan::of(&config, &named, &PluginFlags::default()).expect("legal");
        let called: Vec<&str> = plan.specs.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(called, ["p", "a", "second"]);
        assert_eq!(plan.with(Role::Worker).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(plan.with(Role::Consumer).next(), None);
    }

    #[test]
    fn one_plugin_may_play_two_roles() {
        let config = Config::default();
        let workers = ["all.wasm".to_owned()];
        let named = Named {
            producer: Some("all.wasm"),
            workers: &workers,
            ..Named::default()
        };
        let plan = Plan::of(&config, &named, &PluginFlags::default()).expect("legal");
        assert_eq!(plan.specs.len(), 1);
        assert_eq!(plan.roles, [(Role::Producer, 0), (Role::Worker, 0)]);
    }

    #[test]
    fn a_worker_is_named_once() {
        let workers = ["w.wasm".to_owned(), "w=w.wasm".to_owned()];
        let named = Named {
            producer: Some("p.wasm"),
            workers: &workers,
            ..Named::default()
        };
        let error = Plan::of(&Config::default(), &named, &PluginFlags::default());
        assert_eq!(
            error.expect_err("twice").one_line(),
            "the worker `w` is named twice: as `w.wasm` and as `w=w.wasm`"
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Plan::of(
            &Config::default(),
            &Named::default(),
            &PluginFlags::default(),
        );
        let error = error.expect_err("nothing named");
        assert_eq!(
            error.one_line(),
            "there is no producer to run: there is no wodehost.toml here"
        );
    }
}
