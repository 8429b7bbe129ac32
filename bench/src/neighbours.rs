//! What else had the processors meanwhile: a ratio that was taken beside other work says little.

use serde_json::{Value, json};
use std::fs::read_to_string;

/// From this share on the report says that its ratios are not to be trusted.
const TOO_MUCH: f64 = 0.05;

/// Processor time in the kernel's ticks, all processors together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ticks {
    all: u64,
    busy: u64,
    /// What a hypervisor gave to others.
    stolen: u64,
    /// Of this process and those that it started and waited for.
    own: u64,
}

impl Ticks {
    /// Until now; `None` where there is no `/proc`.
    pub(crate) fn now() -> Option<Ticks> {
        Ticks::read(
            &read_to_string("/proc/stat").ok()?,
            &read_to_string("/proc/self/stat").ok()?,
        )
    }

    /// Reads both files, whose fields are told in proc(5).
    fn read(machine: &str, process: &str) -> Option<Ticks> {
        let machine = machine.lines().next()?.strip_prefix("cpu ")?;
        let times: Vec<u64> = numbers(machine)?;
        let &[
            user,
            nice,
            system,
            idle,
            waiting,
            interrupts,
            soft,
            stolen,
            ..,
        ] = times.as_slice()
        else {
            return None;
        };
        let busy = user + nice + system + interrupts + soft;
        // The name before it may have anything in it.
        let (_, process) = process.rsplit_once(") ")?;
        let mut fields = process.split_whitespace().skip(11);
        let mut own = || fields.next()?.parse::<u64>().ok();
        Some(Ticks {
            all: busy + idle + waiting + stolen,
            busy,
            stolen,
            own: own()? + own()? + own()? + own()?,
        })
    }

    /// What others had between two moments.
    pub(crate) fn until(self, later: Ticks) -> Neighbours {
        let all = (later.all - self.all).max(1) as f64;
        let own = later.own - self.own;
        let others = (later.busy - self.busy).saturating_sub(own);
        Neighbours {
            others: others as f64 / all,
            stolen: (later.stolen - self.stolen) as f64 / all,
        }
    }
}

fn numbers(line: &str) -> Option<Vec<u64>> {
    line.split_whitespace()
        .map(|number| number.parse().ok())
        .collect()
}

/// Shares of the time of all processors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Neighbours {
    /// Of other programs on the machine.
    others: f64,
    /// What a hypervisor gave to others.
    stolen: f64,
}

impl Neighbours {
    pub(crate) fn tell(self) -> String {
        let Neighbours { others, stolen } = self;
        let mut told = format!(
            "Meanwhile other programs had {:.0} % of the processors, and a hypervisor withheld {:.0} %",
            others * 100.0,
            stolen * 100.0,
        );
        if others + stolen >= TOO_MUCH {
            told.push_str(": too much to rely on these ratios");
        }
        told.push('.');
        told
    }

    pub(crate) fn json(self) -> Value {
        json!({"others": self.others, "stolen": self.stolen})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(cpu: &str, own: &str) -> Option<Ticks> {
        let machine = format!("cpu  {cpu}\ncpu0 1 1 1 1 1 1 1 1 0 0\n");
        let process = format!("7 (a ) b) R 1 7 7 0 -1 0 10 20 30 40 {own} 20 0 1 0 99");
        Ticks::read(&machine, &process)
    }

    #[test]
    fn what_is_neither_ours_nor_idle_is_others() {
        let before = ticks("100 0 50 800 10 0 0 40 0 0", "10 5 0 0").expect("both are complete");
        let later = ticks("190 2 60 870 10 1 1 66 7 7", "50 10 30 20").expect("both are complete");
        // 200 ticks in all: 104 busy, of which 95 are ours; 70 idle; 26 stolen.
        let Neighbours { others, stolen } = before.until(later);
        assert!((others - 9.0 / 200.0).abs() < 1e-9, "{others}");
        assert!((stolen - 26.0 / 200.0).abs() < 1e-9, "{stolen}");
    }

    #[test]
    fn much_of_it_is_said_to_be_too_much() {
        let tell = |others, stolen| Neighbours { others, stolen }.tell();
        assert!(tell(0.03, 0.03).ends_with("withheld 3 %: too much to rely on these ratios."));
        assert!(tell(0.02, 0.01).ends_with("withheld 1 %."));
    }

    #[test]
    fn other_files_are_no_ticks() {
        assert_eq!(ticks("1 2 3", "1 2 3 4"), None);
        assert_eq!(ticks("1 2 3 4 5 6 7 8", "1 2 x 4"), None);
    }
}
