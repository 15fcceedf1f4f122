//! Members that probe for more than reach: as processes over loopback, and in a network whose paths change.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use netring_core::{
    AdvertisedAddress, Cadence, CancellationToken, Event, FixedDiscovery, InstanceId, Location, Measurement, Member,
    MemberEngine, MetricSink, PathChange, ProbeKind, Timestamp, model::TracerouteMode, testing::sample,
};
use netring_probes::TracerouteProber;
use netring_testbed::{
    Daemon, eventually, get,
    lab::{self, Lab},
    sim::SimulatedNetwork,
};
use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const FAST: [(&str, &str); 5] = [
    ("NETRING_HEARTBEAT_INTERVAL", "1"),
    ("NETRING_POLL_INTERVAL", "1"),
    ("NETRING_CHECK_INTERVAL", "1"),
    ("NETRING_BANDWIDTH_TEST_INTERVAL", "2"),
    ("NETRING_TRACEROUTE_INTERVAL", "1"),
];

fn member(registry: &Daemon, id: &str, more: &[(&str, &str)]) -> Daemon {
    let mut environment = FAST.to_vec();
    environment.extend([("NETRING_INSTANCE_ID", id), ("NETRING_LOCATION", "eu1")]);
    environment.extend(more);
    Daemon::member(registry.address(), &environment)
}

