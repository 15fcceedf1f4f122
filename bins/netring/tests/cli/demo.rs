use crate::process::{Running, closed_port, command, demo, eventually, run};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::Stdio,
    time::{Duration, Instant},
};

fn get(url: &str) -> String {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// What the registry answers.
fn api(registry: &str, path: &str) -> Value {
    let answer = get(&format!("{registry}/api/v1/{path}"));
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    serde_json::from_str(body).unwrap()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

/// The checks of `kind` in the matrix, with the location of each target.
fn checks<'a>(matrix: &'a Value, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    list(matrix, "pairs").iter().flat_map(move |pair| {
        let (location, _) = pair["target"].as_str().unwrap().split_once('-').unwrap();
        list(pair, "checks").iter().filter(move |check| check["kind"] == kind).map(move |check| (location, check))
    })
}

#[test]
fn it_says_where_to_look_and_every_pair_comes_up() {
    let running =
        Running::start(&["demo", "--registry-port", "0", "--member-port", "0", "--interval", "500ms", "--for", "6s"]);
    let urls: Vec<String> = (0..10)
        .flat_map(|_| {
            running.wait_for("a URL", |line| {
                let urls: Vec<_> =
                    line.split_whitespace().filter(|w| w.starts_with("http")).map(str::to_owned).collect();
                (!urls.is_empty()).then_some(urls)
            })
        })
        .collect();
    assert_eq!(urls.len(), 1 + 4 + 7 * 2, "{urls:?}");
    assert!(get(&urls[0]).contains("<!doctype html>"), "the page comes first: {urls:?}");
    for url in &urls {
        assert!(get(url).starts_with("HTTP/1.1 200"), "{url}");
    }
    running.wait_for("every pair", |line| line.contains("pairs: 42 of 42 up").then_some(()));
    let metrics = urls.iter().find(|url| url.ends_with("/metrics")).unwrap();
    assert!(get(metrics).contains("target_location=\"asia1\""), "{}", get(metrics));

    let (status, lines, stderr) = running.wait();
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
    assert!(lines.last().unwrap().contains("over"), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains('\u{1b}')), "no colours in a pipe: {lines:?}");
}

#[test]
fn a_member_crashes_comes_back_leaves_and_comes_back() {
    let (running, _) = demo(&["--interval", "400ms"]);
    let sees = |what: &str| running.wait_for(what, |line| line.contains(what).then_some(()));
    sees("HEALTHY   members: 7 online; pairs: 42 of 42 up");
    sees("us1-b refuses every connection");
    sees("asia1-a has crashed");
    sees("1 offline; pairs: 30 of 30 up");
    sees("members: 7 online; pairs: 42 of 42 up");
    sees("asia1-a has said goodbye");
    sees("members: 6 online, 1 deregistered; pairs: 30 of 30 up");
    sees("members: 7 online; pairs: 42 of 42 up");
}

/// What the registry says at one time.
struct Answers {
    matrix: Value,
    faults: Value,
    topology: Value,
    expected: Value,
    events: Value,
}

impl Answers {
    fn of(registry: &str) -> Self {
        let [matrix, faults, topology, expected, events] =
            ["matrix", "faults", "topology", "expected", "events"].map(|path| api(registry, path));
        Self { matrix, faults, topology, expected, events }
    }

    fn has_event(&self, kind: &str) -> bool {
        list(&self.events, "events").iter().any(|event| event["kind"] == kind)
    }

    /// Whether a burst, of those to `sa1` or of all others, is as `wanted` by its round trip in seconds and its loss.
    fn has_burst(&self, far: bool, wanted: fn(f64, f64) -> bool) -> bool {
        checks(&self.matrix, "udp").any(|(location, check)| {
            let number = |name: &str| check[name].as_f64().unwrap_or(f64::NAN);
            (location == "sa1") == far && wanted(number("round_trip_time_seconds"), number("loss_ratio"))
        })
    }

    fn has_fault(&self, wanted: fn(&Value) -> bool) -> bool {
        list(&self.faults, "open").iter().any(wanted)
    }
}

