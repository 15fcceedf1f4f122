use super::*;
use crate::burst::{clock::Reading, log::Noted};
use proptest::{collection::vec, prelude::*};
use std::time::Duration;

const MS: u64 = 1_000_000;
/// Some time in 2023.
const EPOCH: u64 = 1_700_000_000_000 * MS;

fn reading(millis: u64) -> Reading {
    Reading { before: millis * MS, realtime: EPOCH + millis * MS, after: millis * MS }
}

/// A burst of `packets`, 20 ms apart.
fn burst(packets: u64) -> BurstLog {
    let mut log = BurstLog::default();
    (0..packets).for_each(|packet| log.sent(reading(packet * 20)));
    log
}

/// An arrival after `millis` of the burst, of which the kernel knows nothing.
fn arrival(sequence: u16, millis: u64) -> Arrival {
    Arrival { sequence, at: reading(millis), kernel: None, echo: None }
}

fn counts(log: &BurstLog) -> (u32, u32, u32, u32, f64) {
    let m = log.measurement().unwrap();
    (m.sent, m.received, m.duplicates, m.reordered, m.loss_ratio)
}

#[test]
fn packets_are_counted() {
    for (arrivals, expected) in [
        (&[][..], (4, 0, 0, 0, 1.0)),
        (&[0, 1, 2, 3], (4, 4, 0, 0, 0.0)),
        (&[0, 1, 3], (4, 3, 0, 0, 0.25)),
        (&[3, 2, 1, 0], (4, 4, 0, 3, 0.0)),
        (&[1, 0, 2, 3], (4, 4, 0, 1, 0.0)),
        (&[0, 2, 3, 1], (4, 4, 0, 1, 0.0)),
        (&[0, 0, 0, 1], (4, 2, 2, 0, 0.5)),
        // A copy that arrives late is a duplicate, and no reordering.
        (&[0, 1, 0], (4, 2, 1, 0, 0.5)),
        // What was never sent is not there.
        (&[4, 65_535, 0], (4, 1, 0, 0, 0.75)),
    ] {
        let mut log = burst(4);
        for &sequence in arrivals {
            log.arrived(arrival(sequence, 100));
        }
        assert_eq!(counts(&log), expected, "{arrivals:?}");
    }
    assert_eq!(BurstLog::default().measurement(), None);
}

#[test]
fn round_trips_and_their_jitter_are_in_the_order_of_arrival() {
    let mut log = burst(3);
    // Round trips of 70, 24 and 40 ms, in this order of arrival.
    for (sequence, millis) in [(0, 70), (2, 64), (1, 60)] {
        log.arrived(arrival(sequence, millis));
    }
    let m = log.measurement().unwrap();
    let times = m.round_trip_time.unwrap();
    assert_eq!((times.min, times.p50, times.max), (24, 40, 70).map_millis());
    // |24 - 70| / 16 = 2.875, and then + (16 - 2.875) / 16.
    assert_eq!(m.interarrival_jitter, Some(Duration::from_nanos(3_695_313)));
    assert_eq!(m.timestamps, PacketTimestamps::Process);
}

trait MapMillis {
    fn map_millis(self) -> (Duration, Duration, Duration);
}
impl MapMillis for (u64, u64, u64) {
    fn map_millis(self) -> (Duration, Duration, Duration) {
        (Duration::from_millis(self.0), Duration::from_millis(self.1), Duration::from_millis(self.2))
    }
}

#[test]
fn the_best_times_that_all_packets_have_are_used() {
    use PacketTimestamps::{Kernel, KernelReceive, Process};
    // For two packets: whether the kernel stamped the sending and the arrival. The process needs 4 ms for everything.
    for (first, second, timestamps, millis) in [
        ((true, true), (true, true), Kernel, 2),
        ((true, true), (false, true), KernelReceive, 7),
        ((false, true), (false, true), KernelReceive, 7),
        ((true, true), (true, false), Process, 10),
        ((false, false), (false, false), Process, 10),
    ] {
        let mut log = burst(2);
        for (sequence, (sent, received)) in [(0, first), (1, second)] {
            let start = u64::from(sequence) * 20;
            if sent {
                log.stamped(sequence, EPOCH + (start + 5) * MS);
            }
            let kernel = received.then_some(EPOCH + (start + 7) * MS);
            let sequence = u16::try_from(sequence).unwrap();
            log.arrived(Arrival { kernel, ..arrival(sequence, start + 10) });
        }
        let m = log.measurement().unwrap();
        assert_eq!((m.timestamps, m.round_trip_time.unwrap().max), (timestamps, Duration::from_millis(millis)));
    }
}

