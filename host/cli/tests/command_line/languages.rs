//! Plugins in seven languages: the SDKs' conformance plugins, the examples, a chain through
//! all of them, and `new` and `build`.
//!
//! `cargo xtask languages` builds them. Without, those of other languages than Rust are not
//! there, and are left out; where `LANGUAGES_TO_TEST` says `all` they have to be there.

use crate::tool::{Said, feed, guest, quietly, say, say_in, wodehost};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use wodehost_tests::workspace;

const LANGUAGES: [&str; 7] = [
    "rust",
    "python",
    "javascript",
    "typescript",
    "go",
    "c",
    "cpp",
];

/// Whether all of them have to be there.
fn needs_all() -> bool {
    std::env::var_os("LANGUAGES_TO_TEST").is_some_and(|which| which == "all")
}

/// The languages whose conformance plugins are there, and these.
fn conformance() -> Vec<(&'static str, PathBuf)> {
    let all = LANGUAGES.map(|language| {
        let folder = workspace()
            .join("guest-sdk")
            .join(language)
            .join("conformance");
        let path = match language {
            "rust" => PathBuf::from(guest("conformance_rust")),
            _ => folder.join(format!("conformance-{language}.wasm")),
        };
        (language, path)
    });
    let there = all.into_iter().filter(|(_, path)| path.is_file());
    let there: Vec<_> = there.collect();
    assert!(!needs_all() || there.len() == LANGUAGES.len(), "{there:?}");
    there
}

/// Checks that the plugin may leave out: what its language cannot do.
fn may_lack(language: &str) -> &'static [&'static str] {
    match language {
        "rust" => &["cyclic", "huge", "unsupported"],
        "javascript" | "typescript" => &["exit"],
        "c" => &["huge", "throw-in-cause"],
        "cpp" => &["cyclic", "huge", "throw-in-cause", "unsupported"],
        _ => &[],
    }
}

#[test]
fn every_sdk_conforms_to_the_contract() {
    for (language, path) in conformance() {
        let path = path.to_str().unwrap();
        let said = say(&["check", path, "--conformance", "-o", "json"]);
        let report: Value = serde_json::from_str(&said.out).unwrap();
        let passed = report["passed"].as_u64().unwrap();
        assert!(
            said.code == Some(0) && report["failed"] == 0 && passed > 840,
            "{language}: {}",
            say(&["check", path, "--conformance"]).out
        );
        assert_eq!(report["language"], language);
        assert_eq!(said.err, "", "{language}");
        let groups = report["groups"].as_array().unwrap().iter();
        let checks = groups.flat_map(|group| group["checks"].as_array().unwrap());
        let lacking = checks.filter(|check| check["verdict"] == "not-run");
        let lacking: Vec<&str> = lacking
            .map(|check| check["why"].as_str().unwrap())
            .collect();
        for why in &lacking {
            let known = may_lack(language);
            assert!(
                known.iter().any(|lack| why.contains(&format!("`{lack}`"))),
                "{language}: {why}"
            );
        }
    }
}

// The suite can fail.
#[test]
fn a_plugin_that_does_not_conform_is_told_how() {
    let flawed = guest("conformance_flawed");
    let said = say(&["check", &flawed, "--conformance"]).exits(20);
    for line in [
        "FAILED  values, byte for byte",
        "failed: echo of f64 1.0: expected 1.0, came success (returned) with 1",
        "failed: NaN is a float: ",
        "failed: the state is an empty map at first: ",
        "not run: an array that holds itself is refused: nowhere lacks `cyclic`",
    ] {
        assert!(said.out.contains(line), "{line}\n{}", said.out);
    }
    assert!(!said.out.contains("echo of int 1:"), "{}", said.out);
}

#[test]
fn of_any_other_plugin_what_holds_for_all_is_checked() {
    let said = say(&["check", &guest("double"), "--conformance"]).exits(0);
    assert!(said.out.contains("ok      any plugin"), "{}", said.out);
    assert!(
        said.out.contains("only what holds for any plugin was checked: its answer to the request `describe` is a failure (error)"),
        "{}",
        said.out
    );
}

/// `NAME: HEX HEX*N …`.
fn vectors() -> Vec<(String, Vec<u8>)> {
    let text = fs::read_to_string(workspace().join("guest-sdk/vectors.txt")).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, hex) = line.split_once(": ").unwrap();
            let mut bytes = Vec::new();
            for word in hex.split_whitespace() {
                let (hex, times) = word.split_once('*').unwrap_or((word, "1"));
                let once: Vec<u8> = (0..hex.len())
                    .step_by(2)
                    .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
                    .collect();
                bytes.extend(once.repeat(times.parse().unwrap()));
            }
            (name.to_owned(), bytes)
        })
        .collect()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A short text as MessagePack.
