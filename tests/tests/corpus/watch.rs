//! What this process holds: threads, open files, resident memory.

use std::time::{Duration, Instant};

/// Threads and open files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) threads: usize,
    pub(crate) files: usize,
}

/// What is held now.
pub(crate) fn held() -> Held {
    let count = |folder| std::fs::read_dir(folder).unwrap().count();
    Held {
        threads: count("/proc/self/task"),
        files: count("/proc/self/fd"),
    }
}

/// Waits until no more is held than before: what a job used is given back by threads that
/// may be a little behind its outcome.
pub(crate) fn expect_no_more_than(before: Held, after: &str) {
    let began = Instant::now();
    loop {
        let now = held();
        if now.threads <= before.threads && now.files <= before.files {
            return;
        }
        assert!(
            began.elapsed() < Duration::from_mins(1),
            "{after} leaves {now:?}; before it was {before:?}"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Resident memory, in bytes.
pub(crate) fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = text.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}