#[test]
fn a_stepped_clock_gives_the_times_of_the_process() {
    // By how many milliseconds the system's clock was stepped while the packet was under way.
    for step in [-3_600_000_i64, -6, -2, 2, 50, 3_600_000] {
        let mut log = burst(1);
        log.stamped(0, EPOCH + 2 * MS);
        let stepped = |millis: u64| (EPOCH + millis * MS).checked_add_signed(step * 1_000_000).unwrap();
        let at = Reading { realtime: stepped(10), ..reading(10) };
        log.arrived(Arrival { at, kernel: Some(stepped(8)), ..arrival(0, 10) });
        let m = log.measurement().unwrap();
        assert_eq!(m.timestamps, PacketTimestamps::Process, "{step}");
        assert_eq!(m.round_trip_time.unwrap().max, Duration::from_millis(10), "{step}");
    }
}

#[test]
fn times_that_cannot_be_are_not_believed() {
    // The kernel's stamps of sending and arrival; the process saw 10 ms.
    for (sent, received) in [(8, 2), (0, 11), (0, u64::MAX / MS), (9, 1)] {
        let mut log = burst(1);
        log.stamped(0, EPOCH + sent * MS);
        let kernel = Some(EPOCH.saturating_add(received.saturating_mul(MS)));
        log.arrived(Arrival { kernel, ..arrival(0, 10) });
        let m = log.measurement().unwrap();
        assert!(m.round_trip_time.unwrap().max <= Duration::from_millis(10), "{sent} {received}");
        assert_ne!(m.timestamps, PacketTimestamps::Kernel, "{sent} {received}");
    }
}

/// An arrival 10 ms after it was sent, 4 ms of them on the way there, by an echo whose clock is `offset` ahead.
fn echoed(sequence: u16, count: u32, offset: u64) -> Arrival {
    let start = u64::from(sequence) * 20;
    let by_echo = |millis: u64| (EPOCH + (start + millis) * MS).wrapping_add(offset);
    let echo = EchoStamp { received_at: by_echo(4), sent_at: by_echo(5), count };
    Arrival { echo: Some(echo), ..arrival(sequence, start + 10) }
}

#[test]
fn the_time_inside_the_echo_is_left_out() {
    // The echo's times of a packet that came back after 10 ms; the round trip, with an echo's clock of any offset.
    for (received_at, sent_at, expected) in [
        (4, 5, 9),
        (4, 4, 10),
        (0, 10, 0),
        // It lies, or its clock was stepped: negative, or longer than all of it.
        (5, 4, 10),
        (0, 11, 10),
        (0, 3_600_000, 10),
        (3_600_000, 0, 10),
    ] {
        for offset in [0, EPOCH, u64::MAX - 3_600_000 * MS] {
            let [received_at, sent_at] = [received_at, sent_at].map(|millis| offset + millis * MS);
            let echo = Some(EchoStamp { received_at, sent_at, count: 1 });
            for (sent, kernel) in [(None, None), (Some(EPOCH), Some(EPOCH + 10 * MS))] {
                let mut log = burst(1);
                sent.into_iter().for_each(|at| log.stamped(0, at));
                let arrival = Arrival { echo, kernel, ..arrival(0, 10) };
                log.arrived(arrival);
                let expected = Duration::from_millis(expected);
                let times = log.measurement().unwrap().round_trip_time.unwrap();
                assert_eq!(times.max, expected, "{received_at} {sent_at} {kernel:?}");
                assert_eq!(log.round_trip(&arrival), Some(expected), "who watches is told the same");
            }
        }
    }
}

#[test]
fn a_busy_echo_makes_no_jitter_of_the_round_trip() {
    let mut log = burst(3);
    // 6 ms on the way, and more and more inside the echo.
    for (sequence, inside) in [(0, 0), (1, 7), (2, 50)] {
        let start = u64::from(sequence) * 20;
        let [received_at, sent_at] = [start + 3, start + 3 + inside].map(|millis| EPOCH + millis * MS);
        let echo = Some(EchoStamp { received_at, sent_at, count: u32::from(sequence) + 1 });
        log.arrived(Arrival { echo, ..arrival(sequence, start + 6 + inside) });
    }
    let m = log.measurement().unwrap();
    let times = m.round_trip_time.unwrap();
    assert_eq!((times.min, times.p50, times.max), (6, 6, 6).map_millis());
    assert_eq!(m.interarrival_jitter, Some(Duration::ZERO));
}

