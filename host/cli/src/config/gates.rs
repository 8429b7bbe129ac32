//! The gates of a host, as `--gate` and the key `gates` name them: built in, or plugins.

use super::layer::Reference;
use super::roster::{self, Spec};
use super::source::{Source, Sourced};
use super::{Config, Layer};
use crate::error::{Error, did_you_mean, nearest};
use std::fmt;
use std::path::Path;
use wodehost::{BUILT_IN_GATES, Gate, Plugin};

/// A gate as somebody named it.
#[derive(Debug, Clone)]
pub(crate) enum GateChoice {
    /// One of the library's.
    BuiltIn(Gate),
    /// A plugin.
    Plugin(Reference),
}

/// A gate whose plugin, if it is one, was found.
#[derive(Debug, Clone)]
pub(crate) enum PickedGate {
    /// One of the library's.
    BuiltIn(Gate),
    /// The plugin at this place.
    Plugin(usize),
}

impl GateChoice {
    /// What a text says; a relative file begins at `base`. What begins as a built-in
    /// gate does is one.
    pub(crate) fn of(text: &str, base: &Path) -> Result<GateChoice, String> {
        if Gate::is_built_in(text) {
            let gate = Gate::parse(text).map_err(|error| error.to_string())?;
            return Ok(GateChoice::BuiltIn(gate.from_folder(base)));
        }
        Ok(GateChoice::Plugin(Reference {
            text: text.to_owned(),
            base: base.to_owned(),
        }))
    }

    /// The same for an argument.
    pub(crate) fn argument(text: &str) -> Result<GateChoice, String> {
        Self::of(text, Path::new(""))
    }
}

/// As it reads back.
impl fmt::Display for GateChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GateChoice::BuiltIn(gate) => gate.fmt(f),
            GateChoice::Plugin(reference) => f.write_str(&reference.text),
        }
    }
}

impl PickedGate {
    /// The gate as the library has it; `plugins` are loaded, in the order of their places.
    pub(crate) fn of_library(&self, plugins: &[Plugin]) -> Gate {
        match self {
            PickedGate::BuiltIn(gate) => gate.clone(),
            PickedGate::Plugin(place) => Gate::plugin(plugins[*place].clone()),
        }
    }
}

impl Config {
    /// What is asked before each start of a job.
    pub(crate) fn gates(&self) -> Sourced<Vec<GateChoice>> {
        let gates = self.strongest(|layer: &Layer| layer.gates.as_ref());
        gates.unwrap_or(Sourced::default(Vec::new()))
    }
}

/// Finds the plugins among gates and puts them behind `specs`.
pub(super) fn pick(
    config: &Config,
    specs: &mut Vec<Spec>,
    gates: &Sourced<Vec<GateChoice>>,
) -> Result<Vec<PickedGate>, Error> {
    let gate = |choice: &GateChoice| match choice {
        GateChoice::BuiltIn(gate) => Ok(PickedGate::BuiltIn(gate.clone())),
        GateChoice::Plugin(reference) => {
            let place = plugin(config, specs, reference);
            let place = place.map_err(|error| match &gates.source {
                source @ Source::File { .. } => {
                    error.in_config(format!("{source}: gates cannot be used"))
                }
                Source::Default | Source::Env(_) | Source::Flag(_) | Source::Argument => error,
            });
            place.map(PickedGate::Plugin)
        }
    };
    gates.value.iter().map(gate).collect()
}