/// Something that a view shows, and whether it is there.
type Shown = (&'static str, fn(&Answers) -> bool);

#[test]
fn every_view_of_the_page_has_something_to_show() {
    let (_running, registry) = demo(&["--interval", "400ms"]);
    let mut missing: Vec<Shown> = vec![
        ("paths between all locations", |now| {
            let locations = list(&now.topology, "locations").iter().map(|location| &location["location"]);
            locations.eq(["asia1", "eu1", "sa1", "us1"]) && list(&now.topology, "edges").len() >= 4 * 3
        }),
        ("loss on the way to sa1", |now| now.has_burst(true, |_, loss| loss > 0.0)),
        ("a long way to sa1", |now| now.has_burst(true, |round_trip, _| round_trip >= 0.12)),
        ("a short way elsewhere", |now| now.has_burst(false, |round_trip, _| round_trip < 0.12)),
        ("throughput to sa1 at the rate of its line", |now| {
            checks(&now.matrix, "bandwidth").any(|(location, check)| {
                location == "sa1" && check["download_bits_per_second"].as_f64().is_some_and(|rate| rate < 60e6)
            })
        }),
        ("hops", |now| checks(&now.matrix, "traceroute").any(|(_, check)| check["hops"].as_u64() >= Some(1))),
        ("a member that is missing", |now| now.expected["locations"]["sa1"]["status"] == "missing"),
        ("a fault of us1-b that came back", |now| {
            now.has_fault(|fault| fault["instance_id"] == "us1-b" && fault["relapses"].as_u64() >= Some(1))
        }),
        ("a fault that tells of loss on the way to sa1", |now| {
            now.has_fault(|fault| fault["symptom"] == "lossy" && fault.to_string().contains("sa1"))
        }),
        ("who joined", |now| now.has_event("joined")),
        ("who left", |now| now.has_event("left")),
        ("who is offline", |now| now.has_event("offline")),
        ("who is online again", |now| now.has_event("online")),
        ("a fault that began", |now| now.has_event("fault_opened")),
        ("a fault that ended", |now| now.has_event("fault_closed")),
    ];
    while !missing.is_empty() {
        let names: Vec<_> = missing.iter().map(|(name, _)| *name).collect();
        eventually(&format!("any of {names:?}"), || {
            let now = Answers::of(&registry);
            missing.retain(|(_, is_there)| !is_there(&now));
            (missing.len() < names.len()).then_some(())
        });
    }
}

#[test]
fn a_crashed_member_is_refused_by_the_others() {
    let (running, registry) = demo(&["--interval", "500ms"]);
    running.wait_for("the crash", |line| line.contains("asia1-a has crashed").then_some(()));
    let status = eventually("the crash in the status", || {
        let status = run(&["status", "--registry", &registry]);
        // How far apart the columns stand follows from who else is not reached.
        let words = ["eu1-a", "->", "asia1-a", "DOWN", "tcp:", "connect:"];
        let told = |line: &str| line.split_whitespace().take(words.len()).eq(words);
        status.stdout.lines().any(told).then_some(status)
    });
    assert_eq!(status.code, Some(1));
    assert!(status.stdout.contains("DOWN refused"), "{}", status.stdout);
    assert!(status.stdout.trim_end().ends_with("(exit code 1)"), "{}", status.stdout);
}

#[test]
fn a_taken_port_is_named_with_its_flag() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (flag, other) in [("--registry-port", "--member-port"), ("--member-port", "--registry-port")] {
        let ended = run(&["demo", flag, &port, other, "0"]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(ended.stderr.contains(&format!("port {port} is taken")) && ended.stderr.contains(flag), "{ended:?}");
        assert!(!ended.stderr.contains(other), "{ended:?}");
    }
}

#[test]
fn ports_that_cannot_be_are_refused() {
    let ended = run(&["demo", "--registry-port", "0", "--member-port", "65534"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("--member-port 65534 leaves no room"), "{ended:?}");
    for args in [["demo", "--member-port", "65536"], ["demo", "--for", "soon"], ["demo", "--interval", "1h"]] {
        let ended = run(&args);
        assert!(ended.code == Some(2) && ended.stderr.contains(args[1]), "{ended:?}");
    }
}

#[test]
fn a_port_cannot_be_for_two() {
    let (_held, port) = closed_port();
    let port = port.to_string();
    let ended = run(&["demo", "--registry-port", &port, "--member-port", &port]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains(&format!("port {port} is for the registry")), "{ended:?}");
}

#[test]
fn a_signal_ends_it_within_two_seconds() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let (running, _) = demo(&[]);
        running.wait_for("every pair", |line| line.contains("pairs: 42 of 42 up").then_some(()));
        let told = Instant::now();
        running.signal(signal);
        let (status, _, stderr) = running.wait();
        assert!(told.elapsed() < Duration::from_secs(2), "{signal}: {:?}", told.elapsed());
        assert_eq!((status.code(), stderr.as_str()), (Some(0), ""), "{signal}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let mut child = command(&["demo", "--registry-port", "0", "--member-port", "0", "--interval", "200ms"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{output:?}");
}
