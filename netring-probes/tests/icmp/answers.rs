//! What comes back, and what does not.

use crate::{
    conformance::{GOOD, SILENT, UNREACHABLE, set_up, target},
    support::wait_until_the_kernel_stamps,
};
use netring_core::{BurstMeasurement, FailureReason, Measurement, Outcome, ProbeReport, model::PacketTimestamps};
use netring_probes::{BurstProgress, BurstSettings, IcmpProber, IcmpSocket};
use netring_testbed::lab::{self, Lab};
use std::{sync::Mutex, time::Duration};
use tokio::time::Instant;

const PATIENCE: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_secs(1);
const BOTH: [IcmpSocket; 2] = [IcmpSocket::Ping, IcmpSocket::Raw];

async fn probe(ip: &str, within: Duration) -> (ProbeReport, Vec<BurstProgress>) {
    let settings = BurstSettings::default().with_spacing(Duration::from_millis(2)).unwrap();
    let prober = IcmpProber::open(settings).unwrap();
    wait_until_the_kernel_stamps();
    let told = Mutex::new(Vec::new());
    let tell = |progress| told.lock().unwrap().push(progress);
    let report = prober.probe_with(&target(ip).target, Instant::now() + within, &tell).await.unwrap();
    (report, told.into_inner().unwrap())
}

fn burst(report: &ProbeReport) -> &BurstMeasurement {
    let Some(Measurement::Burst(burst)) = &report.measurement else { panic!("no burst: {report:?}") };
    burst
}

/// Runs `test` over each kind of socket, each on a host of its own.
async fn over_both(test: impl AsyncFn(IcmpSocket) + Copy + Send + 'static) {
    let mut lab = Lab::new();
    for socket in BOTH {
        let host = lab.host(&socket.to_string());
        set_up(&host, socket);
        host.run(move || async move { test(socket).await }).await;
    }
}

#[test]
fn every_packet_comes_back_from_this_host() {
    lab::test(async || {
        over_both(async |socket| {
            for ip in [GOOD, "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"] {
                let (report, told) = probe(ip, PATIENCE).await;
                assert_eq!(report.outcome, Outcome::Success, "{socket} {ip}");
                let m = burst(&report);
                assert_eq!(
                    (m.sent, m.received, m.duplicates, m.reordered, m.loss_ratio),
                    (10, 10, 0, 0, 0.0),
                    "{socket} {ip}"
                );
                assert_eq!(m.timestamps, PacketTimestamps::Kernel, "{socket} {ip}: {m:?}");
                assert_eq!((&m.forward, &m.backward), (&None, &None), "nobody tells of one way");
                assert!(m.round_trip_time.is_some() && m.interarrival_jitter.is_some());
                assert_eq!(told.len(), 10);
            }
        })
        .await
    });
}

#[test]
fn a_router_knows_no_way() {
    lab::test(async || {
        over_both(async |socket| {
            let (report, _) = probe(UNREACHABLE, PATIENCE).await;
            let Outcome::Failure { reason, message } = &report.outcome else { panic!("{report:?}") };
            assert_eq!(*reason, FailureReason::Unreachable, "{socket}");
            assert!(
                message.starts_with("icmp: No route to host") && message.contains("127.0.0."),
                "{socket}: {message}"
            );
            assert_eq!((burst(&report).sent, burst(&report).loss_ratio), (10, 1.0));
            assert!(report.duration < PATIENCE, "nobody waits for the deadline");
        })
        .await
    });
}

#[test]
fn nobody_answers() {
    lab::test(async || {
        over_both(async |socket| {
            let (report, told) = probe(SILENT, SHORT).await;
            let Outcome::Failure { reason, message } = &report.outcome else { panic!("{report:?}") };
            assert_eq!(*reason, FailureReason::Timeout, "{socket}");
            assert_eq!(message, "none of 10 packets came back before the deadline");
            assert_eq!((burst(&report).sent, burst(&report).loss_ratio), (10, 1.0));
            assert_eq!(told, (0..10).map(|sequence| BurstProgress::Lost { sequence }).collect::<Vec<_>>());
        })
        .await
    });
}

#[test]
fn the_answers_of_others_are_not_ours() {
    lab::test(async || {
        over_both(async |socket| {
            let mut all = tokio::task::JoinSet::new();
            for _ in 0..8 {
                all.spawn(probe(GOOD, PATIENCE));
            }
            while let Some(done) = all.join_next().await {
                let (report, _) = done.unwrap();
                let m = burst(&report);
                assert_eq!((m.received, m.duplicates), (10, 0), "{socket}");
            }
        })
        .await
    });
}
