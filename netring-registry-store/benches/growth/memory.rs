//! The memory of this process, as Linux tells it.

use std::fs;

/// Bytes that are resident now.
pub(crate) fn resident() -> f64 {
    status("VmRSS:")
}

/// The most that was resident since the last [`forget_peak`].
pub(crate) fn peak() -> f64 {
    status("VmHWM:")
}

/// From here on the peak counts anew.
pub(crate) fn forget_peak() {
    // By proc(5), 5 does this and nothing else.
    fs::write("/proc/self/clear_refs", "5").expect("Linux takes this");
}

fn status(field: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells the memory of a process");
    let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("it has this field");
    let kib: f64 = line.split_whitespace().next().and_then(|kib| kib.parse().ok()).expect("a number");
    kib * 1024.0
}
