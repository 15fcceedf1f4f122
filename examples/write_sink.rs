//! A `MetricSink` of your own: every event becomes a line of JSON on standard output.
//!
//! ```text
//! cargo run -p netring-examples --example write_sink                # ends by itself
//! cargo test -p netring-examples --example write_sink               # the contract of a sink, rule by rule
//! ```

use netring_core::{
    AdvertisedAddress, Cadence, Clock, Event, FixedDiscovery, InstanceId, Location, Member, MemberEngine, MetricSink,
    ProbeReport, SystemClock, TcpProber,
};
use serde::Serialize;
use std::{
    error::Error,
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

/// What is written of an event. Owned, for the event itself is gone when the line is written.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line {
    Probe(Box<ProbeReport>),
    ProbeNotMade { target: String, error: String },
    Members { members: usize },
    RegistryContact { in_reach: bool },
    TaskPanicked { task: &'static str },
}

/// Hands events to a queue. `record` is on the path of every probe: it must neither wait nor write.
#[derive(Debug)]
struct JsonLines {
    queue: mpsc::Sender<Line>,
    dropped: AtomicU64,
}

impl JsonLines {
    /// A sink, and the queue to write from. At most `capacity` lines wait.
    fn new(capacity: usize) -> (Self, mpsc::Receiver<Line>) {
        let (queue, lines) = mpsc::channel(capacity);
        (Self { queue, dropped: AtomicU64::new(0) }, lines)
    }

    /// How many lines were dropped because the queue was full, or its reader gone.
    fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl MetricSink for JsonLines {
    fn record(&self, event: &Event<'_>) {
        let line = match event {
            // The ids in a report are shared: to clone it costs little.
            Event::Probe { report, .. } => Line::Probe(Box::new((*report).clone())),
            Event::ProbeNotMade { target, error, .. } => {
                Line::ProbeNotMade { target: target.to_string(), error: error.to_string() }
            }
            Event::Members { members, .. } => Line::Members { members: members.len() },
            Event::RegistryContact { in_reach, .. } => Line::RegistryContact { in_reach: *in_reach },
            Event::TaskPanicked { task, .. } => Line::TaskPanicked { task },
            // There may be more kinds of event one day. What is not known is left out.
            _ => return,
        };
        if self.queue.try_send(line).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Writes lines until the sink is gone.
async fn write_lines(mut lines: mpsc::Receiver<Line>, mut out: impl AsyncWrite + Unpin) -> io::Result<()> {
    while let Some(line) = lines.recv().await {
        let mut json = serde_json::to_vec(&line)?;
        json.push(b'\n');
        out.write_all(&json).await?;
        out.flush().await?;
    }
    Ok(())
}

/// Probes two targets for a second: one that listens, and one that does not.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let open = listener.local_addr()?.port();
    let ring = FixedDiscovery::new([member("open", open)?, member("closed", 1)?]);

    let (sink, lines) = JsonLines::new(1_000);
    let sink = Arc::new(sink);
    let writing = tokio::spawn(write_lines(lines, tokio::io::stdout()));
    let cadence = Cadence::new(Duration::from_millis(300), Duration::from_secs(1));
    let member = MemberEngine::builder(InstanceId::random(), Location::new("here")?, open, Arc::new(ring))
        .prober(TcpProber, cadence)
        .sink(sink.clone())
        .build()?;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(member.run(shutdown.clone()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    shutdown.cancel();
    running.await?;

    let dropped = sink.dropped();
    // The last sender goes with the sink; the writer takes what is still queued and ends.
    drop(sink);
    writing.await??;
    let last = format!("{}\n", serde_json::json!({"event": "end", "dropped": dropped}));
    tokio::io::stdout().write_all(last.as_bytes()).await?;
    Ok(tokio::io::stdout().flush().await?)
}

fn member(id: &str, port: u16) -> Result<Member, Box<dyn Error>> {
    Ok(Member {
        instance_id: InstanceId::new(id)?,
        location: Location::new("eu1")?,
        address: AdvertisedAddress::new([127, 0, 0, 1].into(), port)?,
        heartbeat_interval: None,
        udp_echo: false,
        registered_at: SystemClock.now(),
        last_seen: SystemClock.now(),
        deregistered_at: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use netring_core::{Outcome, Source, testing::sample};

    /// A sink whose queue is never emptied: the hardest case there is.
    fn stuck() -> Arc<dyn MetricSink> {
        let (sink, lines) = JsonLines::new(10);
        tokio::spawn(async move {
            let _kept = lines;
            std::future::pending::<()>().await;
        });
        Arc::new(sink)
    }

    // The rules of the contract, each as a test of its own name.
    netring_core::metric_sink_conformance!(stuck);

    fn source() -> Source {
        Source { instance_id: sample::id("me"), location: Location::new("here").unwrap() }
    }

    #[tokio::test]
    async fn every_event_is_a_line() {
        let (sink, lines) = JsonLines::new(10);
        let (source, report) = (source(), sample::result("a", Outcome::Success));
        sink.record(&Event::Members { source: &source, members: &[], as_of: sample::NOW });
        sink.record(&Event::Probe { source: &source, report: &report });
        drop(sink);
        let mut out = Vec::new();
        write_lines(lines, &mut out).await.unwrap();
        let lines: Vec<serde_json::Value> =
            String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0], serde_json::json!({"event": "members", "members": 0}));
        assert_eq!(lines[1]["event"], "probe");
        assert_eq!(lines[1]["target"]["instance_id"], "a");
    }

    #[tokio::test]
    async fn what_does_not_fit_is_dropped_and_counted() {
        let (sink, lines) = JsonLines::new(2);
        let source = source();
        for _ in 0..5 {
            sink.record(&Event::RegistryContact { source: &source, in_reach: true });
        }
        assert_eq!((sink.dropped(), lines.len()), (3, 2));
    }
}
