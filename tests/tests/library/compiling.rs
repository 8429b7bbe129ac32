//! Compiling in a child: children that answer anything but code, what is remembered of
//! it, and cache entries that something happened to. What the real child does is tried
//! where its program is, in the tests of the command line.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use wodehost::plugin::{CompileLimits, Compiler, CompilerProgram, PluginError};
use wodehost::{EngineConfig, PluginSource, Runtime, RuntimeConfig};
use wodehost_tests::{bombs, guest};

/// A shell as the compiler; it gets the task as `$1` to `$5`.
fn shell(script: &str, limits: CompileLimits) -> Compiler {
    Compiler::Child(CompilerProgram {
        program: "/bin/sh".into(),
        arguments: ["-c", script, "compiler"].map(Into::into).into(),
        limits,
    })
}

fn limits(wall: Duration) -> CompileLimits {
    CompileLimits {
        cpu: Duration::from_secs(7),
        wall,
        memory: 1 << 30,
    }
}

fn patient() -> CompileLimits {
    limits(Duration::from_mins(1))
}

fn runtime_with(compiler: Compiler, cache: Option<&Path>) -> Runtime {
    let config = RuntimeConfig {
        engine: EngineConfig {
            live: 1,
            slots: 1,
            ..EngineConfig::default()
        },
        threads: Some(1),
        cache: cache.map(Path::to_owned),
        compiler,
        ..RuntimeConfig::default()
    };
    Runtime::new(config).unwrap()
}

fn refused(script: &str, limits: CompileLimits, cache: Option<&Path>) -> PluginError {
    let runtime = runtime_with(shell(script, limits), cache);
    runtime.load(PluginSource::file(guest("echo"))).unwrap_err()
}

/// Numbers of the pipes that are open here.
fn pipes() -> usize {
    let entries = std::fs::read_dir("/proc/self/fd").unwrap();
    let target =
        |entry: std::io::Result<std::fs::DirEntry>| std::fs::read_link(entry.ok()?.path()).ok();
    let targets = entries.filter_map(target);
    targets
        .filter(|t| t.to_string_lossy().starts_with("pipe:"))
        .count()
}

