//! How built-in gates are written.

use super::bucket::{PER_SECOND_MAX, Per, Rate};
use super::error::GateError;
use super::look::Condition;
use super::{BUILT_IN_GATES, Kind};
use crate::units::{INFINITE, QuantityError, Unit};
use std::path::PathBuf;

/// The name of a built-in gate and what stands behind its colon.
pub(super) fn split(text: &str) -> Option<(&'static str, &str)> {
    let (name, rest) = text.split_once(':')?;
    let mut names = BUILT_IN_GATES.iter().map(|(name, _)| *name);
    names.find(|known| *known == name).map(|name| (name, rest))
}

/// Reads a built-in gate.
pub(super) fn gate(text: &str) -> Result<Kind, GateError> {
    match split(text) {
        Some(("mem-free", size)) => memory(size).map(Kind::Condition),
        Some(("load", load)) => self::load(load).map(Kind::Condition),
        Some(("file", path)) => file(path).map(Kind::Condition),
        Some(("rate", rate)) => self::rate(rate).map(Kind::Rate),
        Some(_) | None => Err(GateError::Unknown(text.to_owned())),
    }
}

fn memory(text: &str) -> Result<Condition, GateError> {
    let examples = "`512MiB`, `1.5GiB` or `4096`";
    match Unit::Bytes.parse(text) {
        Ok(INFINITE) | Err(QuantityError::TooLarge(_)) => Err(never("mem-free", text)),
        Ok(bytes) => Ok(Condition::MemoryFree(bytes)),
        // Those of limits end in `inf`, which is none here.
        Err(QuantityError::NotANumber(text, _)) => {
            Err(GateError::Size(QuantityError::NotANumber(text, examples)))
        }
        Err(QuantityError::UnknownUnit(text, _)) => {
            Err(GateError::Size(QuantityError::UnknownUnit(text, examples)))
        }
        Err(error @ (QuantityError::Negative(_) | QuantityError::Fraction(_))) => {
            Err(GateError::Size(error))
        }
    }
}

fn load(text: &str) -> Result<Condition, GateError> {
    let load = number("load", text, "load:4")?;
    if load > 0.0 {
        Ok(Condition::LoadBelow(load))
    } else {
        Err(never("load", text))
    }
}

fn file(text: &str) -> Result<Condition, GateError> {
    let (there, path) = match text.strip_prefix('!') {
        Some(path) => (false, path),
        None => (true, text),
    };
    if path.is_empty() {
        return Err(GateError::NoPath);
    }
    Ok(Condition::File {
        path: PathBuf::from(path),
        there,
    })
}

fn rate(text: &str) -> Result<Rate, GateError> {
    let (count, per) = match text.split_once('/') {
        None => (text, Per::Second),
        Some((count, "s")) => (count, Per::Second),
        Some((count, "m" | "min")) => (count, Per::Minute),
        Some(_) => return Err(no_number("rate", text, "rate:10/s")),
    };
    let count = number("rate", count, "rate:10/s")?;
    let rate = Rate::new(count, per).ok_or_else(|| never("rate", text))?;
    if rate.per_second() > f64::from(PER_SECOND_MAX) {
        let most = PER_SECOND_MAX;
        return Err(GateError::TooFast { most });
    }
    Ok(rate)
}

/// A plain number with or without a fraction; what Rust reads besides, such as `1e9`
/// and `nan`, is none.
fn number(gate: &'static str, text: &str, example: &'static str) -> Result<f64, GateError> {
    let text = text.trim();
    let is_plain = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let number = text.parse().ok().filter(|_| is_plain);
    number.ok_or_else(|| no_number(gate, text, example))
}

fn no_number(gate: &'static str, text: &str, example: &'static str) -> GateError {
    GateError::Number {
        gate,
        text: text.to_owned(),
        example,
    }
}

