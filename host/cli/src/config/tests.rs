//! Layers, their order, and what comes of them.

use super::*;
use crate::flags::{CacheFlags, LimitFlags, LimitText, PluginFlags, SlotFlags};
use crate::job_flags::JobFlags;
use keys::Shape;
use wodehost::limits::LIMITS;
use wodehost::task::{OptionShape, Recorded};
use wodehost::{Limits, Profile};

fn file_layer(text: &str) -> Layer {
    let (file, places) = read_config("wodehost.toml", text).expect("legal");
    Layer::of_file(file, &places, Path::new("/srv")).expect("legal")
}

fn from_file(text: &str) -> Config {
    let path = Some(PathBuf::from("wodehost.toml"));
    Config::new(path, file_layer(text), Layer::default(), Layer::default())
}

fn env_layer(vars: &[(&str, &str)]) -> Layer {
    let vars: Vec<(String, String)> = vars
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    Layer::of_env(&vars, Path::new("/cwd")).expect("legal").0
}

fn flag_layer(slots: Option<u32>, limits: &[(Limit, u64)]) -> Layer {
    let slots = SlotFlags {
        slots: slots.map(Count::Of),
        ..SlotFlags::default()
    };
    let given = limits
        .iter()
        .map(|(l, v)| (*l, LimitText::Value(*v)))
        .collect();
    let job = JobFlags::default();
    Layer::of_flags(&slots, &CacheFlags::default(), &LimitFlags { given }, &job)
}

fn refer(text: &str) -> Reference {
    Reference::argument(text)
}

fn wanted(references: &[Reference]) -> Vec<Wanted> {
    let wanted = |reference: &Reference| Wanted {
        reference: reference.clone(),
        has_jobs: true,
    };
    references.iter().map(wanted).collect()
}

/// Behind no gates but those of the configuration.
fn pick(config: &Config, flags: &PluginFlags, wanted: &[Wanted]) -> Result<Picked, Error> {
    super::pick(config, flags, wanted, &config.gates())
}

const PIPELINE: &str = r#"
slots = 2
[limits]
memory = "64MiB"
keepalive = 1.5
[run]
producer = "list"
workers = ["scale", "other=far.wasm"]
[plugins.list]
path = "list.wasm"
allow.read = ["samples::/images"]
limits.memory = "32MiB"
[plugins.list.config]
folder = "/images"
deep = {a = 1}
[plugins.scale]
path = "scale.wasm"
"#;

#[test]
fn the_defaults_file_says_what_is_built_in() {
    let config = from_file(DEFAULTS);
    let built_in = Config::default();
    assert_eq!(config.slots().value, built_in.slots().value);
    assert_eq!(config.live().value, built_in.live().value);
    assert_eq!(config.cache().value, built_in.cache().value);
    assert_eq!(config.grace_nanos().value, built_in.grace_nanos().value);
    assert_eq!(config.jobserver().value, built_in.jobserver().value);
    assert_eq!(config.profile(), built_in.profile());
    assert_eq!(config.halt().value, built_in.halt().value);
    assert!(config.gates().value.is_empty() && built_in.gates().value.is_empty());
    assert_eq!(config.metered().value, built_in.metered().value);
    for info in &LIMITS {
        assert_eq!(config.limit(info.limit).value, info.default, "{}", info.key);
        assert!(
            matches!(config.limit(info.limit).source, Source::File { .. }),
            "{} is missing in defaults.toml",
            info.key
        );
    }
}

#[test]
fn the_commented_example_in_the_defaults_file_is_legal() {
    let (before, example) = DEFAULTS.split_once("[plugins]\n").expect("there");
    let example: String = example
        .lines()
        .filter_map(|line| line.strip_prefix("# ").filter(|l| l.contains(['=', '['])))
        .fold(String::new(), |text, line| text + line + "\n");
    let config = from_file(&format!("{before}{example}"));
    assert_eq!(config.plugin_names(), ["list"]);
}

#[test]
fn flags_beat_variables_beat_the_file_beat_the_defaults() {
    let file = "slots = 2\nlimits.memory = \"1MiB\"\nlimits.value = \"2MiB\"";
    let env = [("WODEHOST_SLOTS", "3"), ("WODEHOST_MEMORY", "3MiB")];
    let flags = flag_layer(Some(7), &[]);
    let config = Config::new(None, file_layer(file), env_layer(&env), flags);
    assert_eq!(config.slots(), Sourced::new(7, Source::Flag("slots")));
    let memory = config.limit(Limit::Memory);
    assert_eq!(
        memory,
        Sourced::new(3 << 20, Source::Env("WODEHOST_MEMORY".into()))
    );
    assert_eq!(
        config.limit(Limit::Value).source.to_string(),
        "wodehost.toml:3"
    );
    assert_eq!(config.limit(Limit::State).source, Source::Default);
}