#[test]
fn whatever_a_child_does_is_an_error_that_says_what() {
    let before = pipes();
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let table = [
        (":", "compile-failed", "no answer"),
        ("cat >/dev/null", "compile-failed", "no answer"),
        (
            "echo 'some words, and not too few of them'",
            "compile-failed",
            "none of a compiler",
        ),
        ("exec cat /dev/zero", "compile-failed", "none of a compiler"),
        (
            r"printf 'wodecomp\1\0\0AAAAAAAA\1\0\0\0\0\0\0\0x'",
            "compile-failed",
            "other settings",
        ),
        ("kill -9 $$", "compile-failed", "signal 9"),
        ("kill -SEGV $$", "compile-failed", "signal 11"),
        ("exit 3", "compile-failed", "ended with 3"),
        (
            "head -c 1000000 /dev/zero >&2; exit 4",
            "compile-failed",
            "ended with 4",
        ),
        ("kill -ABRT $$", "compile-failed", "signal 6"),
        ("kill -XCPU $$", "compile-limit", "7s of computing time"),
        (
            "echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$",
            "compile-limit",
            "more than 1 GiB of memory",
        ),
        (
            "echo 'thread has overflowed its stack' >&2; kill -ABRT $$",
            "component-too-complex",
            "nested too deep",
        ),
    ];
    for (script, code, part) in table {
        let script = format!("echo $$ >{}; {script}", pid.display());
        let error = refused(&script, patient(), None);
        assert_eq!(error.code(), code, "{script}: {error}");
        assert!(error.to_string().contains(part), "{script}: {error}");
        assert!(!error.hint().is_empty());
        is_gone(&pid);
    }
    let begun = Instant::now();
    while pipes() > before {
        assert!(begun.elapsed() < Duration::from_secs(20), "pipes are left");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The process whose number is in the file was reaped.
fn is_gone(pid: &Path) {
    let pid = std::fs::read_to_string(pid).unwrap();
    let process = PathBuf::from("/proc").join(pid.trim());
    assert!(!process.exists(), "{} is left", process.display());
}

#[test]
fn a_child_that_hangs_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let short = limits(Duration::from_millis(300));
    for script in ["exec sleep 1000", "exec sleep 1000 <&- >&- 2>&-"] {
        let script = format!("echo $$ >{}; {script}", pid.display());
        let begun = Instant::now();
        let error = refused(&script, short, None);
        assert_eq!(error.code(), "compile-limit", "{error}");
        assert!(error.to_string().contains("300ms by the clock"), "{error}");
        assert!(error.hint().contains("compile-time"));
        assert!(begun.elapsed() < Duration::from_mins(1));
        is_gone(&pid);
    }
    // One that has said enough need not be waited for.
    let script = format!("echo $$ >{}; exec sleep 1000 >&-", pid.display());
    let error = refused(&script, patient(), None);
    assert_eq!(error.code(), "compile-failed", "{error}");
    is_gone(&pid);
}

#[test]
fn a_program_that_is_not_there_is_told_and_nothing_is_compiled_here() {
    let compiler = Compiler::Child(CompilerProgram {
        program: "/no/such/program".into(),
        arguments: Vec::new(),
        limits: patient(),
    });
    let runtime = runtime_with(compiler, None);
    let error = runtime.load(PluginSource::file(guest("echo"))).unwrap_err();
    assert_eq!(error.code(), "compile-failed");
    assert!(
        error
            .to_string()
            .contains("/no/such/program cannot be started")
    );
    assert!(error.hint().contains("child process"));
    assert!(runtime.try_compiler().is_err());
}

#[test]
fn a_child_gets_three_pipes_no_environment_and_its_task() {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    let script = format!(
        "exec >{}; pwd; echo \"$@\"; wc -c </proc/$$/environ; exec ls -l /proc/self/fd",
        seen.display()
    );
    refused(&script, patient(), None);
    let seen = std::fs::read_to_string(seen).unwrap();
    let lines: Vec<&str> = seen.lines().collect();
    assert_eq!(lines[..3], ["/", "1 fuel any-nan 7 1073741824", "0"]);
    // Its three, one of them bent to the file, and the folder that `ls` reads.
    let files = lines.iter().filter(|line| line.contains("->"));
    assert_eq!(files.count(), 4 + left_open(), "{seen}");
}

/// Files besides the first three that whoever started the tests left open for all.
fn left_open() -> usize {
    let is_left = |name: &str| {
        let about =
            std::fs::read_to_string(format!("/proc/self/fdinfo/{name}")).unwrap_or_default();
        let mut flags = about.lines().filter_map(|line| line.strip_prefix("flags:"));
        let flags = flags
            .next()
            .and_then(|text| u32::from_str_radix(text.trim(), 8).ok());
        name.parse::<u32>().is_ok_and(|number| number > 2)
            && flags.is_some_and(|flags| flags & 0o2_000_000 == 0)
    };
    let entries = std::fs::read_dir("/proc/self/fdinfo").unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name());
    names
        .filter(|name| is_left(&name.to_string_lossy()))
        .count()
}

#[test]
fn what_took_long_to_fail_is_remembered_and_faults_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let count = folder.path().join("count");
    let script = |end: &str| format!("echo >>{}; {end}", count.display());
    let tries = || std::fs::read(&count).unwrap().len();
    let long = script("kill -XCPU $$");
    let first = refused(&long, patient(), Some(&cache));
    let second = refused(&long, patient(), Some(&cache));
    assert_eq!(
        (first.code(), second.code()),
        ("compile-limit", "compile-limit")
    );
    assert_eq!(tries(), 1);
    assert!(!first.to_string().contains("remembered"));
    assert!(
        second
            .to_string()
            .contains("remembered from an earlier try"),
        "{second}"
    );
    let PluginError::Remembered { file, .. } = &second else {
        panic!("{second:?}");
    };
    assert!(
        second.hint().contains(file.to_str().unwrap()),
        "{}",
        second.hint()
    );
    // Without a cache, with a wider limit, with the file gone: tried again.
    refused(&long, patient(), None);
    assert_eq!(tries(), 2);
    let wider = CompileLimits::of(Duration::from_secs(8), 1 << 30);
    refused(&long, wider, Some(&cache));
    assert_eq!(tries(), 3);
    std::fs::remove_file(file).unwrap();
    // What is no fault of the component: each time.
    let faulty = script("exit 3");
    refused(&faulty, patient(), Some(&cache));
    refused(&faulty, patient(), Some(&cache));
    assert_eq!(tries(), 5);
    let slow = limits(Duration::from_millis(300));
    let hangs = script("exec sleep 1000");
    for _ in 0..2 {
        assert_eq!(refused(&hangs, slow, Some(&cache)).code(), "compile-limit");
    }
    assert_eq!(tries(), 7, "a busy machine may be to blame");
    // A damaged memory is none.
    refused(&long, patient(), Some(&cache));
    std::fs::write(file, b"nonsense").unwrap();
    refused(&long, patient(), Some(&cache));
    assert_eq!(tries(), 9);
    // Nothing bounds compiling here, so it is tried and succeeds.
    let here = runtime_with(Compiler::InProcess, Some(&cache));
    here.load(PluginSource::file(guest("echo"))).unwrap();
    assert!(!file.exists(), "no longer true");
}

