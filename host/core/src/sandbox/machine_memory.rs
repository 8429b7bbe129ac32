//! How much memory this process may have: the machine's, or less where a control group
//! bounds it, as that of a container does.

use std::path::Path;

/// Memory of all live attempts together when nobody says otherwise: three quarters of what
/// this process may have, bytes; none where that cannot be told.
#[must_use]
pub fn default_memory_total() -> Option<u64> {
    let machine = std::fs::read_to_string("/proc/meminfo").ok();
    let machine = machine.as_deref().and_then(of_machine);
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok();
    let group = groups.and_then(|groups| of_groups(Path::new("/sys/fs/cgroup"), &groups));
    let least = machine.into_iter().chain(group).min()?;
    Some(least / 4 * 3)
}

fn of_machine(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib.saturating_mul(1024))
}

/// The least bound of these groups and of those that they are in; both versions of control
/// groups. A group that cannot be seen from here bounds through those that can.
fn of_groups(root: &Path, groups: &str) -> Option<u64> {
    let bound = |line: &str| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next()?, parts.next()?);
        let (root, file) = if controllers.is_empty() {
            (root.to_owned(), "memory.max")
        } else if controllers.split(',').any(|name| name == "memory") {
            (root.join("memory"), "memory.limit_in_bytes")
        } else {
            return None;
        };
        let bounds = Path::new(path.trim_start_matches('/'))
            .ancestors()
            .filter_map(|group| std::fs::read_to_string(root.join(group).join(file)).ok())
            // `max` is no number, and no bound.
            .filter_map(|text| text.trim().parse::<u64>().ok());
        bounds.min()
    };
    groups.lines().filter_map(bound).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_memory_is_read() {
        let text = "MemTotal:       24639640 kB\nMemFree:         1 kB\n";
        assert_eq!(of_machine(text), Some(24_639_640 << 10));
        assert_eq!(of_machine("MemFree: 1 kB\n"), None);
    }

    #[test]
    fn the_least_bound_of_all_groups_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let set = |file: &str, text: &str| {
            let file = root.join(file);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            std::fs::write(file, text).expect("written");
        };
        set("memory.max", "max\n");
        set("a/memory.max", "3000\n");
        set("a/b/memory.max", "4000\n");
        set("memory/memory.limit_in_bytes", "9223372036854771712\n");
        set("memory/c/memory.limit_in_bytes", "2000\n");
        assert_eq!(of_groups(root, "0::/\n"), None);
        assert_eq!(of_groups(root, "0::/a/b\n"), Some(3000));
        assert_eq!(of_groups(root, "0::/a/elsewhere\n"), Some(3000));
        assert_eq!(
            of_groups(root, "4:cpu:/c\n3:pids,memory:/c\n0::/a\n"),
            Some(2000)
        );
        assert_eq!(of_groups(root, "nonsense\n"), None);
    }
}
