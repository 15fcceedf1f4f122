use crate::process::{Running, closed_port, command, demo, eventually, run};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    io::{Read, Write},
    net::TcpListener,
    process::Stdio,
    thread,
};

/// A server that answers every request as `answer` says for its path, and its URL.
fn server(answer: impl Fn(&str) -> (u16, String) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut request = Vec::new();
            let mut buffer = [0; 1024];
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(n) if n > 0 => request.extend_from_slice(&buffer[..n]),
                    _ => break,
                }
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            let (status, body) = answer(request.split(' ').nth(1).unwrap_or_default());
            let head = format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            // The client may have gone.
            let _ = stream.write_all((head + &body).as_bytes());
        }
    });
    url
}

fn matrix(state: &str, members: &str) -> String {
    format!(r#"{{"at": 1000000.5, "state": "{state}", "members": [{members}], "pairs": []}}"#)
}

const MEMBER: &str =
    r#"{"instance_id": "a", "location": "eu1", "address": "10.0.0.1:8757", "status": "online", "last_seen": 999990.0}"#;

#[test]
fn the_exit_code_tells_how_the_ring_is() {
    for (state, members, code, word) in [
        ("healthy", MEMBER, 0, "HEALTHY   members: 1 online"),
        ("unhealthy", MEMBER, 1, "UNHEALTHY   members: 1 online"),
        ("unknown", "", 3, "NOT KNOWN YET   no member has registered"),
    ] {
        let url = server(move |_| (200, matrix(state, members)));
        let ended = run(&["status", "--registry", &url]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(code), ""), "{ended:?}");
        let last = ended.stdout.lines().last().unwrap();
        assert_eq!(last, format!("{word} (exit code {code})"), "{ended:?}");
        let json = run(&["status", "--json", "--registry", &url]);
        assert_eq!((json.code, json.stdout), (Some(code), matrix(state, members) + "\n"));
    }
}

#[test]
fn a_demonstration_is_healthy() {
    let (running, registry) = demo(&["--interval", "500ms"]);
    running.wait_for("every pair", |line| line.contains("pairs: 42 of 42 up").then_some(()));
    let ended = eventually("healthy", || Some(run(&["status", "--registry", &registry])).filter(|e| e.code == Some(0)));
    assert!(ended.stdout.contains("from              asia1-a        eu1-a          eu1-b"), "{}", ended.stdout);
    assert!(!ended.stdout.contains('\u{1b}'), "no colours in a pipe: {ended:?}");

    let ended = run(&["status", "--json", "--registry", &registry]);
    let json: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(json["members"].as_array().unwrap().len(), 7);
}

#[test]
fn the_registry_is_named_in_the_environment_too() {
    let url = server(|_| (200, matrix("healthy", MEMBER)));
    let output = command(&["status"]).env("NETRING_REGISTRY_URL", &url).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn a_registry_that_is_not_there_is_said() {
    let (_held, port) = closed_port();
    for json in [&[][..], &["--json"]] {
        let url = format!("http://me:secret@127.0.0.1:{port}");
        let ended = run(&[&["status", "--registry", &url], json].concat());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""), "{ended:?}");
        for said in [&format!("127.0.0.1:{port}"), "refused", "--registry", "NETRING_REGISTRY_URL"] {
            assert!(ended.stderr.contains(said), "{said}: {ended:?}");
        }
        assert!(!ended.stderr.contains("secret"), "{ended:?}");
    }
}