#[test]
fn a_plugins_own_limit_beats_the_common_one_but_not_a_flag() {
    let config = from_file(PIPELINE);
    assert_eq!(config.limit_of("list", Limit::Memory).value, 32 << 20);
    assert_eq!(config.limit_of("scale", Limit::Memory).value, 64 << 20);
    assert_eq!(
        config.limit_of("scale", Limit::Keepalive).value,
        1_500_000_000
    );
    let flags = flag_layer(None, &[(Limit::Memory, 5 << 20)]);
    let config = Config::new(None, file_layer(PIPELINE), Layer::default(), flags);
    assert_eq!(config.limit_of("list", Limit::Memory).value, 5 << 20);
}

#[test]
fn a_budget_from_a_stronger_layer_switches_fuel_on_again() {
    let file = || file_layer("limits.fuel = \"off\"");
    let config = Config::new(None, file(), Layer::default(), Layer::default());
    assert!(!config.metered().value);
    let flags = flag_layer(None, &[(Limit::Fuel, 1000)]);
    let config = Config::new(None, file(), Layer::default(), flags);
    assert!(config.metered().value);
    assert_eq!(config.limit(Limit::Fuel).value, 1000);
}

#[test]
fn paths_and_folders_begin_at_the_file() {
    let config = from_file(PIPELINE);
    let references = [
        refer("list"),
        config.workers().expect("there").value[1].clone(),
    ];
    let specs = pick(&config, &PluginFlags::default(), &wanted(&references))
        .expect("legal")
        .specs;
    assert_eq!(specs[0].path, Path::new("/srv/list.wasm"));
    assert_eq!(specs[0].says.read[0].value.host, Path::new("/srv/samples"));
    assert_eq!(specs[0].says.read[0].source.to_string(), "wodehost.toml:11");
    assert_eq!(
        (specs[1].name.as_str(), specs[1].path.as_path()),
        ("other", Path::new("/srv/far.wasm"))
    );
    assert_eq!(
        specs[0].config().to_json(),
        r#"{"deep":{"a":1},"folder":"/images"}"#
    );
}

