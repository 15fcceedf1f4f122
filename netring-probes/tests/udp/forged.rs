//! Packets that somebody made up: none counts as one that came back.

use crate::{
    relay::{Fate, Relay},
    running::{PATIENCE, Running, SHORT, burst, key, probe, reason, settings},
};
use netring_core::FailureReason;
use netring_probes::{RingKey, UdpEcho, UdpProber};

fn prober(key: Option<RingKey>) -> UdpProber {
    let builder = UdpProber::builder().settings(settings(10));
    key.into_iter().fold(builder, |builder, key| builder.key(key)).build()
}

fn echo(key: Option<RingKey>) -> Running {
    let builder = UdpEcho::builder();
    Running::start(key.into_iter().fold(builder, |builder, key| builder.key(key)), "127.0.0.1:0")
}

/// What can be made of a request and its reply without the key.
fn forge(request: &[u8], reply: &[u8]) -> Vec<Vec<u8>> {
    let changed = |at: usize, change: u8| {
        let mut packet = reply.to_vec();
        packet[at] ^= change;
        packet
    };
    let mut forged = vec![request.to_vec(), vec![], vec![0; 2_000], reply[..63].to_vec(), [reply, b"x"].concat()];
    // The magic number, the version, the kind, what is reserved, the session, and a sequence that no burst has.
    forged.extend([(0, 1), (4, 1), (5, 3), (6, 1), (15, 1), (16, 1)].map(|(at, change)| changed(at, change)));
    forged
}

/// The same, and what only a key protects: the sequence, the count, the times and the tag.
fn forge_with_a_key(request: &[u8], reply: &[u8]) -> Vec<Vec<u8>> {
    let mut forged = forge(request, reply);
    for at in 0..reply.len() {
        let mut packet = reply.to_vec();
        packet[at] ^= 1;
        forged.push(packet);
    }
    forged
}

#[tokio::test]
async fn forged_replies_count_for_nothing() {
    for (key, forge) in [(None, forge as fn(&[u8], &[u8]) -> Vec<Vec<u8>>), (Some(key("k")), forge_with_a_key)] {
        let running = echo(key.clone());
        let relay = Relay::start(running.echo.local_addr(), move |_| Fate::Forged { instead: false, forge }).await;
        let (report, _) = probe(&prober(key.clone()), &relay.target(), PATIENCE).await;
        let m = burst(&report);
        assert_eq!((m.sent, m.received, m.duplicates, m.reordered), (10, 10, 0, 0));

        let relay = Relay::start(running.echo.local_addr(), move |_| Fate::Forged { instead: true, forge }).await;
        let (report, _) = probe(&prober(key), &relay.target(), SHORT).await;
        assert_eq!(reason(&report), FailureReason::Timeout);
        let m = burst(&report);
        assert_eq!((m.sent, m.received, m.duplicates, m.loss_ratio), (10, 0, 0, 1.0));
        assert_eq!((&m.round_trip_time, &m.forward, &m.backward), (&None, &None, &None));
    }
}

#[tokio::test]
async fn a_reply_from_another_port_counts_for_nothing() {
    let running = echo(None);
    let fate = |sequence| if sequence == 4 { Fate::FromElsewhere } else { Fate::Pass };
    let relay = Relay::start(running.echo.local_addr(), fate).await;
    let (report, _) = probe(&prober(None), &relay.target(), SHORT).await;
    assert_eq!((burst(&report).received, burst(&report).duplicates), (9, 0));
}

#[tokio::test]
async fn the_same_key_is_needed_on_both_sides() {
    let (a, b) = (|| Some(key("a")), || Some(key("b")));
    for (echo_key, prober_key) in [(a(), b()), (a(), None), (None, b())] {
        let running = echo(echo_key);
        let (report, _) = probe(&prober(prober_key), &running.target(), SHORT).await;
        assert_eq!(reason(&report), FailureReason::Timeout);
        assert_eq!(burst(&report).received, 0);
        let counters = running.echo.counters();
        assert_eq!((counters.answered, counters.unauthenticated), (0, 10));
    }
    let running = echo(a());
    let (report, _) = probe(&prober(a()), &running.target(), PATIENCE).await;
    assert_eq!(burst(&report).received, 10);
}
