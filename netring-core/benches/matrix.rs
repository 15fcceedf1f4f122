//! How long it takes to be told who reaches whom, over a real connection: 50 and 200 members, each pair with a check by TCP, two
//! by HTTP, and bursts by UDP and ICMP; 1,000 members by locations; and 50 to 1,000 members as a grid. Targets: the matrix of 200
//! members in less than 50 ms, the first grid of 300 in less than 100 ms, and that of 1,000 in less than a second.
//!
//! A first answer is one that nobody has asked for before, the median of five; a following one is what a page gets that asks every
//! second. The last column compares the first answer with that of the whole matrix of the same ring.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

use flate2::{Compression, write::GzEncoder};
use netring_core::{
    AdvertisedAddress, BurstMeasurement, Clock, Endpoint, Host, HttpMeasurement, InstanceId, Location, Measurement,
    MemberReport, MemoryStore, Outcome, ProbeKind, ProbeReport, Registration, RegistryEngine, SystemClock, Target,
    TcpMeasurement, http::registry_router, model, wire::path,
};
use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;

const SECOND: Duration = Duration::from_secs(1);
/// Room for the last hour of every check.
const HISTORY_BYTES: usize = 16 << 30;
const MEMBERS_OF_A_LOCATION: usize = 20;

fn main() {
    let whole = std::env::args().any(|argument| argument == "--bench");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    println!("A report of one member, five checks for each of the others; bytes.");
    println!("| members | results | plain | gzip | gzip a result |");
    println!("|--:|--:|--:|--:|--:|");
    for members in if whole { vec![50, 200, 1_000] } else { vec![5] } {
        report_bytes(members);
    }
    println!("\nAn answer; ms, and bytes. Following: median and the longest of ten, one each second.");
    println!("| members | question | first | following p50 | max | bytes | as | load | first, of the matrix |");
    println!("|--:|---|--:|--:|--:|--:|---|--:|--:|");
    let rings: &[_] = if whole {
        &[
            (50, &["", GRID, GRID_OF_ALL][..], 10),
            (200, &["", "?by=location", GRID, GRID_OF_ALL], 10),
            (300, &["", GRID, GRID_OF_ALL], 10),
            (1_000, &["?by=location", GRID, GRID_OF_ALL], 10),
        ]
    } else {
        &[(5, &["", "?by=location", GRID, GRID_OF_ALL], 2)]
    };
    for &(members, questions, times) in rings {
        let registry = runtime.block_on(ring(members));
        let mut of_matrix = [None; 2];
        for question in questions {
            for (gzip, of_matrix) in [false, true].into_iter().zip(&mut of_matrix) {
                let wanted = Wanted { members, question, gzip, times };
                answers(&wanted, || runtime.block_on(serve(registry.clone())), of_matrix);
            }
        }
    }
}

/// What is asked for, and how often after the first time.
struct Wanted {
    members: usize,
    question: &'static str,
    gzip: bool,
    times: u32,
}

/// What stands behind the path of the matrix.
const GRID: &str = "/grid";
const GRID_OF_ALL: &str = "/grid?values=latency,loss,jitter,download,upload,hops,p95,age";

/// Asks five routers for the first time, and then the last of them so many times.
fn answers(wanted: &Wanted, serve: impl Fn() -> (SocketAddr, JoinHandle<()>), of_matrix: &mut Option<Duration>) {
    let Wanted { members, question: query, gzip, times } = *wanted;
    let (mut body, mut firsts) = (Vec::new(), Vec::new());
    let mut last: Option<(TcpStream, usize, JoinHandle<()>)> = None;
    for _ in 0..5 {
        // Nobody has asked a router that has just been made. What the one before keeps new ends with it.
        let (address, server) = serve();
        if let Some((_, _, server)) = last.take() {
            server.abort();
        }
        let mut connection = TcpStream::connect(address).expect("a connection");
        let (took, bytes) = ask(&mut connection, query, gzip, &mut body);
        firsts.push(took);
        last = Some((connection, bytes, server));
    }
    firsts.sort();
    let (first, (mut connection, bytes, server)) = (firsts[firsts.len() / 2], last.expect("a server"));
    let mut following = Vec::new();
    for _ in 0..times {
        std::thread::sleep(if times < 10 { Duration::ZERO } else { SECOND });
        following.push(ask(&mut connection, query, gzip, &mut body).0);
    }
    following.sort();
    let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
    let (p50, max) = (following[following.len() / 2], following[following.len() - 1]);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let (load, coding) = (load.split(' ').next().unwrap_or_default(), if gzip { "gzip" } else { "plain" });
    let question = match query {
        "" => "all pairs",
        GRID => "grid",
        GRID_OF_ALL => "grid, every number",
        _ => "by=location",
    };
    let ratio = of_matrix.map(|of_matrix| format!("{:.3}", first.as_secs_f64() / of_matrix.as_secs_f64()));
    let ratio = ratio.unwrap_or_default();
    if query.is_empty() {
        *of_matrix = Some(first);
    }
    let (first, p50, max) = (ms(first), ms(p50), ms(max));
    server.abort();
    println!("| {members} | {question} | {first:.1} | {p50:.1} | {max:.1} | {bytes} | {coding} | {load} | {ratio} |");
}