/// The value of the first series of `metric` towards `target` that has `labels` in it.
async fn value(member: &Daemon, metric: &str, target: &str, labels: &str) -> Option<f64> {
    let text = get(member.address(), "/metrics").await.unwrap().body;
    let target = format!("target_instance=\"{target}\"");
    let of = |line: &&str| line.split('{').next() == Some(metric) && line.contains(&target) && line.contains(labels);
    text.lines().find(of)?.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
async fn members_measure_loss_throughput_and_the_path_to_each_other() {
    let registry = Daemon::registry(&[]);
    // Without a privilege that a machine may lack.
    let udp = ("NETRING_TRACEROUTE_MODE", "udp");
    let (a, _b) = (member(&registry, "a", &[udp]), member(&registry, "b", &[udp]));
    for (metric, labels) in [
        ("netring_burst_packets_total", "check_type=\"udp\",result=\"received\""),
        ("netring_burst_round_trip_time_seconds", "check_type=\"udp\""),
        ("netring_interarrival_jitter_seconds", "check_type=\"udp\",direction=\"forward\""),
        ("netring_bandwidth_mbps", ""),
        ("netring_throughput_bits_per_second", "direction=\"upload\""),
        ("netring_traceroute_max_hop_latency_ms", ""),
    ] {
        let seen = eventually(metric, || value(&a, metric, "b", labels)).await;
        assert!(seen > 0.0, "{metric} is {seen}");
    }
    assert_eq!(value(&a, "netring_traceroute_hops_total", "b", "").await, Some(1.0));
    assert_eq!(value(&a, "netring_path_changes_total", "b", "").await, Some(0.0));
    assert!(value(&a, "netring_loss_ratio", "b", "check_type=\"udp\"").await.is_some_and(|loss| loss < 1.0));

    let probers = get(a.address(), "/health").await.unwrap().json()["probers"].clone();
    let of = |kind: &str| probers.as_array().unwrap().iter().find(|prober| prober["kind"] == kind).unwrap().clone();
    assert_eq!((&of("traceroute")["mode"], &of("traceroute")["interval_seconds"]), (&"udp".into(), &1.0.into()));
    // ICMP depends on the machine; either it says how, or why not.
    assert!(of("icmp")["mode"].is_string() || of("icmp")["unavailable"].is_string(), "{probers}");
}

#[tokio::test]
async fn a_ring_with_a_key_hears_its_members_alone_and_without_an_echo_nobody_is_blamed() {
    let registry = Daemon::registry(&[]);
    let key = ("NETRING_RING_KEY", "the key of this ring");
    let (a, _b) = (member(&registry, "a", &[key]), member(&registry, "b", &[key]));
    let _stranger = member(&registry, "stranger", &[("NETRING_RING_KEY", "another key than theirs")]);
    // A member of 1.x says nothing of an echo.
    let old =
        serde_json::json!({"instance_id": "old", "location": "eu1", "ip": "127.0.0.1", "port": a.address().port()});
    assert_eq!(netring_testbed::post(registry.address(), "/register", &old).await.unwrap().status, 200);

    let udp = "check_type=\"udp\"";
    let loss = |target: &'static str| value(&a, "netring_loss_ratio", target, udp);
    eventually("packets of a member to come back", || async { loss("b").await.filter(|loss| *loss < 1.0) }).await;
    eventually("packets to a stranger to be lost", || async { loss("stranger").await.filter(|loss| *loss >= 1.0) })
        .await;
    eventually("the old one to be probed", || value(&a, "netring_connectivity_tcp", "old", "")).await;
    assert_eq!(loss("old").await, None);
}

#[tokio::test]
async fn one_address_gets_one_place_for_throughput_tests_at_a_member() {
    let registry = Daemon::registry(&[]);
    let member = member(&registry, "a", &[]);
    // Who reads nothing keeps its place.
    let mut slow = TcpStream::connect(member.address()).await.unwrap();
    slow.write_all(b"GET /bandwidth_test?size=64 HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    assert_eq!(slow.read_u8().await.unwrap(), b'H');
    let next = get(member.address(), "/bandwidth_test?size=0").await.unwrap();
    assert_eq!((next.status, next.header("Retry-After")), (503, Some("1")), "{}", next.body);
    drop(slow);
    eventually("the place to be free", || async {
        let again = get(member.address(), "/bandwidth_test?size=0").await.unwrap();
        (again.status == 200).then_some(())
    })
    .await;
}

/// Keeps the changes of paths.
#[derive(Debug, Default)]
struct Changes(Mutex<Vec<PathChange>>);

impl MetricSink for Changes {
    fn record(&self, event: &Event<'_>) {
        if let Event::PathChanged { change, .. } = event {
            self.0.lock().unwrap().push((*change).clone());
        }
    }
}

#[test]
fn a_member_tells_of_a_path_that_has_changed_and_of_nothing_else() {
    lab::test(async || {
        let mut lab = Lab::new();
        let host = lab.host("member");
        let network = host.call(|| SimulatedNetwork::named("changing"));
        let target = network.network().targets().next().unwrap();
        let changes = Arc::new(Changes::default());
        let sink = Arc::clone(&changes);
        let stop = CancellationToken::new();
        let told = stop.clone();
        let (handle_in, handle_out) = tokio::sync::oneshot::channel();
        let member = host.run(move || async move {
            let engine = engine(target, sink);
            let _ = handle_in.send(engine.handle());
            engine.run(told).await;
        });
        let test = async {
            let handle = handle_out.await.unwrap();
            let traces = || handle.health().probes.made;
            let some_more = async || {
                let before = traces();
                eventually("four more traces", || async { (traces() >= before + 4).then_some(()) }).await;
            };
            some_more().await;
            assert_eq!(changes.0.lock().unwrap().len(), 0);
            network.set_phase(Some("after"));
            eventually("the change", || async { changes.0.lock().unwrap().first().cloned() }).await;
            some_more().await;
            let seen = changes.0.lock().unwrap().clone();
            assert_eq!(seen.len(), 1, "{seen:#?}");
            assert!(seen[0].before != seen[0].after && seen[0].at > Timestamp::default(), "{seen:#?}");
            let Some(Measurement::Traceroute(newest)) = handle.newest()[0].measurement.clone() else { panic!("none") };
            assert_eq!(newest.last_change.as_ref(), Some(&seen[0]));
            assert_eq!(newest.flows[0].path(), seen[0].after[0]);
            stop.cancel();
        };
        tokio::join!(member, test);
        drop(network);
    });
}

fn engine(target: IpAddr, sink: Arc<Changes>) -> MemberEngine {
    let member = Member {
        instance_id: InstanceId::new("b").unwrap(),
        location: Location::new("us1").unwrap(),
        address: AdvertisedAddress::new(target, 8757).unwrap(),
        heartbeat_interval: None,
        udp_echo: false,
        registered_at: sample::NOW,
        last_seen: sample::NOW,
        deregistered_at: None,
    };
    let prober = TracerouteProber::builder().mode(Some(TracerouteMode::Udp)).build().unwrap();
    assert_eq!(netring_core::Prober::kind(&prober), ProbeKind::TRACEROUTE);
    let cadence = Cadence::new(Duration::from_millis(200), Duration::from_secs(10));
    MemberEngine::builder(sample::id("a"), Location::new("eu1").unwrap(), 8757, Arc::new(FixedDiscovery::new([member])))
        .prober(prober, cadence)
        .sink(sink)
        .build()
        .unwrap()
}
