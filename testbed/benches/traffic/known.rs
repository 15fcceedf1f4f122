//! What a member knows of its ring, once it has probed all of it.

use netring_core::{
    AdvertisedAddress, Endpoint, Event, Location, Measurement, Member, MetricSink, Outcome, ProbeKind, ProbeReport,
    Source,
    model::{HttpMeasurement, TcpMeasurement},
    prometheus::PrometheusSink,
    testing::sample::{self, NOW, id},
};
use std::{net::Ipv4Addr, time::Duration};

const MS: Duration = Duration::from_millis(1);

/// The metrics of a member that has probed so many others in every way that it can, in ten locations.
pub(crate) fn sink_that_knows(others: usize) -> PrometheusSink {
    let sink = PrometheusSink::new();
    let source = Source { instance_id: id("eu1-member-here"), location: Location::new("eu1").expect("a location") };
    let members: Vec<_> = (0..others).map(member).collect();
    sink.record(&Event::Members { source: &source, members: &members, as_of: NOW });
    for member in &members {
        for mut report in reports() {
            report.target = member.into();
            report.ip = Some(member.address.ip());
            sink.record(&Event::Probe { source: &source, report: &report });
        }
    }
    sink
}

fn member(number: usize) -> Member {
    let [.., high, low] = number.to_be_bytes();
    Member {
        instance_id: id(&format!("us{}-member-{number}", number % 10)),
        location: Location::new(format!("us{}", number % 10)).expect("a location"),
        address: AdvertisedAddress::new(Ipv4Addr::new(10, 20, high, low).into(), 8757).expect("an address"),
        heartbeat_interval: None,
        udp_echo: true,
        registered_at: NOW,
        last_seen: NOW,
        deregistered_at: None,
    }
}

/// One of each kind that a member makes by default.
fn reports() -> Vec<ProbeReport> {
    let tcp = Measurement::Tcp(TcpMeasurement { resolve: None, connect: MS });
    let http = HttpMeasurement {
        connect: Some(MS),
        first_byte: Some(2 * MS),
        body: Some(MS),
        status: Some(200),
        ..HttpMeasurement::default()
    };
    let http = |endpoint: &str| ProbeReport {
        kind: ProbeKind::HTTP,
        endpoint: Some(Endpoint::new(endpoint).expect("an endpoint")),
        measurement: Some(Measurement::Http(http.clone())),
        ..sample::result("x", Outcome::Success)
    };
    vec![
        ProbeReport { measurement: Some(tcp), ..sample::result("x", Outcome::Success) },
        http("/health"),
        http("/metrics"),
        sample::burst("x"),
        ProbeReport { kind: ProbeKind::ICMP, ..sample::burst("x") },
        sample::bandwidth("x"),
        sample::traceroute("x"),
    ]
}
