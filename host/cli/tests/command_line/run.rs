//! `run`: producer → workers → consumer, from a configuration or from flags.

use crate::tool::{guest, say, say_in};
use std::path::Path;

/// A folder with a configuration that uses the built thumbnails plugins.
fn thumbnails(folder: &Path) {
    for name in ["pictures", "out"] {
        std::fs::create_dir(folder.join(name)).unwrap();
    }
    let toml = format!(
        r#"
[run]
producer = "list"
workers = ["scale"]
consumer = "sheet"
[limits]
value = "16MiB"
[plugins.list]
path = "{}"
allow.read = ["pictures::/images"]
[plugins.scale]
path = "{}"
[plugins.sheet]
path = "{}"
allow.write = ["out"]
"#,
        guest("thumbnails_list"),
        guest("thumbnails_scale"),
        guest("thumbnails_sheet"),
    );
    std::fs::write(folder.join("wodehost.toml"), toml).unwrap();
}

fn picture(n: u32) -> Vec<u8> {
    let pixels = image::RgbImage::from_fn(64 + n % 40, 48, |x, y| {
        image::Rgb([(x * 3 + n) as u8, (y * 5) as u8, (n * 7) as u8])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    pixels
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

fn thumbs(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("out/thumbs"))
        .unwrap()
        .count()
}

#[test]
fn two_hundred_pictures_of_which_five_are_damaged() {
    let folder = tempfile::tempdir().unwrap();
    thumbnails(folder.path());
    for n in 0..200u32 {
        let mut bytes = picture(n);
        match n {
            17 => bytes.truncate(bytes.len() / 2),
            50 => bytes = b"this is a text".to_vec(),
            90 => bytes.clear(),
            120 => bytes[20] ^= 0xff,
            // A header that claims 65,000 × 65,000 pixels.
            199 => {
                bytes[16..24].copy_from_slice(&[0, 0, 0xfd, 0xe8, 0, 0, 0xfd, 0xe8]);
            }
            _ => {}
        }
        let path = folder.path().join(format!("pictures/{n:03}.png"));
        std::fs::write(path, bytes).unwrap();
    }
    let said = say_in(folder.path(), &["run"]).exits(10);
    assert!(said.err.contains("195 succeeded, 5 failed"), "{said:?}");
    assert_eq!(thumbs(folder.path()), 195);
    let sheet = std::fs::read_to_string(folder.path().join("out/index.html")).unwrap();
    assert!(sheet.contains("195 thumbnails, 5 failed"));
    for n in ["017", "050", "090", "120", "199"] {
        assert!(
            sheet.contains(&format!("{n}.png")),
            "{n} is not on the sheet"
        );
    }
}

#[test]
fn a_dry_run_shows_everything_and_starts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    thumbnails(folder.path());
    std::fs::write(folder.path().join("pictures/a.png"), picture(1)).unwrap();
    let said = say_in(folder.path(), &["run", "--dry-run"]).exits(0);
    for part in ["list", "scale", "sheet", "/images", "may read", "slots"] {
        assert!(said.out.contains(part), "no {part}: {said:?}");
    }
    assert_eq!(
        std::fs::read_dir(folder.path().join("out"))
            .unwrap()
            .count(),
        0
    );
}

#[test]
fn an_output_folder_that_cannot_be_used_is_told_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    thumbnails(folder.path());
    std::fs::remove_dir(folder.path().join("out")).unwrap();
    say_in(folder.path(), &["run"])
        .exits(3)
        .complains("out")
        .complains("hint:");
}

fn run(producer: &str, worker: &str, config: &[&str]) -> crate::tool::Said {
    let (producer, worker) = (guest(producer), guest(worker));
    let mut arguments = vec!["run", "--producer", &producer, "--worker", &worker];
    for config in config {
        arguments.extend(["--set", config]);
    }
    arguments.extend(["--keepalive", "300ms"]);
    say(&arguments)
}