/// How long one answer took, from the question to its last byte, and how many bytes its body had.
fn ask(connection: &mut TcpStream, query: &str, gzip: bool, body: &mut Vec<u8>) -> (Duration, usize) {
    let accept = if gzip { "gzip" } else { "identity" };
    let request = format!("GET {}{query} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {accept}\r\n\r\n", path::MATRIX);
    let begun = Instant::now();
    connection.write_all(request.as_bytes()).expect("a request is sent");
    body.resize(body.len().max(64 * 1024), 0);
    let mut filled = 0;
    loop {
        let read = connection.read(&mut body[filled..]).expect("an answer");
        assert!(read > 0, "the answer ends early");
        filled += read;
        let head = body[..filled.min(2_048)].windows(4).position(|bytes| bytes == b"\r\n\r\n");
        let Some(head) = head.map(|end| end + 4) else { continue };
        let text = String::from_utf8_lossy(&body[..head]).to_ascii_lowercase();
        assert!(text.starts_with("http/1.1 200"), "{text}");
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.expect("a length").trim().parse().expect("a number");
        body.resize(body.len().max(head + length), 0);
        connection.read_exact(&mut body[filled..head + length]).expect("the rest of it");
        return (begun.elapsed(), length);
    }
}

async fn serve(registry: RegistryEngine) -> (SocketAddr, JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = async move {
        // It ends with the program, or when it is aborted.
        let _ = axum::serve(listener, registry_router(registry)).await;
    };
    (address, tokio::spawn(server))
}

/// A registry whose members have all reported just now.
async fn ring(members: usize) -> RegistryEngine {
    let registry = RegistryEngine::builder(Arc::new(MemoryStore::new())).history_bytes(HISTORY_BYTES).build();
    let targets = targets(members);
    for target in &targets {
        let registration = Registration {
            instance_id: target.instance_id.clone(),
            location: target.location.clone(),
            address: AdvertisedAddress::new(Ipv4Addr::new(10, 0, 0, 1).into(), target.port).expect("an address"),
            heartbeat_interval: Some(600 * SECOND),
            udp_echo: true,
        };
        registry.register(registration).await.expect("room for it");
    }
    for source in 0..members {
        registry.report(report(source, &targets)).await.expect("a registered member");
    }
    // So that something is known of the last hour.
    registry.judge().await.expect("the store is at hand");
    registry
}

fn targets(members: usize) -> Vec<Target> {
    let target = |number: usize| Target {
        // As long as those that a member makes for itself.
        instance_id: InstanceId::new(format!("{number:08x}-0000-4000-8000-000000000000")).expect("an id"),
        location: Location::new(format!("site-{:03}", number / MEMBERS_OF_A_LOCATION)).expect("a location"),
        host: Host::Ip(IpAddr::from([10, 0, (number / 256) as u8, (number % 256) as u8])),
        port: 8757,
    };
    (0..members).map(target).collect()
}

fn report(source: usize, targets: &[Target]) -> MemberReport {
    let now = SystemClock.now();
    let mut random = fastrand::Rng::with_seed(source as u64);
    let mut results = Vec::with_capacity(targets.len() * 5);
    let [health, metrics] = ["/health", "/metrics"].map(|path| Endpoint::new(path).expect("a path"));
    for target in targets.iter().enumerate().filter(|(number, _)| *number != source).map(|(_, target)| target) {
        let mut time = || Duration::from_nanos(random.u64(200_000..200_000_000));
        let http = |time: &mut dyn FnMut() -> Duration| {
            Measurement::Http(HttpMeasurement {
                connect: Some(time()),
                first_byte: Some(time()),
                body: Some(time()),
                status: Some(200),
                body_bytes: 500,
                ..HttpMeasurement::default()
            })
        };
        let burst = |time: &mut dyn FnMut() -> Duration| {
            Measurement::Burst(BurstMeasurement {
                sent: 10,
                received: 10,
                duplicates: 0,
                reordered: 0,
                loss_ratio: 0.0,
                round_trip_time: Some(model::RoundTripTimes {
                    min: time(),
                    mean: time(),
                    max: time(),
                    standard_deviation: time(),
                    p50: time(),
                    p95: time(),
                    p99: time(),
                }),
                interarrival_jitter: Some(time()),
                forward: None,
                backward: None,
                timestamps: model::PacketTimestamps::Kernel,
            })
        };
        let measured = [
            (ProbeKind::TCP, None, Measurement::Tcp(TcpMeasurement { resolve: None, connect: time() })),
            (ProbeKind::HTTP, Some(&health), http(&mut time)),
            (ProbeKind::HTTP, Some(&metrics), http(&mut time)),
            (ProbeKind::UDP, None, burst(&mut time)),
            (ProbeKind::ICMP, None, burst(&mut time)),
        ];
        results.extend(measured.into_iter().map(|(kind, endpoint, measurement)| ProbeReport {
            target: target.clone(),
            ip: None,
            kind,
            endpoint: endpoint.cloned(),
            started_at: now - time() * 100,
            duration: time(),
            outcome: Outcome::Success,
            measurement: Some(measurement),
            lateness: Duration::ZERO,
            tainted: false,
            interval: Some(600 * SECOND),
        }));
    }
    MemberReport {
        instance_id: targets[source].instance_id.clone(),
        location: targets[source].location.clone(),
        sent_at: now,
        check_interval: 600 * SECOND,
        results,
    }
}

fn report_bytes(members: usize) {
    let report = report(0, &targets(members));
    let plain = serde_json::to_vec(&report).expect("JSON");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&plain).expect("memory takes all");
    let gzip = encoder.finish().expect("memory takes all").len();
    let results = report.results.len();
    println!("| {members} | {results} | {} | {gzip} | {:.1} |", plain.len(), gzip as f64 / results as f64);
}
