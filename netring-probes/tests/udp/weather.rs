//! What a network does to packets, and what a burst says of it: exact numbers.

use crate::{
    relay::{Fate, Relay},
    running::{PATIENCE, Running, SHORT, burst, probe, prober, settings},
    support::wait_until_the_kernel_stamps,
};
use netring_core::{BurstMeasurement, Outcome};
use netring_probes::{BurstProgress, UdpEcho, UdpProber};
use std::time::{Duration, Instant};

/// A burst of 10 through a network, and the packets that were lost by what was told meanwhile.
async fn through(within: Duration, fate: impl Fn(u32) -> Fate + Send + Sync + 'static) -> (BurstMeasurement, Vec<u16>) {
    let running = Running::start(UdpEcho::builder(), "127.0.0.1:0");
    let relay = Relay::start(running.echo.local_addr(), fate).await;
    let (report, told) = probe(&prober(10), &relay.target(), within).await;
    assert_eq!(report.outcome, Outcome::Success);
    assert_eq!(report.ip, Some([127, 0, 0, 1].into()));
    let measured = burst(&report).clone();
    let received = told.iter().filter(|told| matches!(told, BurstProgress::Received { .. })).count();
    let copies = told.iter().filter(|told| matches!(told, BurstProgress::Duplicate { .. })).count();
    assert_eq!((received, copies), (measured.received as usize, measured.duplicates as usize), "{told:?}");
    let lost =
        told.iter().filter_map(|told| if let BurstProgress::Lost { sequence } = told { Some(*sequence) } else { None });
    (measured, lost.collect())
}

/// Sent, received, duplicates, reordered, lost there, lost back.
fn counts(m: &BurstMeasurement) -> [u32; 6] {
    let lost = |way: &Option<netring_core::model::OneWay>| way.as_ref().unwrap().lost;
    [m.sent, m.received, m.duplicates, m.reordered, lost(&m.forward), lost(&m.backward)]
}

#[tokio::test]
async fn in_fair_weather_everything_is_measured() {
    let running = Running::start(UdpEcho::builder(), "127.0.0.1:0");
    let (report, told) = probe(&prober(10), &running.target(), PATIENCE).await;
    let m = burst(&report);
    assert_eq!((counts(m), m.loss_ratio), ([10, 10, 0, 0, 0, 0], 0.0));
    let times = m.round_trip_time.as_ref().unwrap();
    assert!(times.min > Duration::ZERO && times.max < PATIENCE, "{times:?}");
    assert!(m.interarrival_jitter.is_some());
    assert!(m.forward.as_ref().unwrap().interarrival_jitter.is_some());
    assert!(m.backward.as_ref().unwrap().interarrival_jitter.is_some());
    assert_eq!(told.len(), 10);
    assert_eq!(running.echo.counters().answered, 10);
    assert!(report.duration < PATIENCE, "it does not wait for the deadline");
}

#[tokio::test]
async fn losses_are_told_apart_by_their_way() {
    let (m, lost) = through(SHORT, |sequence| match sequence {
        2 | 3 => Fate::LostThere,
        5 => Fate::LostBack,
        _ => Fate::Pass,
    })
    .await;
    assert_eq!((counts(&m), m.loss_ratio), ([10, 7, 0, 0, 2, 1], 0.3));
    assert_eq!(lost, [2, 3, 5]);
}

#[tokio::test]
async fn copies_are_duplicates_also_of_the_last_packet() {
    let (m, _) = through(PATIENCE, |sequence| match sequence {
        1 => Fate::CopiedBack(2),
        4 => Fate::CopiedThere(3),
        9 => Fate::CopiedBack(1),
        _ => Fate::Pass,
    })
    .await;
    assert_eq!(counts(&m), [10, 10, 6, 0, 0, 0]);
}

#[tokio::test]
async fn copies_on_the_way_there_hide_no_loss() {
    let (m, _) = through(SHORT, |sequence| match sequence {
        1 => Fate::CopiedThere(3),
        3 => Fate::LostThere,
        _ => Fate::Pass,
    })
    .await;
    assert_eq!(counts(&m), [10, 9, 3, 0, 1, 0]);
}

#[tokio::test]
async fn packets_that_others_overtake_are_reordered() {
    let (m, _) = through(PATIENCE, |sequence| match sequence {
        3 => Fate::After(6),
        7 => Fate::After(8),
        _ => Fate::Pass,
    })
    .await;
    assert_eq!(counts(&m), [10, 10, 0, 2, 0, 0]);
}

#[tokio::test]
async fn a_packet_that_was_held_up_took_long() {
    let running = Running::start(UdpEcho::builder(), "127.0.0.1:0");
    let prober = prober(2);
    // By the kernel's times it does not matter when this process gets to look at a packet.
    wait_until_the_kernel_stamps();
    let start = Instant::now();
    let fate = move |sequence| if sequence == 1 { Fate::HeldUpSince(start) } else { Fate::Pass };
    let relay = Relay::start(running.echo.local_addr(), fate).await;
    let (report, _) = probe(&prober, &relay.target(), PATIENCE).await;
    let m = burst(&report);
    assert_eq!(counts(m), [2, 2, 0, 0, 0, 0]);
    // All that came before is within a third of the time for which it was held up, on the way back.
    let jitter = |way: &Option<netring_core::model::OneWay>| way.as_ref().unwrap().interarrival_jitter;
    assert!(jitter(&m.backward) > jitter(&m.forward), "{m:?}");
    assert!(m.round_trip_time.as_ref().unwrap().max >= m.round_trip_time.as_ref().unwrap().min * 2, "{m:?}");
}

#[tokio::test]
async fn large_packets_come_back_whole() {
    let running = Running::start(UdpEcho::builder(), "127.0.0.1:0");
    let settings = settings(3).with_payload_bytes(1_472).unwrap();
    let (report, _) = probe(&UdpProber::builder().settings(settings).build(), &running.target(), PATIENCE).await;
    assert_eq!(counts(burst(&report)), [3, 3, 0, 0, 0, 0]);
}

#[tokio::test]
async fn a_burst_that_does_not_fit_has_fewer_packets() {
    let running = Running::start(UdpEcho::builder(), "127.0.0.1:0");
    let settings = settings(1_000).with_spacing(Duration::from_millis(20)).unwrap();
    let (report, _) = probe(&UdpProber::builder().settings(settings).build(), &running.target(), SHORT).await;
    assert_eq!(report.outcome, Outcome::Success);
    let m = burst(&report);
    assert!((1..=38).contains(&m.sent), "1 + 750 / 20: {m:?}");
}

#[tokio::test]
async fn a_deadline_that_has_passed_leaves_nothing_to_measure() {
    let running = Running::start(UdpEcho::builder(), "127.0.0.1:0");
    let (report, told) = probe(&prober(10), &running.target(), Duration::ZERO).await;
    assert_eq!(crate::running::reason(&report), netring_core::FailureReason::Timeout);
    assert_eq!((report.measurement, told), (None, vec![]));
}
