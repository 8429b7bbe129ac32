//! Files that are no plugin: each told apart, with its own code and hint.

use std::io::Write;
use std::path::{Path, PathBuf};
use wodehost::plugin::{Folder, PluginError};
use wodehost::{Grants, PluginSource, Runtime, RuntimeConfig};
use wodehost_tests::{guest, load, runtime};

fn refused(path: impl Into<PathBuf>) -> PluginError {
    runtime().load(PluginSource::file(path)).unwrap_err()
}

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::with_suffix(".wasm").unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn assembled(text: &str) -> tempfile::NamedTempFile {
    file(&wat::parse_str(text).unwrap())
}

#[test]
fn files_that_are_no_component_are_told_apart() {
    let table: &[(&[u8], &str, &str)] = &[
        (b"", "not-a-component", "an empty file"),
        (b"hello there", "not-a-component", "a text file"),
        (b"\x1f\x8b\x08\0", "not-a-component", "a gzip file"),
        (
            b"\x7fELF\x02\x01",
            "not-a-component",
            "never loaded from outside",
        ),
        (b"(module)", "not-a-component", "WebAssembly text"),
        (
            b"\0asm\x01\0\0\0",
            "not-a-component",
            "a WebAssembly core module",
        ),
        (b"\0asm\x0d\0", "not-a-component", "damaged header"),
        (b"\0asm\x0d\0\x01\0\xff\xff", "bad-component", "damaged"),
    ];
    for (bytes, code, part) in table {
        let error = refused(file(bytes).path());
        assert_eq!(error.code(), *code, "{error}");
        assert!(error.to_string().contains(part), "{error}");
        assert!(!error.hint().is_empty());
    }
    assert_eq!(refused("/no/such/file.wasm").code(), "unreadable");
    assert_eq!(refused("/").code(), "unreadable");
}

#[test]
fn damaged_components_are_refused_and_never_crash() {
    let good = std::fs::read(guest("echo")).unwrap();
    for cut in [9, 100, good.len() / 2, good.len() - 1] {
        let error = refused(file(&good[..cut]).path());
        assert_eq!(error.code(), "bad-component", "cut at {cut}: {error}");
    }
    // Any flipped bit: an error or, where it changes nothing that is checked, a plugin.
    let mut seen = 0;
    for place in (8..good.len()).step_by(good.len() / 40) {
        let mut bytes = good.clone();
        bytes[place] ^= 0x41;
        if let Err(error) = runtime().load(PluginSource::file(file(&bytes).path())) {
            assert!(
                matches!(
                    error.code(),
                    "bad-component" | "unknown-import" | "wrong-world" | "unsupported-feature"
                ),
                "{error}"
            );
            seen += 1;
        }
    }
    assert!(seen > 5, "most flips are noticed");
}

#[test]
fn a_component_of_another_world_says_what_it_exports() {
    let error = refused(assembled("(component)").path());
    assert_eq!(error.code(), "wrong-world");
    assert!(error.to_string().contains("it exports nothing"), "{error}");
    let wrong_type = assembled(
        r#"(component
            (core module $m (func (export "run") (result i32) i32.const 0))
            (core instance $i (instantiate $m))
            (func (export "run") (result u32) (canon lift (core func $i "run"))))"#,
    );
    let error = refused(wrong_type.path());
    assert_eq!(error.code(), "wrong-world");
    assert!(
        error.to_string().contains("`run` has another type"),
        "{error}"
    );
}