#[test]
fn an_answer_that_makes_no_sense_is_said() {
    for (status, body, said) in [
        (200, "<html>".to_owned(), "not understood"),
        (200, "{}".to_owned(), "not understood"),
        (200, matrix("splendid", ""), "splendid"),
        (200, matrix("healthy", r#"{"instance_id": "\u001b[2J"}"#), "control characters"),
        (404, String::new(), "there is no netring registry at"),
        (401, r#"{"error": "who\u001b[2J?"}"#.to_owned(), "401"),
        (500, "\u{1b}[2J".to_owned(), "500"),
        (503, r#"{"error": "the store is out of reach"}"#.to_owned(), "the store is out of reach"),
    ] {
        let answer = body.clone();
        let url = server(move |_| (status, answer.clone()));
        let ended = run(&["status", "--registry", &url]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""), "{body}: {ended:?}");
        assert!(ended.stderr.contains(said) && !ended.stderr.contains('\u{1b}'), "{body}: {ended:?}");
    }
}

#[test]
fn a_ring_too_large_for_every_pair_is_shown_by_locations() {
    let rollup = r#"{"at": 1000000.5, "state": "unhealthy",
        "locations": [{"location": "eu1", "online": 600, "stale": 0, "offline": 0, "deregistered": 0}],
        "pairs": [{"source_location": "eu1", "target_location": "eu1", "state": "down", "up": 359399, "down": 1,
                   "degraded": 0, "unknown": 0, "latency_seconds": {"worst": 0.2, "median": 0.02, "best": 0.01},
                   "worst": {"source": "a", "target": "b"}}]}"#;
    let url = server(move |path| match path {
        "/api/v1/matrix?by=location" => (200, rollup.to_owned()),
        _ => (422, r#"{"error": "the ring has 600 active members"}"#.to_owned()),
    });
    let ended = run(&["status", "--registry", &url]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.stdout.contains("359399 of 359400"), "{}", ended.stdout);
    assert!(ended.stdout.contains("UNHEALTHY   members: 600 online; pairs: 359399 of 359400 up, 1 down"), "{ended:?}");
    let json = run(&["status", "--json", "--registry", &url]);
    assert_eq!((json.code, json.stdout), (Some(1), rollup.to_owned() + "\n"));
}

#[test]
fn a_registry_of_1x_is_told_apart() {
    let url = server(|path| match path {
        "/members" => (200, r#"{"members": []}"#.to_owned()),
        _ => (404, r#"{"error": "not found"}"#.to_owned()),
    });
    let ended = run(&["status", "--registry", &url]);
    assert_eq!(ended.code, Some(4));
    assert!(ended.stderr.contains("one of netring 1.x"), "{ended:?}");
}

#[test]
fn a_url_that_is_none_is_a_usage_error() {
    for url in ["", "registry.example", "ftp://registry.example", "http://"] {
        let ended = run(&["status", "--registry", url]);
        assert!(ended.code == Some(2) && ended.stderr.contains("--registry"), "{url:?}: {ended:?}");
    }
}

#[test]
fn watching_goes_on_and_ends_with_the_code_of_the_last_answer() {
    let url = server(|_| (200, matrix("unhealthy", MEMBER)));
    let json = Running::start(&["status", "--json", "--watch", "0.1", "--registry", &url]);
    for _ in 0..2 {
        json.wait_for("a line of JSON", |line| serde_json::from_str::<serde_json::Value>(line).ok());
    }
    json.signal(Signal::SIGINT);
    assert_eq!(json.wait().0.code(), Some(1));

    let text = Running::start(&["status", "--watch", "0.1", "--registry", &url]);
    text.wait_for("the verdict", |line| line.starts_with("UNHEALTHY").then_some(()));
    text.signal(Signal::SIGTERM);
    assert_eq!(text.wait().0.code(), Some(1));
}

/// A matrix that is more than a pipe holds.
fn large_matrix() -> String {
    let members: Vec<_> = (0..2_000).map(|i| MEMBER.replace("\"a\"", &format!("\"a{i}\""))).collect();
    matrix("unhealthy", &members.join(","))
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let url = server(|_| (200, large_matrix()));
    for json in [&[][..], &["--json"]] {
        let args = [&["status", "--registry", &url], json].concat();
        let mut child = command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0), "{output:?}");
    }
}

#[test]
fn a_signal_ends_it_also_when_nobody_reads() {
    let url = server(|_| (200, large_matrix()));
    let mut child = command(&["status", "--json", "--registry", &url]).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    // It has begun to write, and cannot go on.
    stdout.read_exact(&mut [0]).unwrap();
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