fn never(gate: &'static str, text: &str) -> GateError {
    GateError::Never {
        gate,
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::gate::Gate;
    use std::path::Path;

    // J22
    #[test]
    fn built_in_gates_are_read_and_written() {
        for (text, name, written) in [
            ("mem-free:1GiB", "mem-free", "mem-free:1GiB"),
            ("mem-free:1500", "mem-free", "mem-free:1500B"),
            ("mem-free:0.5 KiB", "mem-free", "mem-free:512B"),
            ("load:4", "load", "load:4"),
            ("load:0.75", "load", "load:0.75"),
            ("file:go", "file", "file:go"),
            ("file:!/run/stop", "file", "file:!/run/stop"),
            ("file:a:b", "file", "file:a:b"),
            ("rate:10", "rate", "rate:10/s"),
            ("rate:2.5/s", "rate", "rate:2.5/s"),
            ("rate:90/m", "rate", "rate:90/m"),
            ("rate:1/min", "rate", "rate:1/m"),
            ("rate:0.01/m", "rate", "rate:0.01/m"),
        ] {
            let gate = Gate::parse(text).expect(text);
            assert_eq!(
                (gate.name(), gate.to_string()),
                (name, written.to_owned()),
                "{text}"
            );
            let again = Gate::parse(written).expect(written);
            assert_eq!(again.to_string(), written, "what is written reads back");
        }
    }

    // J22
    #[test]
    fn what_is_no_gate_says_what_is_wrong() {
        for (text, why) in [
            ("", "`` is no built-in gate; there is mem-free:SIZE, load:N"),
            ("laod:4", "`laod:4` is no built-in gate"),
            ("load", "`load` is no built-in gate"),
            (
                "mem-free:",
                "mem-free: `` is not a number; write for example `512MiB`, `1.5GiB` or `4096`",
            ),
            (
                "mem-free:1 potato",
                "mem-free: `1 potato` has no unit that is known",
            ),
            (
                "mem-free:99999999999GiB",
                "mem-free: with `99999999999GiB` no",
            ),
            ("mem-free:-1", "mem-free: `-1` is less than nothing"),
            (
                "mem-free:inf",
                "mem-free: with `inf` no job would ever start",
            ),
            (
                "load:high",
                "load: `high` is not a number; write for example `load:4`",
            ),
            ("load:-1", "load: `-1` is not a number"),
            ("load:nan", "load: `nan` is not a number"),
            ("load:1e9", "load: `1e9` is not a number"),
            ("load:.", "load: `.` is not a number"),
            ("load:0", "load: with `0` no job would ever start"),
            ("file:", "file: there is no path"),
            ("file:!", "file: there is no path"),
            ("rate:0/m", "rate: with `0/m` no job would ever start"),
            ("rate:10/h", "rate: `10/h` is not a number"),
            (
                "rate:/s",
                "rate: `` is not a number; write for example `rate:10/s`",
            ),
            ("rate:2000000", "rate: at most 1000000 a second"),
            (
                "rate:0.0000000001/m",
                "rate: with `0.0000000001/m` no job would ever start",
            ),
        ] {
            let said = Gate::parse(text).expect_err(text).to_string();
            assert!(said.starts_with(why), "{text}: {said}");
        }
    }

    // J22
    #[test]
    fn a_built_in_prefix_is_known_whatever_stands_behind_it() {
        for text in ["load:", "file:x", "rate:fast"] {
            assert!(Gate::is_built_in(text), "{text}");
        }
        for text in ["load", "guard", "guard.wasm", "laod:4", "./file:x"] {
            assert!(!Gate::is_built_in(text), "{text}");
        }
    }

    // J22
    #[test]
    fn only_a_relative_path_begins_at_the_folder() {
        for (text, from_srv) in [
            ("file:go", "file:/srv/go"),
            ("file:!stop", "file:!/srv/stop"),
            ("file:/run/go", "file:/run/go"),
            ("load:4", "load:4"),
        ] {
            let gate = Gate::parse(text).expect(text);
            assert_eq!(gate.from_folder(Path::new("/srv")).to_string(), from_srv);
        }
    }
}
