use crate::{
    member::Member,
    process::{closed_port, run},
};
use netring_core::{Measurement, ProbeReport, model::BandwidthMode};

#[test]
fn both_ways_are_measured() {
    let member = Member::start();
    let ended = run(&["bandwidth", &member.name(), "--max-mib", "8", "--max-duration", "30s"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let mut lines = ended.stdout.lines();
    assert_eq!(lines.next(), Some(format!("throughput to 127.0.0.1, port {}", member.address.port()).as_str()));
    for direction in ["download", "upload"] {
        let line = ended.stdout.lines().find(|line| line.trim_start().starts_with(direction)).unwrap();
        assert!(line.contains(" Mbit/s "), "{line}");
        // Over loopback the path has no rate of its own.
        assert!(line.contains("settled") || line.contains("a TCP window kept the rate down"), "{line}");
    }
}

#[test]
fn a_fixed_size_one_way_is_exact() {
    let member = Member::start();
    let ended = run(&["bandwidth", &member.name(), "--fixed", "2", "--upload", "--max-duration", "30s"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains(" 2 MiB ") && ended.stdout.contains("a fixed size"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("download"), "{}", ended.stdout);
}

#[test]
fn json_is_what_the_library_writes() {
    let member = Member::start();
    let ended = run(&["bandwidth", &member.name(), "--fixed", "1", "--json", "--max-duration", "30s"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let report: ProbeReport = serde_json::from_str(&ended.stdout).unwrap();
    let Some(Measurement::Bandwidth(measured)) = &report.measurement else { panic!("{report:?}") };
    assert_eq!(measured.mode, BandwidthMode::Fixed);
    assert!(measured.download.is_some() && measured.upload.is_some(), "{measured:?}");
}

#[test]
fn a_member_that_is_full_says_when_to_come_back() {
    let member = Member::with([127, 0, 0, 1].into(), None, |router| router.max_bandwidth_tests(0));
    for json in [&[][..], &["--json"]] {
        let ended = run(&[&["bandwidth", &member.name()], json].concat());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{ended:?}");
        assert!(ended.stderr.contains("is busy with the tests of others; try again in 1 s"), "{ended:?}");
    }
}

#[test]
fn a_target_that_refuses_fails() {
    let (_held, port) = closed_port();
    let ended = run(&["bandwidth", &format!("127.0.0.1:{port}")]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.stdout.contains("\n  FAILED   refused: "), "{}", ended.stdout);
}
