//! What was measured on one path, as text.

mod bandwidth;
mod burst;
mod probe;
#[cfg(test)]
mod sample;
mod trace;
mod units;

pub(crate) use bandwidth::{Budget, bandwidth, bandwidth_so_far};
pub(crate) use probe::{Line, probes, probes_so_far};
pub(crate) use trace::{Answer, trace, trace_so_far};

use super::text::{FAINT, paint, printable};
use netring_core::{Host, Target};

/// Who is looked at, and how: the first line.
pub(crate) fn heading(what: &str, target: &Target, port: Option<u16>, how: &str) -> String {
    let mut text = format!("{what} {}", printable(target.instance_id.as_str()));
    match target.host {
        Host::Ip(ip) if ip.to_string() != target.instance_id.as_str() => text += &format!(" ({ip})"),
        _ => {}
    }
    if let Some(port) = port {
        text += &format!(", port {port}");
    }
    if !how.is_empty() {
        text += &format!(", {how}");
    }
    format!("{}\n\n", paint(FAINT, &text))
}
