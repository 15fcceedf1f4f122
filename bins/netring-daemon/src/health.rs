//! What a daemon says of its own health, asked from outside of its process: for containers, whose images hold no other
//! program that could ask.

use serde_json::Value;
use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// How long a daemon may take to answer, all in all. Less than any runtime gives a health check.
const PATIENCE: Duration = Duration::from_secs(3);
/// More of an answer is not read.
const LONGEST_ANSWER: u64 = 64 * 1024;
/// More of a reason is not told, in characters.
const LONGEST_REASON: usize = 300;

/// Asks the daemon that listens on `listening` whether it is healthy.
///
/// # Errors
/// Why it is not, or why nobody knows, in one line.
pub(crate) fn ask(listening: SocketAddr) -> Result<(), String> {
    ask_within(listening, PATIENCE)
}

fn ask_within(listening: SocketAddr, patience: Duration) -> Result<(), String> {
    if listening.port() == 0 {
        return Err("the port is 0, any that is free, so nobody knows where to ask: set one".to_owned());
    }
    let address = SocketAddr::new(reachable(listening.ip()), listening.port());
    let answer = get(address, patience).map_err(|error| format!("http://{address}/health: {error}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.split(' ').nth(1) {
        Some("200") if head.starts_with("HTTP/1.") => Ok(()),
        Some(status) if head.starts_with("HTTP/1.") => {
            let reason = reason(body).map(|reason| format!(": {reason}")).unwrap_or_default();
            Err(one_line(&format!("unhealthy, http://{address}/health is {status}{reason}")))
        }
        _ => Err(format!("http://{address}/health: what answers there speaks no HTTP")),
    }
}

/// Where a daemon that listens on `ip` is reached from its own host.
fn reachable(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}

/// All of the answer, head and body, by blocking calls that end in time together.
fn get(address: SocketAddr, patience: Duration) -> io::Result<String> {
    let begun = Instant::now();
    let late = || io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {} s", patience.as_secs_f64()));
    // None and zero would wait for ever.
    let left = || patience.checked_sub(begun.elapsed()).filter(|left| !left.is_zero()).ok_or_else(late);
    let in_time = |error: io::Error| match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => late(),
        _ => error,
    };
    let mut stream = TcpStream::connect_timeout(&address, left()?).map_err(in_time)?;
    stream.set_write_timeout(Some(left()?))?;
    let request = format!("GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(in_time)?;
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    while (answer.len() as u64) < LONGEST_ANSWER {
        stream.set_read_timeout(Some(left()?))?;
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(part.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(in_time(error)),
        }
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Why the daemon is unhealthy, as its answer says: the error, or else the loops that do not turn.
fn reason(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    if let Some(error) = body.get("error").and_then(Value::as_str) {
        return Some(error.to_owned());
    }
    let loops = body.get("loops")?.as_array()?;
    let stuck: Vec<_> = loops
        .iter()
        .filter(|one| one.get("healthy") == Some(&Value::Bool(false)))
        .filter_map(|one| one.get("name")?.as_str())
        .collect();
    (!stuck.is_empty()).then(|| format!("these loops do not turn: {}", stuck.join(", ")))
}

/// `text` without what would end its line, and not too much of it.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::TcpListener, thread};

    /// What is said of a daemon that answers `answer`.
    fn asked(answer: impl Into<Vec<u8>>) -> Result<(), String> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer = answer.into();
        let server = thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            let mut request = [0; 1024];
            let read = stream.read(&mut request).unwrap();
            assert!(request[..read].starts_with(b"GET /health HTTP/1.1\r\n"));
            // It may have enough before all of it is written.
            let _ = stream.write_all(&answer);
        });
        let said = ask_within((Ipv4Addr::UNSPECIFIED, port).into(), Duration::from_secs(60));
        server.join().unwrap();
        said.map_err(|said| said.replace(&port.to_string(), "PORT"))
    }

    #[test]
    fn two_hundred_is_healthy_and_anything_else_is_not() {
        let json = |status: &str, body: &str| format!("HTTP/1.1 {status}\r\nContent-Type: x\r\n\r\n{body}");
        assert_eq!(asked(json("200 OK", r#"{"status":"healthy"}"#)), Ok(()));
        for (answer, said) in [
            (json("503 Service Unavailable", ""), "unhealthy, http://127.0.0.1:PORT/health is 503"),
            (
                json("503 Service Unavailable", r#"{"error":"Redis is\naway"}"#),
                "unhealthy, http://127.0.0.1:PORT/health is 503: Redis is away",
            ),
            (
                json(
                    "503 X",
                    r#"{"loops":[{"name":"sweep","healthy":false},{"name":"judge","healthy":true},{"name":"poll","healthy":false}]}"#,
                ),
                "unhealthy, http://127.0.0.1:PORT/health is 503: these loops do not turn: sweep, poll",
            ),
            (json("404 Not Found", "[1, 2]"), "unhealthy, http://127.0.0.1:PORT/health is 404"),
            (String::new(), "http://127.0.0.1:PORT/health: what answers there speaks no HTTP"),
            ("220 mail 200 x\r\n".to_owned(), "http://127.0.0.1:PORT/health: what answers there speaks no HTTP"),
        ] {
            assert_eq!(asked(answer.clone()), Err(said.to_owned()), "{answer}");
        }
    }

    #[test]
    fn a_long_answer_is_cut_off() {
        let body = format!(r#"{{"error":"{}"}}"#, "a".repeat(1000));
        let said = asked(format!("HTTP/1.1 503 X\r\n\r\n{body}")).unwrap_err();
        assert_eq!(said.lines().count(), 1);
        assert!(said.len() <= LONGEST_REASON, "{said}");
        assert_eq!(asked([b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![0xff; 1 << 24]].concat()), Ok(()));
    }

    #[test]
    fn who_never_answers_is_waited_for_only_so_long() {
        // The kernel takes the connection, and nobody reads it.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let said = ask_within(address, Duration::from_millis(200)).unwrap_err();
        assert_eq!(said, format!("http://{address}/health: no answer within 0.2 s"));
        drop(listener);
        let said = ask_within(address, Duration::from_secs(60)).unwrap_err();
        assert!(said.starts_with(&format!("http://{address}/health: Connection refused")), "{said}");
    }

    #[test]
    fn the_whole_time_counts_and_not_that_of_one_read() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            // Until the other end has had enough.
            while stream.write_all(b".").is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
        });
        let said = ask_within(address, Duration::from_millis(300)).unwrap_err();
        assert!(said.ends_with("no answer within 0.3 s"), "{said}");
    }

    #[test]
    fn a_daemon_on_all_addresses_is_asked_on_loopback() {
        for (listening, asked) in
            [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("10.1.2.3", "10.1.2.3"), ("fd00::1", "fd00::1")]
        {
            assert_eq!(reachable(listening.parse().unwrap()), asked.parse::<IpAddr>().unwrap());
        }
    }

    #[test]
    fn nobody_knows_the_port_of_any_that_is_free() {
        let said = ask((Ipv4Addr::LOCALHOST, 0).into()).unwrap_err();
        assert!(said.starts_with("the port is 0"), "{said}");
    }
}
