//! What the process has in memory, as the system counts it.

use std::error::Error;

/// What it has now, bytes. A page that several instances share, as they do those of a plugin's first
/// memory, counts once.
pub(crate) fn resident_bytes() -> Result<u64, Box<dyn Error>> {
    bytes_of("/proc/self/smaps_rollup", "Pss:")
}

/// The most that it has had, bytes.
pub(crate) fn peak_bytes() -> Result<u64, Box<dyn Error>> {
    bytes_of("/proc/self/status", "VmHWM:")
}

/// A figure that the system tells in KiB.
fn bytes_of(file: &str, name: &str) -> Result<u64, Box<dyn Error>> {
    let text = std::fs::read_to_string(file)?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.split_whitespace().next());
    let kib = kib.ok_or_else(|| format!("{file} has no {name}"))?;
    Ok(kib.parse::<u64>()? * 1024)
}