fn text(text: &str) -> Vec<u8> {
    [&[0xa0 | text.len() as u8], text.as_bytes()].concat()
}

/// `{"do": "through", "with": [value, workers]}`.
fn through(value: &[u8], workers: &[&str]) -> Vec<u8> {
    let mut job = [
        [0x82].as_slice(),
        &text("do"),
        &text("through"),
        &text("with"),
        &[0x92],
    ]
    .concat();
    job.extend_from_slice(value);
    job.push(0x90 | workers.len() as u8);
    job.extend(workers.iter().flat_map(|worker| text(worker)));
    job
}

// A producer in one language, a chain of workers in all, a consumer in another: each value
// comes out as it went in.
#[test]
fn every_vector_goes_through_all_languages_unharmed() {
    let there = conformance();
    let names: Vec<&str> = there.iter().map(|(language, _)| *language).collect();
    // Each language is the first of the chain, the producer and the consumer once.
    for turn in 0..names.len() {
        let mut chain = names.clone();
        chain.rotate_left(turn);
        let (first, rest) = chain.split_first().unwrap();
        let (producer, consumer) = (chain[chain.len() / 2], chain[chain.len() - 1]);
        let folder = tempfile::tempdir().unwrap();
        // A line of the log has an end, and so has what `wodehost.toml` should hold.
        let vectors: Vec<_> = vectors()
            .into_iter()
            .filter(|(_, bytes)| bytes.len() < 1024)
            .collect();
        let requests: Vec<String> = vectors
            .iter()
            .map(|(_, bytes)| format!("\"{}\"", base64(&through(bytes, rest))))
            .collect();
        let mut file = format!(
            "[run]\nproducer = \"producer\"\nworkers = {names:?}\nconsumer = \"consumer\"\n"
        );
        for (language, path) in &there {
            let _ = write!(
                file,
                "[plugins.{language}]\npath = {path:?}\nallow.submit = {names:?}\n"
            );
            if *language == producer {
                let requests = requests.join(",");
                let _ = write!(
                    file,
                    "[plugins.producer]\npath = {path:?}\nconfig.workers = [{first:?}]\nconfig.requests = [{requests}]\n"
                );
            }
            if *language == consumer {
                let _ = write!(file, "[plugins.consumer]\npath = {path:?}\n");
            }
        }
        fs::write(folder.path().join("wodehost.toml"), file).unwrap();
        let said = say_in(folder.path(), &["run", "-v"]).exits(0);
        let lines = said
            .err
            .lines()
            .filter_map(|line| line.split_once(" outcome "));
        let came: BTreeSet<&str> = lines.map(|(_, line)| line).collect();
        assert_eq!(came.len(), vectors.len(), "{chain:?}");
        for ((name, bytes), request) in vectors.iter().zip(&requests) {
            let request = request.trim_matches('"');
            let due = format!("{request} {first} success returned {}", base64(bytes));
            assert!(came.contains(due.as_str()), "{name} through {chain:?}");
        }
    }
}

/// An example plugin, if it is there.
fn example(name: &str) -> Option<String> {
    let path = workspace()
        .join("plugins")
        .join(name)
        .join(format!("{name}.wasm"));
    assert!(!needs_all() || path.is_file(), "{}", path.display());
    path.is_file().then(|| path.to_str().unwrap().to_owned())
}

