//! The tools that set a namespace up: they act on the namespace of the thread that runs them.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

/// Runs `program` with the words of `line`.
///
/// # Panics
/// Where it is missing or fails: a lab that is not as asked for is of no use to a test.
pub(super) fn run(line: &str) {
    let mut words = line.split(' ');
    let program = words.next().unwrap_or_default();
    let output = Command::new(program).args(words).stdin(Stdio::null()).output();
    let output =
        output.unwrap_or_else(|error| panic!("{program} cannot be started ({error}): run scripts/requirements"));
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr).trim());
}

/// Runs many commands of `ip` at once.
///
/// # Panics
/// As [`run`].
pub(super) fn ip_batch(lines: &str) {
    let mut child = Command::new("ip")
        .args(["-batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("ip cannot be started ({error}): run scripts/requirements"));
    // Taken out of the child, so that it is closed and `ip` sees the end.
    let written = child.stdin.take().map(|mut stdin| stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().expect("a child can be waited for");
    assert!(
        output.status.success() && matches!(written, Some(Ok(()))),
        "ip -batch: {}\n{lines}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
}