#[test]
fn without_a_consumer_outcomes_are_lines_of_json() {
    let said = run(
        "count_to",
        "double",
        &["count_to.n=3", "count_to.worker=double"],
    )
    .exits(0);
    let mut data: Vec<u64> = said
        .out
        .lines()
        .map(|line| {
            let outcome: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(outcome["worker"], "double");
            outcome["data"].as_u64().unwrap()
        })
        .collect();
    data.sort_unstable();
    assert_eq!(data, [0, 2, 4]);
}

#[test]
fn the_exit_code_tells_how_it_ended() {
    let n = |worker: &str| format!("count_to.worker={worker}");
    run("count_to", "fail", &["count_to.n=2", &n("fail")]).exits(10);
    run("count_to", "spin", &["count_to.n=2", &n("spin")]).exits(11);
    run(
        "producer_error",
        "double",
        &["producer_error.worker=double"],
    )
    .exits(14);
    run(
        "producer_trap",
        "double",
        &["producer_trap.worker=double", "producer_trap.k=1"],
    )
    .exits(14)
    .complains("producer");
    run("producer_unknown", "double", &[])
        .exits(10)
        .complains("unknown-worker");
}

#[test]
fn an_undelivered_outcome_is_reported() {
    let said = say(&[
        "run",
        "--producer",
        &guest("count_to"),
        "--worker",
        &guest("double"),
        "--consumer",
        &guest("consumer_trap"),
        "--set",
        "count_to.n=3",
        "--set",
        "count_to.worker=double",
        "--set",
        "consumer_trap.trap_on=2",
    ]);
    said.exits(10).complains("1 undelivered");
}

#[test]
fn a_consumer_that_takes_outcomes_with_errors_is_told_and_counted() {
    let (producer, worker) = (guest("count_to"), guest("double"));
    let consumer = guest("consumer_error");
    let mut arguments = vec!["run", "--producer", &producer, "--worker", &worker];
    arguments.extend(["--consumer", &consumer, "--set", "count_to.worker=double"]);
    arguments.extend(["--set", "count_to.n=50"]);
    // What a consumer returns is discarded; it costs no job its success.
    let said = say(&arguments)
        .exits(0)
        .complains("the consumer answered 50 with an error");
    assert_eq!(
        said.err.matches("returned an error").count(),
        20,
        "{said:?}"
    );
}

#[test]
fn what_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    say_in(folder.path(), &["run"]).exits(2);
    std::fs::write(
        folder.path().join("wodehost.toml"),
        "[run]\nproducer = \"lost\"\nworkers = [\"w\"]\n",
    )
    .unwrap();
    let said = say_in(folder.path(), &["run"]);
    assert!(matches!(said.code, Some(2 | 3 | 20)), "{said:?}");
    assert!(said.err.contains("lost"), "{said:?}");
}

#[test]
fn failures_are_told_also_when_a_consumer_takes_the_outcomes() {
    let (producer, worker, consumer) = (guest("count_to"), guest("fail"), guest("tally"));
    let arguments = |halt| {
        let mut arguments = vec!["run", "--producer", &producer, "--worker", &worker];
        arguments.extend(["--consumer", &consumer, "--set", "count_to.worker=fail"]);
        arguments.extend(["--set", "count_to.n=5000", "--halt", halt]);
        arguments
    };
    let said = say(&arguments("never")).exits(10);
    let lines = said
        .err
        .lines()
        .filter(|l| l.starts_with("failed "))
        .count();
    assert_eq!(lines, 20, "{said:?}");
    assert!(
        said.err.contains("5,000 failed") || said.err.contains("5000 failed"),
        "{said:?}"
    );
    // Whether a job waits, to be cancelled, when the third fails is a matter of
    // luck; that most of the 5,000 never fail is not.
    let said = say(&arguments("now,fail=3"))
        .exits(10)
        .complains("the producer is asked for no more");
    assert!(!said.err.contains("000 failed"), "{said:?}");
}
