//! The throughput prober on links of known rate and round trip, beside iperf3.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "../benches/shared/member.rs"]
mod member;
#[path = "../benches/shared/tcp.rs"]
mod tcp;

use netring_core::{Measurement, ProbeError, ProbeReport, Prober, Target, model::Throughput};
use netring_probes::{BandwidthProber, TestMode};
use netring_testbed::{
    PATIENCE, eventually,
    lab::{self, Host, Lab, Link, LinkSpec},
};
use std::time::Duration;
use tokio::{sync::mpsc, time::Instant};

const MEGABIT: u64 = 1_000_000;

/// Two hosts and what lies between them.
fn path(rate: u64, round_trip: Duration) -> (Lab, Host, Host, Link) {
    let mut lab = Lab::new();
    let (here, there) = (lab.host("here"), lab.host("there"));
    let link = lab.link(&here, &there, &LinkSpec { rate: Some(rate), ..LinkSpec::delayed(round_trip / 2) });
    for host in [&here, &there] {
        tcp::set_congestion_control(host, &link, "cubic");
    }
    (lab, here, there, link)
}

async fn probe(from: &Host, prober: BandwidthProber, target: Target) -> Result<ProbeReport, ProbeError> {
    from.run(async move || prober.probe(&target, Instant::now() + PATIENCE).await).await
}

/// Whether a rate is within a tenth of what iperf3 measures.
fn is_near(way: &Throughput, iperf3: f64) -> bool {
    (way.bits_per_second / iperf3 - 1.0).abs() <= 0.1
}

/// What both ways measure on such a link beside iperf3, which is given as well.
async fn beside_iperf3(rate: u64, round_trip: Duration) -> (f64, [Throughput; 2]) {
    let (_lab, here, there, link) = path(rate, round_trip);
    let address = link.addresses(&there).v4.into();
    let target = member::member(&there, address, |router| router).await;
    let report = probe(&here, BandwidthProber::default(), target).await.unwrap();
    let iperf3 = lab::iperf3_download(&here, &there, address, 2, 2);
    match report.measurement {
        Some(Measurement::Bandwidth(both)) if report.outcome.is_success() => {
            (iperf3, [both.download.unwrap(), both.upload.unwrap()])
        }
        _ => panic!("{report:?}"),
    }
}

async fn settles_near_iperf3(rate: u64, round_trip: Duration) {
    let (iperf3, ways) = beside_iperf3(rate, round_trip).await;
    assert!(iperf3 < rate as f64, "iperf3 counts payload, as we do: {iperf3}");
    for way in ways {
        assert!(way.settled && way.limited_by.is_none(), "{way:?}");
        assert!(is_near(&way, iperf3), "iperf3 {iperf3} bits a second, {way:?}");
    }
}

#[test]
fn ten_megabits_settle_near_iperf3() {
    lab::test(async || settles_near_iperf3(10 * MEGABIT, Duration::from_millis(20)).await);
}

#[test]
fn a_hundred_megabits_settle_near_iperf3() {
    lab::test(async || settles_near_iperf3(100 * MEGABIT, Duration::from_millis(20)).await);
}

#[test]
fn a_long_path_is_measured_or_said_not_to_have_settled() {
    lab::test(async || {
        let (iperf3, ways) = beside_iperf3(100 * MEGABIT, Duration::from_millis(100)).await;
        for way in ways {
            assert_eq!(way.settled, way.limited_by.is_none(), "{way:?}");
            assert!(!way.settled || is_near(&way, iperf3), "iperf3 {iperf3} bits a second, {way:?}");
        }
    });
}

#[test]
fn a_member_that_is_full_asks_to_come_back_and_then_has_a_place() {
    lab::test(async || {
        let (_lab, here, there, link) = path(10 * MEGABIT, Duration::from_millis(20));
        let address = link.addresses(&there).v4.into();
        let target = member::member(&there, address, |router| router.max_bandwidth_tests(1)).await;
        let (tell, mut told) = mpsc::unbounded_channel();
        let first = target.clone();
        // It would take most of a minute: it is there as long as it is wanted.
        let mut first = Box::pin(here.run(async move || {
            let prober =
                BandwidthProber::builder().mode(TestMode::Fixed { size_mib: 64 }).max_duration(PATIENCE).build();
            let progress = move |_| {
                let _ = tell.send(());
            };
            prober.probe_with(&first, Instant::now() + PATIENCE, &progress).await
        }));
        tokio::select! {
            ended = &mut first => panic!("the first test is over: {ended:?}"),
            begun = told.recv() => begun.unwrap(),
        }
        let error = probe(&here, BandwidthProber::default(), target.clone()).await.unwrap_err();
        let ProbeError::Busy { retry_after, .. } = error else { panic!("{error}") };
        assert!(retry_after > Duration::ZERO && retry_after < Duration::from_secs(60), "{retry_after:?}");

        // The member learns that the first one has gone when its connection is closed, one way later.
        drop(first);
        let report = eventually("a place", async || {
            tokio::time::sleep(retry_after).await;
            match probe(&here, BandwidthProber::default(), target.clone()).await {
                Err(ProbeError::Busy { .. }) => None,
                other => Some(other.unwrap()),
            }
        })
        .await;
        assert!(report.outcome.is_success(), "{report:?}");
    });
}