#[test]
fn the_examples_do_what_their_languages_are_loved_for() {
    if let Some(markdown) = example("markdown") {
        let said = say(&["call", &markdown, "\"# Wodehost\\n\\nA *host*.\""]).exits(0);
        assert!(
            said.out.contains("<h1") && said.out.contains("<em>host</em>"),
            "{said:?}"
        );
    }
    if let Some(gofmt) = example("gofmt") {
        let said = say(&["call", &gofmt, r#"{"source": "package  a\nfunc f( ) {}"}"#]).exits(0);
        assert!(said.out.contains(r"package a\n\nfunc f() {}\n"), "{said:?}");
        let said = say(&["call", &gofmt, r#"{"source": "package"}"#, "--retries", "0"]).exits(10);
        assert!(said.err.contains("1:8"), "{said:?}");
    }
    if let Some(qrcode) = example("qrcode") {
        let said = say(&["call", &qrcode, r#"{"text": "wodehost"}"#]).exits(0);
        assert!(said.out.contains("<svg"), "{said:?}");
    }
    if let Some(validate) = example("validate") {
        let schema = r#"schema={"properties": {"email": {"type": "string", "format": "email"}}}"#;
        let arguments = ["map", &validate, "--retries", "0", "--set", schema];
        let input = "{\"email\": \"ada@example.org\"}\n{\"email\": \"ada\"}\n";
        let said = feed(&arguments, input).exits(10);
        let lines: Vec<&str> = said.out.lines().collect();
        assert_eq!(lines[0], r#"{"email":"ada@example.org"}"#);
        assert!(lines[1].contains("must match format"), "{said:?}");
    }
    if let Some(xpath) = example("xpath") {
        let menu = r#"{"xml": "<menu><tea price='2'>Assam</tea><tea price='3'>Earl Grey</tea></menu>",
            "select": {"sum": "sum(//@price)", "teas": "//tea"}}"#;
        say(&["call", &xpath, menu])
            .exits(0)
            .prints("{\"sum\":[\"5\"],\"teas\":[\"Assam\",\"Earl Grey\"]}\n");
        failure(&xpath, r#"{"xml": "<a>\n<b></a>", "select": "//b"}"#)
            .complains("line 2: Start-end tags mismatch");
        failure(&xpath, r#"{"xml": "<a/>", "select": "//b["}"#)
            .complains("`//b[` at 4: Unrecognized node test");
    }
    if let Some(cronnext) = example("cronnext") {
        // A Friday, and the Monday after it.
        let question = r#"{"cron": "0 9 * * MON-FRI", "from": "2026-12-24T12:00:00Z", "count": 2}"#;
        say(&["call", &cronnext, question])
            .exits(0)
            .prints("[{\"$ext\":[-1,\"ay4wkA==\"]},{\"$ext\":[-1,\"azIlEA==\"]}]\n");
        failure(&cronnext, r#"{"cron": "0 25 * * *"}"#).complains("Invalid value for hour: 25");
        failure(&cronnext, r#"{"cron": "0 9 * * *", "count": 0}"#).complains("count: Too small");
    }
}

/// Where tools are that `cargo xtask languages` installed.
fn tools() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    target
        .map_or_else(|| workspace().join("target"), PathBuf::from)
        .join("tools")
}

/// Builds a project with the tools that are there; none where they are not.
fn build(folder: &Path) -> Option<Said> {
    let mut build = wodehost(&["build"]);
    build.arg("--tools").arg(tools()).arg(folder);
    if !needs_all() {
        build.arg("--no-install");
    }
    // Go keeps things of its own in that folder.
    build.env_remove("XDG_CONFIG_HOME");
    // Cargo builds the SDK once for all tests.
    build.env("CARGO_TARGET_DIR", workspace().join("target/xtask/new"));
    let said = Said::from(build.output().unwrap());
    let is_missing = said.code == Some(3) && said.err.contains("would have to be installed");
    (!is_missing).then_some(said)
}

#[test]
fn a_new_project_of_every_language_and_role_builds_at_once_and_works() {
    let folder = tempfile::tempdir().unwrap();
    for language in LANGUAGES {
        let path = |role: &str| folder.path().join(language).join(role);
        for role in ["worker", "producer", "consumer"] {
            let path = path(role);
            say(&[
                "new",
                "--lang",
                language,
                "--role",
                role,
                path.to_str().unwrap(),
            ])
            .exits(0);
        }
        let Some(built) = build(&path("worker")) else {
            continue;
        };
        built.exits(0);
        let component = path("worker").join("worker.wasm");
        let component = component.to_str().unwrap();
        say(&["call", component, r#"{"name": "Ada"}"#])
            .exits(0)
            .prints("\"Hello, Ada!\"\n");
        // The other two have no types when they run.
        if !["javascript", "typescript"].contains(&language) {
            say(&["call", component, r#"{"age": 7}"#, "--retries", "0"]).exits(10);
        }
        if language == "python" || language == "typescript" {
            // Python takes its time, and TypeScript is JavaScript.
            continue;
        }
        for role in ["producer", "consumer"] {
            build(&path(role)).unwrap().exits(0);
        }
        let file = "[run]\nproducer = \"producer\"\nworkers = [\"worker\"]\nconsumer = \"consumer\"\n\
             [plugins.producer]\npath = \"producer/producer.wasm\"\nconfig.worker = \"worker\"\n\
             [plugins.worker]\npath = \"worker/worker.wasm\"\n\
             [plugins.consumer]\npath = \"consumer/consumer.wasm\"\n";
        let place = folder.path().join(language);
        fs::write(place.join("wodehost.toml"), file).unwrap();
        let said = say_in(&place, &["run", "-v"]).exits(0);
        assert!(
            said.err.contains("3 succeeded") && said.err.contains("consumer"),
            "{said:?}"
        );
        // Nothing has changed.
        if language != "rust" {
            build(&path("worker"))
                .unwrap()
                .exits(0)
                .complains("worker.wasm is up to date");
        }
    }
}

#[test]
fn a_folder_that_is_taken_and_a_name_that_is_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    fs::create_dir(&taken).unwrap();
    fs::write(taken.join("notes"), "mine").unwrap();
    say(&["new", taken.to_str().unwrap()])
        .exits(2)
        .complains("is there already");
    assert_eq!(fs::read_dir(&taken).unwrap().count(), 1);
    say_in(folder.path(), &["new", "Hello World"])
        .exits(2)
        .complains("cannot be called `Hello World`");
    say_in(folder.path(), &["new", "--lang", "cobol", "a"])
        .exits(2)
        .complains("[possible values: rust, python");
    say_in(folder.path(), &["build", "nowhere"])
        .exits(3)
        .complains("`wodehost new NAME` makes one");
}

/// A project of a language, and a folder with programs that stand for the machine's.
fn project(language: &str) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (project, programs) = (folder.path().join("hello"), folder.path().join("bin"));
    say(&["new", "--lang", language, project.to_str().unwrap()]).exits(0);
    fs::create_dir(&programs).unwrap();
    (folder, project, programs)
}

fn build_with(programs: &Path, project: &Path) -> Said {
    let mut build = wodehost(&["build", project.to_str().unwrap()]);
    build.env_remove("XDG_CONFIG_HOME");
    Said::from(build.env("PATH", programs).output().unwrap())
}

#[test]
fn a_missing_tool_is_named_with_how_to_get_it() {
    for (language, title, hint) in [
        ("rust", "Rust 1.85 or later", "rustup"),
        ("python", "Python 3.10 or later", "apt-get install python3"),
        ("javascript", "Node 20.0 or later", "nodejs.org"),
        ("typescript", "Node 20.0 or later", "nodejs.org"),
        ("go", "Python 3.10 or later", "apt-get install python3"),
        ("c", "Python 3.10 or later", "apt-get install python3"),
        ("cpp", "Python 3.10 or later", "apt-get install python3"),
    ] {
        let (_folder, project, programs) = project(language);
        build_with(&programs, &project)
            .exits(3)
            .complains(&format!("needs {title}"))
            .complains("there is no `")
            .complains(hint);
    }
}

#[test]
fn a_tool_that_is_too_old_is_named_with_its_version() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, project, programs) = project("python");
    let python = programs.join("python3");
    fs::write(&python, "#!/bin/sh\necho Python 3.8.1\n").unwrap();
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
    build_with(&programs, &project)
        .exits(3)
        .complains("`python3` is 3.8.1");
}

#[test]
fn a_build_that_fails_says_all_that_the_compiler_says() {
    for (language, file, wrong, said) in [
        ("rust", "src/lib.rs", "fn hello( {", "src/lib.rs:1"),
        ("c", "plugin.c", "int hello( {", "plugin.c:1"),
        ("go", "main.go", "package main\nfunc hello( {", "main.go:2"),
        ("javascript", "plugin.js", "export default (", "plugin.js:1"),
        ("python", "app.py", "def hello(:\n", "SyntaxError"),
    ] {
        let (_folder, project, _) = project(language);
        fs::write(project.join(file), wrong).unwrap();
        let Some(built) = build(&project) else {
            continue;
        };
        built
            .exits(20)
            .complains(said)
            .complains("`hello` cannot be built");
        assert!(!project.join("hello.wasm").exists());
    }
}

#[test]
fn a_role_that_is_there_and_not_promised_is_an_error() {
    let (_folder, project, _) = project("c");
    let more = "#include \"sdk/wodehost.h\"\nWODE_GATE()\n{\n    return WODE_GO;\n}\n";
    fs::write(project.join("gate.c"), more).unwrap();
    if let Some(built) = build(&project) {
        built.exits(20).complains("does not say that it is a gate");
    }
}

#[test]
fn builds_of_one_project_at_the_same_time_wait_for_each_other() {
    for language in ["c", "go", "python"] {
        let (_folder, project, _) = project(language);
        let said: Vec<_> = std::thread::scope(|scope| {
            let builds = [0, 1, 2].map(|_| scope.spawn(|| build(&project)));
            builds
                .map(|build| build.join().unwrap())
                .into_iter()
                .flatten()
                .collect()
        });
        let anew = said
            .iter()
            .filter(|said| said.err.contains("built "))
            .count();
        assert!(said.is_empty() || anew == 1, "{said:?}");
        for said in said {
            said.exits(0);
        }
    }
}

#[test]
fn an_error_of_a_producer_is_shown_with_its_own_trace() {
    let there = conformance();
    let Some((_, path)) = there.iter().find(|(language, _)| *language == "python") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = format!(
        "[run]\nproducer = \"producer\"\nworkers = [\"worker\"]\n[plugins.worker]\npath = {path:?}\n\
         [plugins.producer]\npath = {path:?}\nconfig.workers = [\"worker\"]\nconfig.requests = [\"wA==\"]\n\
         config.throw-at = 0\n"
    );
    fs::write(folder.path().join("wodehost.toml"), file).unwrap();
    let said = say_in(folder.path(), &["run"])
        .exits(14)
        .complains("as configured");
    assert!(said.err.contains("conformance_deep"), "{said:?}");
}

#[test]
fn a_role_that_is_promised_and_not_there_is_an_error() {
    let (_folder, project, _) = project("c");
    let file = project.join("plugin.toml");
    let text = fs::read_to_string(&file)
        .unwrap()
        .replace("worker", "consumer");
    fs::write(file, text).unwrap();
    if let Some(built) = build(&project) {
        built
            .exits(20)
            .complains("exports no `consume`, which a consumer has");
    }
}

/// What a job's failure says.
fn failure(path: &str, request: &str) -> Said {
    feed(&["call", path, "-", "--retries", "0"], request).exits(10)
}

#[test]
fn an_exception_is_shown_with_its_own_trace() {
    for (language, path) in conformance() {
        let path = path.to_str().unwrap();
        let said = failure(path, r#"{"do": "throw", "with": "a dark night"}"#);
        assert!(
            said.err.contains("a dark night"),
            "{language}: {}",
            said.err
        );
        let plain = said.err.to_lowercase().replace('_', "");
        assert!(
            plain.contains("conformancedeep") || said.err.contains("ends.rs:"),
            "{language}: {}",
            said.err
        );
        if !may_lack(language).contains(&"throw-in-cause") {
            failure(path, r#"{"do": "throw-in-cause", "with": "the root"}"#).complains("the root");
        }
    }
}

/// The sections of the page with their titles.
fn sections(page: &str) -> Vec<(&str, &str)> {
    let sections = page.split("\n## ").skip(1);
    sections
        .filter_map(|section| section.split_once('\n'))
        .collect()
}

/// The fenced blocks of a text: language and content.
fn fenced(text: &str) -> Vec<(&str, &str)> {
    let blocks = text.split("\n```").skip(1).step_by(2);
    blocks.filter_map(|block| block.split_once('\n')).collect()
}

// The page shows the templates, and its commands print what stands below them.
#[test]
fn the_page_about_plugins_shows_what_its_commands_print() {
    let page = fs::read_to_string(workspace().join("docs/plugins.md")).unwrap();
    let there: Vec<&str> = conformance()
        .iter()
        .map(|(language, _)| *language)
        .collect();
    let mut ran = Vec::new();
    for (title, text) in sections(&page) {
        let blocks = fenced(text);
        let Some(at) = blocks.iter().position(|(language, _)| *language == "sh") else {
            continue;
        };
        let (script, shown) = (blocks[at].1, format!("{}\n", blocks[at + 1].1));
        let mut wanted = script
            .split("--lang ")
            .skip(1)
            .filter_map(|rest| rest.split(' ').next());
        if !wanted.all(|language| there.contains(&language)) {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let said = shell(script, folder.path());
        assert_eq!(said.out, shown, "{title}: {}", said.err);
        if let Some((_, source)) = blocks[..at].first() {
            let file = text.trim_start().split('`').nth(1).unwrap();
            let template = fs::read_to_string(folder.path().join(file)).unwrap();
            assert_eq!(format!("{source}\n"), template, "{title}");
            let lines = source.lines().filter(|line| !line.is_empty()).count();
            assert!(lines <= 15, "{title}: {lines} lines");
        }
        ran.push(title);
    }
    assert!(
        ran.contains(&"Rust") && (!needs_all() || ran.len() == 8),
        "{ran:?}"
    );
}

/// A shell in this folder that finds `wodehost` and the tools.
fn shell(script: &str, folder: &Path) -> Said {
    let program = wodehost(&[]);
    let programs = Path::new(program.get_program()).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut shell = quietly(std::process::Command::new("sh"));
    shell
        .args(["-ec", script])
        .current_dir(folder)
        .env_remove("XDG_CONFIG_HOME")
        .env("PATH", path)
        .env("WODEHOST_TOOLS", tools())
        .env("CARGO_TARGET_DIR", workspace().join("target/xtask/new"));
    Said::from(shell.output().unwrap())
}