#[test]
fn an_unknown_import_is_named() {
    let error = refused(with_run(r#"(import "evil:corp/secrets@1.0.0" (instance))"#).path());
    assert_eq!(error.code(), "unknown-import");
    assert!(
        error.to_string().contains("evil:corp/secrets@1.0.0"),
        "{error}"
    );
}

#[test]
fn an_import_of_another_shape_is_refused() {
    let import = r#"(import "wodehost:plugin/clock@0.1.0" (instance (export "sleep" (func (param "ms" string)))))"#;
    let error = refused(with_run(import).path());
    assert_eq!(error.code(), "unknown-import");
    assert!(error.to_string().contains("does not fit"), "{error}");
}

/// A component with a `run` of the right type and something more.
fn with_run(more: &str) -> tempfile::NamedTempFile {
    assembled(&format!(
        r#"(component
            {more}
            (core module $m
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024)
                (func (export "run") (param i32 i32) (result i32) unreachable))
            (core instance $i (instantiate $m))
            (func (export "run") (param "job" (list u8)) (result (result (list u8) (error (list u8))))
                (canon lift (core func $i "run") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))"#
    ))
}

#[test]
fn a_feature_that_is_off_is_told_from_damage() {
    for (text, feature) in [
        (r"(component (core module (memory i64 1)))", "memory64"),
        (r"(component (core module (memory 1 1 shared)))", "threads"),
        (r"(component (core module (type (struct))))", "gc"),
        (r"(component (core module (table 1 externref)))", "gc"),
        (r"(component (core module (func return_call 0)))", "tail"),
    ] {
        let error = refused(assembled(text).path());
        assert_eq!(error.code(), "unsupported-feature", "{feature}: {error}");
    }
}

#[test]
fn a_plugin_in_the_wrong_place_is_refused() {
    let host = wodehost::Host::builder(runtime())
        .worker(load("tally"))
        .build();
    let error = host.unwrap_err();
    assert_eq!(
        error.to_string(),
        "plugin `tally` cannot be used: this plugin is a consumer, not a worker"
    );
}

#[test]
fn a_granted_folder_has_to_be_there() {
    let grants = Grants {
        read: vec![Folder::parse("/no/such/folder", Path::new("/")).unwrap()],
        ..Grants::none()
    };
    let source = PluginSource::file(guest("echo")).grants(grants);
    let error = runtime().load(source).unwrap_err();
    assert_eq!(error.code(), "bad-config");
}

#[test]
fn compiled_code_is_kept_for_its_owner_and_damage_means_compiling_again() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let load = || {
        let config = RuntimeConfig {
            cache: Some(cache.clone()),
            ..RuntimeConfig::default()
        };
        let runtime = Runtime::new(config).unwrap();
        runtime.load(PluginSource::file(guest("echo"))).unwrap()
    };
    let entries = || -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&cache).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        // Not what is known of the component's file.
        paths
            .filter(|path| path.extension().is_some_and(|ending| ending == "code"))
            .collect()
    };
    load();
    let [entry] = &entries()[..] else {
        panic!("one entry: {:?}", entries());
    };
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&cache), mode(entry)), (0o700, 0o600));
    let written = |path: &Path| std::fs::metadata(path).unwrap().modified().unwrap();
    let first = written(entry);
    load();
    assert_eq!(written(entry), first, "used, not written again");
    std::fs::write(entry, b"\x7fELF nonsense").unwrap();
    load();
    assert_ne!(
        std::fs::read(entry).unwrap(),
        b"\x7fELF nonsense",
        "compiled again"
    );
    // Code that others may write is never run.
    std::fs::set_permissions(entry, std::fs::Permissions::from_mode(0o666)).unwrap();
    load();
    assert_eq!(mode(entry), 0o600, "compiled again and replaced");
}

#[test]
fn a_cache_folder_is_left_as_it_is_and_refused_where_others_may_write() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let runtime_in = |mode: u32| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.path(), permissions).unwrap();
        Runtime::new(RuntimeConfig {
            cache: Some(folder.path().to_owned()),
            ..RuntimeConfig::default()
        })
    };
    let mode = || {
        std::fs::metadata(folder.path())
            .unwrap()
            .permissions()
            .mode()
            & 0o7777
    };
    assert!(runtime_in(0o755).is_ok());
    assert_eq!(mode(), 0o755);
    let error = runtime_in(0o1777).unwrap_err().to_string();
    assert!(error.contains("others may write into it"), "{error}");
    assert_eq!(mode(), 0o1777);
    // Only root can give files away.
    if std::os::unix::fs::chown(folder.path(), Some(54_321), None).is_ok() {
        let error = runtime_in(0o700).unwrap_err().to_string();
        assert!(error.contains("it belongs to somebody else"), "{error}");
    }
}
