use crate::{
    member::Member,
    process::{Running, closed_port, command, eventually, run},
};
use netring_core::{Measurement, ProbeReport};
use nix::sys::signal::Signal;
use std::{net::Ipv6Addr, process::Stdio};

const KEY: &str = "correct horse battery staple";

fn reports(json: &str) -> Vec<ProbeReport> {
    assert_eq!(json.lines().count(), 1, "{json}");
    serde_json::from_str(json).unwrap()
}

/// The words of the line of a table that starts with `name`.
fn line(stdout: &str, name: &str) -> Vec<String> {
    let line = stdout.lines().find(|line| line.trim_start().starts_with(name));
    let line = line.unwrap_or_else(|| panic!("no line of {name} in:\n{stdout}"));
    line.trim().split("   ").map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

#[test]
fn a_member_is_probed_in_every_way() {
    let member = Member::start();
    let ended =
        run(&["probe", &member.name(), "--tcp", "--http", "/health", "--udp", "--packets", "5", "--spacing", "1ms"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let heading = format!("probes of 127.0.0.1, port {}", member.address.port());
    assert_eq!(ended.stdout.lines().next(), Some(heading.as_str()));
    for name in ["tcp", "http /health", "udp"] {
        let words = line(&ended.stdout, name);
        assert!(words[1] == "good" && words[2].ends_with(" ms"), "{words:?}");
    }
    assert!(ended.stdout.contains("status 200, first byte "), "{}", ended.stdout);
    assert_eq!(line(&ended.stdout, "udp")[3], "0 %");
    assert!(!ended.stdout.contains('\u{1b}'), "no colours in a pipe: {ended:?}");
}

#[test]
fn without_a_choice_it_is_all_that_is_possible() {
    let member = Member::start();
    let ended = run(&["probe", &member.name(), "--spacing", "1ms"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for name in ["tcp", "http /health", "udp"] {
        assert_eq!(line(&ended.stdout, name)[1], "good");
    }
    // By what it may be sent depends on the process, but something is said.
    let note = ended.stdout.lines().last().unwrap();
    let said =
        ["  icmp: over a ping socket", "  icmp: over a raw socket", "  icmp: left out, cannot open an ICMP socket"];
    assert!(said.iter().any(|said| note.starts_with(said)), "{note}");
    assert_eq!(ended.stdout.contains("\n  icmp "), !note.contains("left out"), "{}", ended.stdout);
}

#[test]
fn json_is_what_the_library_writes() {
    let member = Member::start();
    let ended = run(&["probe", &member.name(), "--tcp", "--udp", "--packets", "3", "--payload", "100", "--json"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let reports = reports(&ended.stdout);
    assert_eq!(serde_json::to_string(&reports).unwrap() + "\n", ended.stdout);
    assert_eq!(reports.iter().map(|report| report.kind.as_str()).collect::<Vec<_>>(), ["tcp", "udp"]);
    assert!(matches!(&reports[1].measurement, Some(Measurement::Burst(burst)) if burst.sent == 3), "{reports:?}");
    assert_eq!(reports[0].target.instance_id.as_str(), "127.0.0.1");
}

#[test]
fn a_target_that_refuses_fails() {
    let (_held, port) = closed_port();
    let target = format!("127.0.0.1:{port}");
    let ended = run(&["probe", &target, "--tcp"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""), "{ended:?}");
    let words = line(&ended.stdout, "tcp");
    assert_eq!(words[1], "FAILED");
    assert!(words[2].starts_with("refused: connect: "), "{words:?}");
    let ended = run(&["probe", &target, "--tcp", "--json"]);
    assert_eq!(ended.code, Some(1));
    assert!(!reports(&ended.stdout)[0].outcome.is_success());
}

#[test]
fn one_failure_is_enough() {
    let member = Member::start();
    let ended = run(&["probe", &member.name(), "--tcp", "--http", "/nope"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(line(&ended.stdout, "tcp")[1], "good");
    assert_eq!(line(&ended.stdout, "http /nope")[3], "unexpected status: status 404 is not one of 2xx, 3xx");
}

#[test]
fn a_url_is_asked_for() {
    let member = Member::start();
    let url = format!("http://localhost:{}/metrics", member.address.port());
    let ended = run(&["probe", "-4", &url]);
    assert!(ended.stdout.starts_with("probes of localhost (127.0.0.1), port "), "{ended:?}");
    assert_eq!(line(&ended.stdout, "http /metrics")[1], "good");
    assert!(!ended.stdout.contains("\n  udp"), "only members have an echo: {}", ended.stdout);
}

#[test]
fn ipv6_is_an_address_like_any_other() {
    let member = Member::with(Ipv6Addr::LOCALHOST.into(), None, |router| router);
    let ended = run(&["probe", &member.name(), "-6", "--tcp", "--http", "/health", "--udp", "--spacing", "1ms"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let ended = run(&["probe", &member.name(), "-4"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(2), "netring: ::1 is no IPv4 address\n"));
}

#[test]
fn the_key_comes_from_the_environment_or_a_file() {
    let member = Member::with([127, 0, 0, 1].into(), Some(KEY), |router| router);
    let name = member.name();
    let args = ["probe", &name, "--udp", "--packets", "2", "--spacing", "1ms", "--timeout", "300ms"];
    let none = run(&args);
    assert_eq!(none.code, Some(1), "{none:?}");
    assert!(none.stdout.contains("NETRING_RING_KEY or --key-file"), "{}", none.stdout);

    let patient = [&args[..7], &["--timeout", "30s"]].concat();
    let output = command(&patient).env("NETRING_RING_KEY", KEY).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");

    let file = std::env::temp_dir().join(format!("netring-key-{}", std::process::id()));
    std::fs::write(&file, format!("{KEY}\n")).unwrap();
    let ended = run(&[&patient[..], &["--key-file", file.to_str().unwrap()]].concat());
    std::fs::remove_file(&file).unwrap();
    assert_eq!(ended.code, Some(0), "{ended:?}");

    let output = command(&args).env("NETRING_RING_KEY", "hunter2").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr.contains("NETRING_RING_KEY: the key of a ring has from 16") && !stderr.contains("hunter2"),
        "{stderr}"
    );
    let ended = run(&[&args[..], &["--key-file", "/nonexistent/key"]].concat());
    assert!(ended.code == Some(2) && ended.stderr.contains("/nonexistent/key"), "{ended:?}");
}

#[test]
fn a_name_that_does_not_resolve_is_said() {
    for command in ["probe", "bandwidth", "trace"] {
        let ended = run(&[command, "no-such-host.invalid"]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
        assert!(ended.stderr.starts_with("netring: no-such-host.invalid does not resolve: "), "{ended:?}");
    }
}

#[test]
fn a_wrong_command_line_is_said() {
    for (args, said) in [
        (&["probe"][..], "<HOST>"),
        (&["probe", "a:0"], "from 1 to 65535"),
        (&["probe", "::1:x"], "[2001:db8::1]:8757"),
        (&["probe", "ftp://a/"], "http or https"),
        (&["probe", "a", "--http", "health"], "must start with /"),
        (&["probe", "a", "--packets", "0"], "1..=1000"),
        (&["probe", "a", "--spacing", "2s"], "from 1ms to 1s"),
        (&["probe", "a", "--payload", "63"], "64..=1472"),
        (&["probe", "a", "-4", "-6"], "cannot be used with"),
        (&["probe", "a", "--timeout", "soon"], "write 30s"),
        (&["bandwidth", "http://a/"], "netring probe"),
        (&["bandwidth", "a", "--download", "--upload"], "cannot be used with"),
        (&["bandwidth", "a", "--fixed", "0"], "1..=1048576"),
        (&["trace", "a", "--mode", "gre"], "udp, icmp, tcp"),
        (&["trace", "a", "--flows", "17"], "1..=16"),
        (&["trace", "a", "--mode", "icmp", "--port", "7"], "ICMP has no ports"),
    ] {
        let ended = run(args);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{args:?}: {ended:?}");
        assert!(ended.stderr.contains(said), "{args:?}: {}", ended.stderr);
    }
}

#[test]
fn a_signal_ends_it_with_what_is_known() {
    let member = Member::start();
    // It would take half a minute.
    let running = Running::start(&["probe", &member.name(), "--udp", "--packets", "30", "--spacing", "1s"]);
    eventually("a packet", || (member.echoed() > 0).then_some(()));
    running.signal(Signal::SIGINT);
    let (status, lines, stderr) = running.wait();
    assert_eq!((status.code(), stderr.as_str()), (Some(130), ""), "{lines:?}");
    assert!(lines.iter().any(|line| line.trim() == "udp     cut short"), "{lines:?}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let member = Member::start();
    for json in [&[][..], &["--json"]] {
        let name = member.name();
        let args = [&["probe", &name, "--tcp"], json].concat();
        let mut child = command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{output:?}");
    }
}
