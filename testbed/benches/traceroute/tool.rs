//! The tools that are there already, as they come with Debian.

use netring_testbed::lab::Host;
use std::process::Command;

/// Runs `line` in `host` and checks that the trace came to `target`, the 16th hop.
pub(crate) fn run(host: &Host, line: &str, target: &str) {
    let mut words = line.split(' ');
    let program = words.next().expect("a program");
    let mut command = Command::new(program);
    command.args(words);
    let output = host.output(command);
    let said = String::from_utf8_lossy(&output.stdout);
    let reached = said.lines().any(|line| {
        let number = line.split_whitespace().next().unwrap_or_default().trim_end_matches(".|--");
        number == "16" && line.contains(target)
    });
    assert!(reached, "{line}: {said}{}", String::from_utf8_lossy(&output.stderr));
}
