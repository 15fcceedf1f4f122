use crate::process::run;
use netring_core::{Measurement, ProbeReport};

#[test]
fn a_target_on_this_host_is_one_hop_away() {
    for target in ["127.0.0.1", "::1"] {
        let ended = run(&["trace", target, "--mode", "udp", "--tries", "2", "--timeout", "30s"]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
        let heading = format!("trace to {target}, port 33434, by udp, up to 30 hops, 2 packets each");
        assert_eq!(ended.stdout.lines().next(), Some(heading.as_str()));
        let hop = ended.stdout.lines().find(|line| line.starts_with("    1   ")).unwrap();
        assert!(hop.contains(target) && hop.contains(" 0 %") && hop.contains(" ms"), "{hop}");
        let last = ended.stdout.lines().last().unwrap();
        assert!(last.starts_with("REACHED   in 1 hop, ") && last.ends_with(" > 33434)"), "{last}");
    }
}

#[test]
fn flows_are_told_apart() {
    let ended = run(&["trace", "127.0.0.1", "--mode", "udp", "--flows", "3", "--port", "40001", "--timeout", "30s"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.stdout.matches(" > 40001   reached in 1 hop").count(), 3, "{}", ended.stdout);
    assert!(ended.stdout.ends_with("(udp, 3 flows over 1 path)\n"), "{}", ended.stdout);
}

#[test]
fn json_is_what_the_library_writes() {
    let ended = run(&["trace", "127.0.0.1", "--mode", "udp", "--json", "--timeout", "30s"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let report: ProbeReport = serde_json::from_str(&ended.stdout).unwrap();
    assert!(
        matches!(&report.measurement, Some(Measurement::Traceroute(trace)) if trace.hops() == Some(1)),
        "{report:?}"
    );
}

#[test]
fn help_lists_every_command() {
    let ended = run(&["--help"]);
    for command in ["demo", "status", "probe", "bandwidth", "trace"] {
        let lines = ended.stdout.lines().filter(|line| line.trim_start().starts_with(&format!("{command} ")));
        assert_eq!(lines.count(), 1, "{command}: {}", ended.stdout);
    }
    for command in ["probe", "bandwidth", "trace"] {
        let ended = run(&[command, "--help"]);
        for said in ["Exit codes:", "  0  ", "  1  ", "  2  ", "  4  ", "  130  "] {
            assert!(ended.stdout.contains(said), "{command}, {said:?}: {}", ended.stdout);
        }
    }
}