fn plugin(config: &Config, specs: &mut Vec<Spec>, reference: &Reference) -> Result<usize, Error> {
    let text = &reference.text;
    let built_in = |name| BUILT_IN_GATES.iter().find(|(known, _)| *known == name);
    if let Some((name, _)) = text.split_once(':')
        && roster::is_name(name)
        && !config.plugin_names().contains(&text.as_str())
        && !reference.base.join(text).exists()
    {
        // `laod:1.5` would go for a file, because there is a dot in it.
        let near = nearest(name, BUILT_IN_GATES.iter().map(|(name, _)| *name));
        let why = Gate::parse(text).map_or_else(|error| error.to_string(), |gate| gate.to_string());
        return Err(Error::usage(why).hint_if(did_you_mean(near)));
    }
    let added = roster::add(config, specs, reference);
    added.map_err(|error| match built_in(text.as_str()) {
        Some((_, written)) => error.only_hint(format!("the built-in gate is written {written}")),
        None => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::read_config;

    fn config(text: &str) -> Result<Config, Error> {
        let (file, places) = read_config("wodehost.toml", text)?;
        let file = Layer::of_file(file, &places, Path::new("/srv"))?;
        let path = Some("wodehost.toml".into());
        Ok(Config::new(path, file, Layer::default(), Layer::default()))
    }

    fn of_flags(texts: &[&str]) -> Layer {
        let gates = texts
            .iter()
            .map(|text| GateChoice::argument(text).expect("legal"));
        Layer {
            gates: Some(Sourced::new(gates.collect(), Source::Flag("gate"))),
            ..Layer::default()
        }
    }

    fn said(config: &Config) -> String {
        let error = pick(config, &mut Vec::new(), &config.gates()).expect_err("wrong");
        anstream::adapter::strip_str(&error.render()).to_string()
    }

    // J22
    #[test]
    fn flags_replace_the_gates_of_the_file() {
        let file = config("gates = [\"load:4\", \"file:go\", \"guard\"]").expect("legal");
        let texts = |config: &Config| -> Vec<String> {
            config
                .gates()
                .value
                .iter()
                .map(ToString::to_string)
                .collect()
        };
        assert_eq!(texts(&file), ["load:4", "file:/srv/go", "guard"]);
        assert_eq!(file.gates().source.to_string(), "wodehost.toml:1");
        let both = Config::new(None, file.file, Layer::default(), of_flags(&["file:stop"]));
        assert_eq!(texts(&both), ["file:stop"]);
        assert_eq!(both.gates().source.to_string(), "--gate");
        assert!(texts(&Config::default()).is_empty());
    }

    // J22
    #[test]
    fn a_gate_is_built_in_or_a_plugin() {
        let text = "gates = [\"rate:2\", \"guard\", \"far/guard2.wasm\", \"load\", \"guard\"]\n\
                    [plugins.guard]\npath = \"g.wasm\"\n[plugins.load]\npath = \"l.wasm\"\n";
        let config = config(text).expect("legal");
        let mut specs = Vec::new();
        let gates = pick(&config, &mut specs, &config.gates()).expect("found");
        let places: Vec<Option<usize>> = gates
            .iter()
            .map(|gate| match gate {
                PickedGate::BuiltIn(_) => None,
                PickedGate::Plugin(place) => Some(*place),
            })
            .collect();
        assert_eq!(places, [None, Some(0), Some(1), Some(2), Some(0)]);
        let paths: Vec<&Path> = specs.iter().map(|spec| spec.path.as_path()).collect();
        let expected = ["/srv/g.wasm", "/srv/far/guard2.wasm", "/srv/l.wasm"];
        assert_eq!(paths, expected.map(Path::new));
    }

    // J22
    #[test]
    fn a_gate_that_is_none_is_told_where_it_stands() {
        let error = config("slots = 1\ngates = [\"load:4\", \"load:high\"]").expect_err("wrong");
        assert_eq!(
            error.one_line(),
            "wodehost.toml:2: gates cannot be used: load: `high` is not a number; write for \
             example `load:4`"
        );
        let text = said(&config("\ngates = [\"laod:1.5\"]").expect("found out later"));
        assert!(
            text.starts_with("error: wodehost.toml:2: gates cannot be used\n  `laod:1.5` is no"),
            "{text}"
        );
        assert!(text.ends_with("hint: did you mean `load`?\n"), "{text}");
    }

    // J22
    #[test]
    fn an_unknown_gate_gets_a_suggestion() {
        let with = |gate: &str| {
            let file = config("[plugins.guard]\npath = \"g.wasm\"\n").expect("legal");
            said(&Config::new(
                file.path,
                file.file,
                Layer::default(),
                of_flags(&[gate]),
            ))
        };
        let text = with("gaurd");
        assert!(text.contains("no plugin is called `gaurd`"), "{text}");
        assert!(text.contains("hint: did you mean `guard`?"), "{text}");
        let text = with("rate");
        assert!(
            text.ends_with("hint: the built-in gate is written rate:N, rate:N/s or rate:N/m\n"),
            "{text}"
        );
        assert!(with("mem:1GiB").contains("did you mean `mem-free`?"));
    }
}