#[test]
fn the_echo_tells_on_which_way_packets_were_lost() {
    // Arrivals as (sequence, the echo's count); lost on the way there, and back.
    for (arrivals, forward, backward) in [
        (&[(0, 1), (1, 2), (2, 3), (3, 4)][..], 0, 0),
        (&[(0, 1), (3, 2)], 2, 0),
        (&[(0, 1), (3, 4)], 0, 2),
        (&[(0, 1), (3, 3)], 1, 1),
        // Nobody told of what was sent after the last that came back.
        (&[(0, 1), (1, 2)], 0, 2),
        // 2 arrived there before 1.
        (&[(0, 1), (2, 2), (1, 3), (3, 4)], 0, 0),
        // 3 arrived there before 2, and was lost on the way back.
        (&[(0, 1), (1, 2), (2, 4)], 0, 1),
        // An echo that was started anew, or counts nonsense.
        (&[(0, 1), (1, 2), (3, 1)], 1, 0),
        (&[(0, 0), (3, 0)], 2, 0),
        (&[(0, u32::MAX)], 0, 3),
    ] {
        let mut log = burst(4);
        for &(sequence, count) in arrivals {
            assert_eq!(log.arrived(echoed(sequence, count, 0)), Noted::First);
        }
        let m = log.measurement().unwrap();
        assert_eq!((m.forward.unwrap().lost, m.backward.unwrap().lost), (forward, backward), "{arrivals:?}");
    }
    // An echo that tells nothing, and no echo at all.
    let mut log = burst(4);
    log.arrived(arrival(0, 10));
    assert_eq!(log.measurement().unwrap().forward, None);
    assert_eq!(burst(4).measurement().unwrap().backward, None);
}

#[test]
fn the_jitter_of_each_way_is_free_of_the_clocks_offset() {
    for offset in [0, 1, 3_600_000 * MS, u64::MAX - EPOCH] {
        let mut log = burst(3);
        for (sequence, held_up) in [(0, 0), (1, 3), (2, 0)] {
            let mut arrival = echoed(sequence, u32::from(sequence) + 1, offset);
            // Held up on the way back.
            arrival.at = reading(arrival.at.before / MS + held_up);
            log.arrived(arrival);
        }
        let m = log.measurement().unwrap();
        assert_eq!(m.forward.unwrap().interarrival_jitter, Some(Duration::ZERO), "{offset}");
        // 3 ms / 16, and then + (3 ms - that) / 16.
        assert_eq!(m.backward.unwrap().interarrival_jitter, Some(Duration::from_nanos(363_281)), "{offset}");
    }
}

#[test]
fn an_echo_whose_clock_is_stepped_gives_no_absurd_jitter() {
    let mut log = burst(4);
    for sequence in 0..4 {
        let offset = if sequence < 2 { 0 } else { 3_600_000 * MS };
        log.arrived(echoed(sequence, u32::from(sequence) + 1, offset));
    }
    let m = log.measurement().unwrap();
    assert_eq!(m.forward.unwrap().interarrival_jitter, Some(Duration::ZERO));
    assert_eq!(m.backward.unwrap().interarrival_jitter, Some(Duration::ZERO));
}

fn any_arrival() -> impl Strategy<Value = Arrival> {
    let reading = (0..1_000_u64, any::<u64>()).prop_map(|(millis, realtime)| Reading { realtime, ..reading(millis) });
    let echo = proptest::option::of(any::<(u64, u64, u32)>().prop_map(|(received_at, sent_at, count)| EchoStamp {
        received_at,
        sent_at,
        count,
    }));
    (0..30_u16, reading, any::<Option<u64>>(), echo).prop_map(|(sequence, at, kernel, echo)| Arrival {
        sequence,
        at,
        kernel,
        echo,
    })
}

proptest! {
    #[test]
    fn whatever_comes_back_the_numbers_agree(
        packets in 1..20_u64,
        stamps in vec((0..30_u32, any::<u64>()), 0..20),
        arrivals in vec(any_arrival(), 0..60),
    ) {
        let mut log = burst(packets);
        stamps.into_iter().for_each(|(sequence, at)| log.stamped(sequence, at));
        let noted: Vec<Noted> = arrivals.into_iter().map(|arrival| log.arrived(arrival)).collect();
        let count = |what| noted.iter().filter(|&&noted| noted == what).count() as u32;
        let m = log.measurement().unwrap();
        prop_assert_eq!((m.received, m.duplicates), (count(Noted::First), count(Noted::Duplicate)));
        prop_assert_eq!(m.received as usize + log.lost().count(), m.sent as usize);
        prop_assert!(m.reordered <= m.received.saturating_sub(1));
        prop_assert!((0.0..=1.0).contains(&m.loss_ratio));
        prop_assert_eq!(m.round_trip_time.is_some(), m.received > 0);
        prop_assert_eq!(m.interarrival_jitter.is_some(), m.received > 1);
        if let (Some(forward), Some(backward)) = (&m.forward, &m.backward) {
            prop_assert_eq!(forward.lost + backward.lost, m.sent - m.received);
        }
        if let Some(times) = &m.round_trip_time {
            prop_assert!(times.max < Duration::from_secs(2), "no more than the process saw: {times:?}");
        }
    }

    #[test]
    fn reordering_is_what_the_definition_says(sequences in Just((0..20_u16).collect::<Vec<_>>()).prop_shuffle()) {
        let by_definition = (0..sequences.len()).filter(|&i| sequences[..i].iter().any(|&s| s > sequences[i])).count();
        prop_assert_eq!(reordered(sequences.into_iter()) as usize, by_definition);
    }
}
