//! How much memory a process has held.

use std::time::Duration;

/// The most memory in kB that a process has held until now; `None` where it has gone.
pub fn peak(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// The same, looked at until it is gone.
pub async fn peak_until_the_end(id: u32) -> u64 {
    let mut last = 0;
    while let Some(found) = peak(id) {
        last = found;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    last
}
