//! How long it takes to be told who reaches whom, over a real connection: 50 and 200 members, each pair with a check by TCP, two
//! by HTTP, and bursts by UDP and ICMP, and 1,000 members by locations. Target: 200 members in less than 50 ms.
//!
//! A first answer is one that nobody has asked for before; a following one is what a page gets that asks every second.

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

const SECOND: Duration = Duration::from_secs(1);
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
    println!("\nAn answer; ms, and bytes. Following: median and the longest of 30, one each second.");
    println!("| members | question | first | following p50 | max | bytes | as | load |");
    println!("|--:|---|--:|--:|--:|--:|---|--:|");
    let rings: &[_] = if whole {
        &[(50, "", 30), (200, "", 30), (200, "?by=location", 30), (1_000, "?by=location", 30)]
    } else {
        &[(5, "", 2), (5, "?by=location", 2)]
    };
    for &(members, query, times) in rings {
        let registry = runtime.block_on(ring(members));
        for gzip in [false, true] {
            // Nobody has asked a router that has just been made.
            let address = runtime.block_on(serve(registry.clone()));
            answers(members, query, gzip, address, times);
        }
    }
}

/// Asks so many times.
fn answers(members: usize, query: &str, gzip: bool, address: SocketAddr, times: u32) {
    let mut connection = TcpStream::connect(address).expect("a connection");
    let mut body = Vec::new();
    let (first, bytes) = ask(&mut connection, query, gzip, &mut body);
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
    let question = if query.is_empty() { "all pairs" } else { "by=location" };
    let (first, p50, max) = (ms(first), ms(p50), ms(max));
    println!("| {members} | {question} | {first:.1} | {p50:.1} | {max:.1} | {bytes} | {coding} | {load} |");
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

async fn serve(registry: RegistryEngine) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, registry_router(registry)).await });
    address
}

/// A registry whose members have all reported just now.
async fn ring(members: usize) -> RegistryEngine {
    let registry = RegistryEngine::builder(Arc::new(MemoryStore::new())).build();
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
