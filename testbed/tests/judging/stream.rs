//! `GET /api/v1/stream` of a real registry.

use crate::ring::{down, events, healthy, kinds, member, open, registry};
use netring_testbed::{Daemon, PATIENCE, ReservedPort, eventually};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

/// A reader that takes chunks apart itself (RFC 9112, section 7.1), and so knows an end from a connection that was cut.
struct Stream {
    connection: BufReader<TcpStream>,
    text: String,
}

impl Stream {
    async fn open(registry: SocketAddr, last: Option<u64>) -> Self {
        let mut connection = BufReader::new(TcpStream::connect(registry).await.unwrap());
        let last = last.map(|last| format!("Last-Event-ID: {last}\r\n")).unwrap_or_default();
        let request = format!("GET /api/v1/stream HTTP/1.1\r\nHost: {registry}\r\n{last}\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(connection.read_line(&mut head).await.unwrap(), 0, "{head:?}");
        }
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let lower = head.to_ascii_lowercase();
        assert!(lower.contains("content-type: text/event-stream") && lower.contains("transfer-encoding: chunked"));
        Self { connection, text: String::new() }
    }

    /// The next event of the journal; `None` at the end.
    async fn next(&mut self) -> Option<Value> {
        timeout(PATIENCE, async {
            loop {
                while let Some(end) = self.text.find("\n\n") {
                    let block: String = self.text.drain(..end + 2).collect();
                    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                    assert_ne!(field("event"), Some("reset"));
                    if let (Some(id), Some(data)) = (field("id"), field("data")) {
                        let event: Value = serde_json::from_str(data).unwrap();
                        assert_eq!((id, field("event")), (event["id"].to_string().as_str(), event["kind"].as_str()));
                        return Some(event);
                    }
                }
                let chunk = self.chunk().await?;
                self.text.push_str(&chunk);
            }
        })
        .await
        .expect("an event, or the end")
    }

    async fn chunk(&mut self) -> Option<String> {
        let mut size = String::new();
        assert_ne!(self.connection.read_line(&mut size).await.unwrap(), 0, "the connection was cut");
        let size = usize::from_str_radix(size.trim_end(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        self.connection.read_exact(&mut chunk).await.unwrap();
        chunk.truncate(size);
        (size > 0).then(|| String::from_utf8(chunk).unwrap())
    }
}

/// Reads events of the ring, and loses its connection after every second of them.
struct Forgetful {
    registry: SocketAddr,
    stream: Stream,
    events: Vec<Value>,
}

impl Forgetful {
    /// Reads until an event is of this kind.
    async fn until(&mut self, kind: &str) {
        loop {
            let event = self.stream.next().await.expect("the stream goes on");
            let found = event["kind"] == kind;
            let last = event["id"].as_u64();
            self.events.push(event);
            if self.events.len().is_multiple_of(2) {
                self.stream = Stream::open(self.registry, last).await;
            }
            if found {
                return;
            }
        }
    }
}

fn ended(mut registry: Daemon) {
    registry.signal(Signal::SIGTERM);
    let (status, _) = registry.wait();
    assert!(status.success(), "{status}:\n{}", registry.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_a_member_is_told_in_its_order_and_once() {
    let port = ReservedPort::new().unwrap();
    let registry = registry(&port, None, &[]);
    let address = registry.address();
    let mut steady = Stream::open(address, None).await;
    let mut members: Vec<_> = ["a", "b"].map(|id| member(&[address], id)).into();
    healthy(address, 2).await;
    let mut forgetful =
        Forgetful { registry: address, stream: Stream::open(address, Some(0)).await, events: Vec::new() };

    members.push(member(&[address], "c"));
    healthy(address, 3).await;
    drop(members.pop());
    let fault = down(address, "c").await;
    forgetful.until("fault_opened").await;
    members.push(member(&[address], "c"));
    eventually("the fault is over", || async { open(address).await?.is_empty().then_some(()) }).await;
    forgetful.until("fault_closed").await;
    healthy(address, 3).await;

    let last = forgetful.events.len();
    let kept = events(address).await.unwrap();
    assert_eq!(forgetful.events, kept[..last], "who came back again and again");
    let mut seen = Vec::new();
    while seen.len() < last {
        seen.push(steady.next().await.expect("the stream goes on"));
    }
    assert_eq!(seen, kept[..last], "who was there from the beginning");
    let kinds = kinds(&kept);
    let of = |whose: &str| {
        let own = kinds.iter().filter(|(_, of)| of == whose);
        own.map(|(kind, _)| kind.as_str()).collect::<Vec<_>>()
    };
    assert_eq!((of("a"), of("b")), (vec!["joined"], vec!["joined"]), "{kept:?}");
    assert_eq!(of("c"), ["joined", "stale", "online"], "{kept:?}");
    assert_eq!(of(&fault), ["fault_opened", "fault_closed"], "{kept:?}");

    // A stream ends as an answer does, and is not cut when the time for that is over.
    let ending = tokio::task::spawn_blocking(|| ended(registry));
    while let Some(event) = steady.next().await {
        seen.push(event);
    }
    ending.await.unwrap();
    assert!(kept.starts_with(&seen) || seen.starts_with(&kept));
}
