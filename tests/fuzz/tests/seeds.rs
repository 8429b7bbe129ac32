//! Walks every seed without libFuzzer, and shows of every check that it notices a broken
//! double.

#![expect(
    clippy::unwrap_used,
    reason = "tests stop at the first thing that goes wrong"
)]

use std::collections::BTreeSet;
use wodehost::value::ScanLimits;
use wodehost::{Reason, Status};
use wodehost_fuzz_targets::component::{Course, End};
use wodehost_fuzz_targets::json::{Mapping, OURS};
use wodehost_fuzz_targets::{
    Checked, TARGETS, attempt, component, configuration, json, scanner, seeds,
};
use wodehost_reference::{self as reference, Fault};

fn seeds_of(name: &str) -> Vec<seeds::Seed> {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    seeds::read(target).unwrap()
}

/// What a check finds wrong in the seeds of a target, with their names.
fn found(target: &str, check: impl Fn(&[u8]) -> Checked) -> Vec<String> {
    let found = seeds_of(target).into_iter().filter_map(|(name, bytes)| {
        let wrong = check(&bytes).err()?;
        Some(format!("{target}/{name}: {wrong}"))
    });
    found.collect()
}

#[test]
fn no_target_finds_anything_in_its_seeds() {
    for target in &TARGETS {
        let wrong = found(target.name, target.check);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn seeds_that_are_made_are_there_and_all_are_small() {
    if std::env::var_os("UPDATE_SEEDS").is_some() {
        seeds::write().unwrap();
    }
    let mut bytes = 0;
    for target in &TARGETS {
        let seeds = seeds::read(target).unwrap();
        assert!(seeds.len() >= 10, "{} has {}", target.name, seeds.len());
        for made in seeds::made(target.name) {
            assert!(
                seeds.contains(&made),
                "{}/{} is stale; run `UPDATE_SEEDS=1 cargo test -p wodehost-fuzz-targets`",
                target.name,
                made.0
            );
        }
        bytes += seeds.iter().map(|(_, seed)| seed.len()).sum::<usize>();
    }
    assert!(bytes < 200 << 10, "{bytes} bytes");
}

/// Every target has a program for libFuzzer, and every program is a target.
#[test]
fn programs_and_targets_are_the_same() {
    let folder = wodehost_tests::workspace().join("fuzz/fuzz_targets");
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let targets = TARGETS.iter().map(|target| format!("{}.rs", target.name));
    assert_eq!(files.collect::<BTreeSet<_>>(), targets.collect());
}

/// The seeds reach what the targets are about: values that are taken and such that are not,
/// bodies that end in many ways.
#[test]
fn seeds_are_of_many_kinds() {
    let verdicts = seeds_of("scanner").into_iter().map(|(_, bytes)| {
        let verdict = reference::check(&bytes, ScanLimits::DEPTH_CAP);
        verdict.map_or_else(
            |(fault, _)| format!("{fault:?}"),
            |()| "one value".to_owned(),
        )
    });
    assert_eq!(verdicts.collect::<BTreeSet<_>>().len(), 7);
    let ends = seeds_of("attempt").into_iter().map(|(_, bytes)| {
        let course = attempt::made_of(&bytes).unwrap();
        format!("{:?}", course.map(|course| course.end))
    });
    let ends: BTreeSet<String> = ends.collect();
    assert!(ends.len() >= 5, "{ends:?}");
}

#[test]
fn a_scanner_that_takes_what_follows_is_noticed() {
    let lax = |bytes: &[u8], depth_max| match reference::check(bytes, depth_max) {
        Err((Fault::Trailing, _)) => Ok(()),
        verdict => verdict,
    };
    let found = found("scanner", |bytes| scanner::check_of(bytes, lax));
    assert!(!found.is_empty());
}

#[test]
fn a_mapping_that_loses_a_sign_or_takes_a_comma_too_much_is_noticed() {
    let loses = Mapping {
        write: |value| value.to_json().replace("-0.0", "0.0"),
        ..OURS
    };
    assert!(!found("json", |bytes| json::check_of(bytes, &loses)).is_empty());
    let takes = Mapping {
        read: |text| {
            let text = String::from_utf8_lossy(text).replace(",]", "]");
            (OURS.read)(text.as_bytes())
        },
        ..OURS
    };
    assert!(!found("json", |bytes| json::check_of(bytes, &takes)).is_empty());
}

#[test]
fn an_error_without_its_line_and_a_value_that_is_not_shown_are_noticed() {
    let placeless = |name: &str, text: &str| {
        let shown = wodehost_cli::shown_configuration(name, text);
        shown.map_err(|error| error.replace("wodehost.toml:", "wodehost.toml, line "))
    };
    let wrong = found("configuration", |bytes| {
        configuration::check_of(bytes, placeless)
    });
    assert!(!wrong.is_empty());
    let doubled = |name: &str, text: &str| {
        let shown = wodehost_cli::shown_configuration(name, text);
        shown.map(|shown| format!("{shown}\nslots = 1\nslots = 2\n"))
    };
    let wrong = found("configuration", |bytes| {
        configuration::check_of(bytes, doubled)
    });
    assert!(!wrong.is_empty());
}

/// A course in which all went well but for one thing.
fn course(end: End, good: Status) -> Course {
    Course {
        end,
        said: String::new(),
        good: (good, "returned".to_owned()),
        took: std::time::Duration::ZERO,
    }
}

#[test]
fn a_component_that_ends_in_no_known_way_or_hurts_the_next_is_noticed() {
    let ended = |status, reason| End::Ended(status, reason);
    let (good, fine) = (Status::Success, ended(Status::Failure, Reason::BadValue));
    let check = |course: Course| {
        let is_wrong = |check: Checked| check.is_err();
        let alone = is_wrong(component::check_of(b"", |_| Ok(course.clone())));
        let (_, noise) = &seeds_of("attempt")[0];
        let made = is_wrong(attempt::check_of(noise, |_| Ok(course.clone())));
        (alone, made)
    };
    assert_eq!(check(course(fine.clone(), good)), (false, false));
    let broken = [
        course(ended(Status::Failure, Reason::Internal), good),
        course(ended(Status::Success, Reason::BadValue), good),
        course(End::Refused("compile-failed"), good),
        course(fine.clone(), Status::Failure),
        Course {
            took: std::time::Duration::from_mins(1),
            ..course(fine, good)
        },
    ];
    for course in broken {
        assert_eq!(check(course.clone()), (true, true), "{course:?}");
    }
    // What we made ourselves is sound.
    assert_eq!(
        check(course(End::Refused("bad-component"), good)),
        (false, true)
    );
}