#[test]
fn children_compile_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display();
    let script = format!(
        "mkdir {place}/turn || echo >>{place}/two; echo >>{place}/count; sleep 0.02; rmdir {place}/turn; exit 3"
    );
    let runtime = runtime_with(shell(&script, patient()), None);
    std::thread::scope(|scope| {
        for _ in 0..10 {
            let load = || runtime.load(PluginSource::file(guest("echo"))).is_err();
            scope.spawn(move || assert!(load()));
        }
    });
    let count = std::fs::read(folder.path().join("count")).unwrap().len();
    assert_eq!(count, 10);
    assert!(!folder.path().join("two").exists(), "two at the same time");
}

#[test]
fn what_has_too_much_in_it_comes_to_no_compiler() {
    let runtime = runtime_with(shell("exit 9", patient()), None);
    for (bytes, part) in [
        (
            bombs::functions(400_001, 0, b""),
            "400,001 functions; limit 400,000",
        ),
        (
            bombs::functions(1, 50_000, b""),
            "50,000 locals of one function",
        ),
        (
            bombs::functions(600, 19_000, b""),
            "locals of all functions",
        ),
        (bombs::branches(150_000), "bytes of code in one function"),
        (bombs::deep_components(40), "inside each other"),
    ] {
        let error = runtime
            .load(PluginSource::bytes("bomb", bytes))
            .unwrap_err();
        assert_eq!(error.code(), "component-too-complex", "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

/// Something that happens to an entry.
type Damage = fn(&Path, &[u8]);

#[test]
fn an_entry_that_something_happened_to_is_made_anew() {
    use std::os::unix::fs::{PermissionsExt, chown, symlink};
    let folder = tempfile::tempdir().unwrap();
    let load = || {
        let runtime = runtime_with(Compiler::InProcess, Some(folder.path()));
        runtime.load(PluginSource::file(guest("echo"))).unwrap();
    };
    load();
    let entry = std::fs::read_dir(folder.path()).unwrap().next();
    let entry = entry.unwrap().unwrap().path();
    let good = std::fs::read(&entry).unwrap();
    let damages: [Damage; 10] = [
        |entry, _| std::fs::write(entry, b"").unwrap(),
        |entry, good| std::fs::write(entry, &good[..good.len() / 2]).unwrap(),
        |entry, good| std::fs::write(entry, &good[..good.len() - 1]).unwrap(),
        // Whole code without what stands behind it, as entries once were.
        |entry, good| std::fs::write(entry, &good[..good.len() - 24]).unwrap(),
        |entry, good| std::fs::write(entry, [good, b"\0"].concat()).unwrap(),
        |entry, good| flipped(entry, good, good.len() / 3),
        |entry, good| flipped(entry, good, good.len() - 20),
        |entry, good| flipped(entry, good, good.len() - 1),
        |entry, _| std::fs::set_permissions(entry, PermissionsExt::from_mode(0o620)).unwrap(),
        |entry, good| {
            let aside = entry.with_extension("aside");
            std::fs::write(&aside, good).unwrap();
            std::fs::remove_file(entry).unwrap();
            symlink(aside, entry).unwrap();
        },
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        damage(&entry, &good);
        let old = std::fs::symlink_metadata(&entry).unwrap();
        load();
        is_new(&entry, &old, &format!("damage {number}"));
    }
    // Only root can give files away.
    if chown(&entry, Some(54_321), None).is_ok() {
        let old = std::fs::symlink_metadata(&entry).unwrap();
        load();
        is_new(&entry, &old, "another owner");
    }
    let sound = std::fs::symlink_metadata(&entry).unwrap();
    load();
    assert_eq!(
        inode(&std::fs::symlink_metadata(&entry).unwrap()),
        inode(&sound)
    );
}

fn flipped(entry: &Path, good: &[u8], place: usize) {
    let mut bytes = good.to_vec();
    bytes[place] ^= 0x10;
    std::fs::write(entry, bytes).unwrap();
}

fn inode(about: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(about)
}

/// The entry was written anew, for its owner only.
fn is_new(entry: &Path, old: &std::fs::Metadata, what: &str) {
    let new = std::fs::symlink_metadata(entry).unwrap();
    assert_ne!(inode(old), inode(&new), "{what} was not noticed");
    let mode = std::os::unix::fs::PermissionsExt::mode(&new.permissions());
    assert!(new.is_file() && mode & 0o777 == 0o600, "{what}");
}
