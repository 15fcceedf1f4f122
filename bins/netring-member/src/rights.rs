//! What this process may do beyond other processes.

/// Makes use of CAP_NET_RAW where this process may have it and does not have it yet.
///
/// That is so where the program's file has the capability as permitted, and not as effective (`setcap cap_net_raw=p`), as in
/// the container image. The kernel refuses to start a file with an effective capability where the container may not have
/// it; a permitted one is left out there without a word, and the member does without.
#[cfg(target_os = "linux")]
pub(crate) fn raise_permitted() {
    use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
    if let Ok(mut sets) = capabilities(None)
        && sets.permitted.contains(CapabilitySet::NET_RAW)
        && !sets.effective.contains(CapabilitySet::NET_RAW)
    {
        sets.effective |= CapabilitySet::NET_RAW;
        // What is permitted may be raised. Were it refused all the same, the probes that need it say so.
        let _ = set_capabilities(None, sets);
    }
}

/// Only Linux has capabilities.
#[cfg(not(target_os = "linux"))]
pub(crate) fn raise_permitted() {}