#[test]
fn flags_go_to_the_plugin_they_name() {
    let config = from_file(PIPELINE);
    let flags = PluginFlags {
        allow_env: vec!["scale=HOME".into()],
        set: vec!["list.deep.b=[2]".into(), "scale.size=160".into()],
        ..PluginFlags::default()
    };
    let specs = pick(&config, &flags, &wanted(&[refer("list"), refer("scale")]))
        .expect("legal")
        .specs;
    assert_eq!(
        specs[0].config().get("deep").expect("set").to_json(),
        r#"{"a":1,"b":[2]}"#
    );
    assert_eq!(specs[1].config().to_json(), r#"{"size":160}"#);
    assert_eq!(specs[1].says.env[0].value, "HOME");
    assert!(specs[0].says.env.is_empty());
    let vague = PluginFlags {
        allow_env: vec!["HOME".into()],
        ..PluginFlags::default()
    };
    let error =
        pick(&config, &vague, &wanted(&[refer("list"), refer("scale")])).expect_err("vague");
    assert!(error.one_line().contains("does not say for which plugin"));
    pick(&config, &vague, &wanted(&[refer("scale")])).expect("there is only one");
}

#[test]
fn names_that_are_not_known_get_a_suggestion() {
    let config = from_file(PIPELINE);
    let error =
        pick(&config, &PluginFlags::default(), &wanted(&[refer("scal")])).expect_err("unknown");
    let text = anstream::adapter::strip_str(&error.render()).to_string();
    assert!(text.contains("hint: did you mean `scale`?"), "{text}");
    let two = [refer("a/x.wasm"), refer("b/x.wasm")];
    let error = pick(&config, &PluginFlags::default(), &wanted(&two)).expect_err("same name");
    assert_eq!(
        error.one_line(),
        "two plugins are called `x`: a/x.wasm and b/x.wasm"
    );
}

#[test]
fn wrong_values_name_file_line_and_key() {
    let (file, places) =
        read_config("wodehost.toml", "\n[limits]\nmemory = \"inf\"\n").expect("TOML");
    let error = Layer::of_file(file, &places, Path::new("")).expect_err("no `inf` here");
    assert_eq!(
        error.one_line(),
        "wodehost.toml:3: limits.memory cannot be used: this limit cannot be `inf`, at most 4GiB"
    );
    let (file, places) = read_config("wodehost.toml", "[limits]\nkeepalife = 1\n").expect("TOML");
    let error = Layer::of_file(file, &places, Path::new("")).expect_err("unknown");
    assert!(error.render().contains("did you mean `keepalive`?"));
}

#[test]
fn the_profile_is_standard_unless_somebody_says_otherwise() {
    let choice = |file: &str, env: &[(&str, &str)]| {
        let (file, env) = (file_layer(file), env_layer(env));
        let config = Config::new(None, file, env, Layer::default());
        (config.profile_name().source.to_string(), config.profile())
    };
    assert_eq!(choice("", &[]), ("default".into(), Profile::Standard));
    let paranoid = choice("profile = \"paranoid\"", &[]);
    assert_eq!(paranoid, ("wodehost.toml:1".into(), Profile::Paranoid));
    let env = [("WODEHOST_PROFILE", "deterministic")];
    let (source, profile) = choice("profile = \"paranoid\"", &env);
    assert_eq!(source, "WODEHOST_PROFILE");
    assert_eq!(profile, Profile::Deterministic(Recorded::DEFAULT));
    let vars = [("WODEHOST_PROFILE".to_owned(), "fast".to_owned())];
    let error = Layer::of_env(&vars, Path::new("")).expect_err("no profile");
    assert!(
        error
            .render()
            .contains("`fast` is no profile; write standard")
    );
}

// J37
#[test]
fn the_jobserver_is_used_unless_somebody_says_off() {
    let choice = |file: &str, env: &[(&str, &str)]| {
        let (file, env) = (file_layer(file), env_layer(env));
        Config::new(None, file, env, Layer::default()).jobserver()
    };
    assert_eq!(choice("", &[]), Sourced::default(Jobserver::Auto));
    let off = choice("jobserver = \"off\"", &[]);
    assert_eq!(
        (off.value, off.source.to_string().as_str()),
        (Jobserver::Off, "wodehost.toml:1")
    );
    let env = [("WODEHOST_JOBSERVER", "auto")];
    let auto = choice("jobserver = \"off\"", &env);
    assert_eq!(auto.value, Jobserver::Auto);
    let vars = [("WODEHOST_JOBSERVER".to_owned(), "on".to_owned())];
    let error = Layer::of_env(&vars, Path::new("")).expect_err("neither");
    assert!(error.render().contains("`on` is neither `auto` nor `off`"));
    let error = read_config("wodehost.toml", "jobserver = true").expect_err("no text");
    assert!(error.render().contains("jobserver cannot be read"));
}

#[test]
fn variables_that_are_not_ours_are_told() {
    let vars = [("WODEHOST_SLOTTS".to_owned(), "1".to_owned())];
    let (_, unknown) = Layer::of_env(&vars, Path::new("")).expect("only odd");
    assert_eq!(unknown, ["WODEHOST_SLOTTS"]);
    let vars = [("WODEHOST_SLOTS".to_owned(), "many".to_owned())];
    let error = Layer::of_env(&vars, Path::new("")).expect_err("no count");
    assert!(error.one_line().contains("WODEHOST_SLOTS"));
}

#[test]
fn what_is_shown_reads_back_as_the_same() {
    let shown = as_toml(&from_file(PIPELINE));
    assert!(
        shown.contains("slots = 2                           # wodehost.toml:2\n"),
        "{shown}"
    );
    assert!(
        shown.contains("memory = \"32MiB\"                    # wodehost.toml:12\n"),
        "{shown}"
    );
    let again = as_toml(&from_file(&shown));
    let values = |text: &str| -> Vec<String> {
        text.lines()
            .map(|l| l.split("  #").next().unwrap_or(l).to_owned())
            .collect()
    };
    assert_eq!(values(&shown), values(&again));
}

#[test]
fn the_table_of_keys_is_what_the_reader_knows() {
    for key in KEYS.iter() {
        let value = match (key.shape, key.default.as_str()) {
            (Shape::Text | Shape::Job(OptionShape::Text), _) => "\"x\"",
            (Shape::Job(_), "") => "\"jq:.\"",
            (Shape::Limit(_), "") => "1",
            (_, default) => default,
        };
        let text = format!("{} = {value}", key.path);
        let (file, places) = read_config("wodehost.toml", &text).expect("a known key");
        if !matches!(key.shape, Shape::Job(_)) || !key.default.is_empty() {
            Layer::of_file(file, &places, Path::new("/srv")).expect("a value that is taken");
        }
    }
}

#[test]
fn limits_come_through_unchanged() {
    let config = Config::default();
    let spec = &pick_one(&config, &PluginFlags::default(), "x.wasm").expect("a file")[0];
    assert_eq!(spec.limits(), Limits::default());
    assert!(spec.grants().0.is_empty());
}

#[test]
fn what_is_shown_of_a_plugin_has_each_table_once() {
    let text = "[plugins.a]\npath = \"a.wasm\"\nmax-running = 2\n\
        allow.env = [\"HOME\"]\nlimits.memory = \"1MiB\"\n";
    let shown = as_toml(&from_file(text));
    assert_eq!(shown.matches("[plugins.a]\n").count(), 1, "{shown}");
    let again = from_file(&shown);
    assert_eq!(
        again.file.plugins["a"]
            .running_max
            .as_ref()
            .expect("said")
            .value,
        2
    );
}

#[test]
fn a_name_that_looks_like_a_number_is_shown_as_a_text() {
    let shown = as_toml(&from_file(
        "job = { group = \"7\", singleton = \"true\" }\n",
    ));
    assert!(shown.contains("group = \"7\" "), "{shown}");
    // It reads back.
    assert!(as_toml(&from_file(&shown)).contains("singleton = \"true\" "));
}
