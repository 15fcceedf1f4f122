use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Packets that are on their way, by when they arrive. What is to arrive at one time arrives in the order in which it was
/// sent.
#[derive(Debug, Default)]
pub(super) struct DelayQueue {
    packets: BTreeMap<(Instant, u64), Vec<u8>>,
    sent: u64,
}

impl DelayQueue {
    pub(super) fn send(&mut self, packet: Vec<u8>, arrival: Instant) {
        self.packets.insert((arrival, self.sent), packet);
        self.sent += 1;
    }

    /// How long until the next one arrives; nothing where none is on its way.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        let (&(arrival, _), _) = self.packets.first_key_value()?;
        Some(arrival.saturating_duration_since(now))
    }

    /// Takes the next one that has arrived by `now`.
    pub(super) fn arrived(&mut self, now: Instant) -> Option<Vec<u8>> {
        let first = self.packets.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}

#[cfg(test)]
mod tests {
    use super::DelayQueue;
    use std::time::{Duration, Instant};

    #[test]
    fn packets_arrive_when_they_are_due_and_in_order() {
        let (mut queue, start) = (DelayQueue::default(), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        for (packet, ms) in [(1, 20), (2, 10), (3, 10), (4, 30)] {
            queue.send(vec![packet], at(ms));
        }
        assert_eq!((queue.wait(start), queue.arrived(at(9))), (Some(Duration::from_millis(10)), None));
        let mut arrived = || queue.arrived(at(20)).map(|packet| packet[0]);
        assert_eq!([arrived(), arrived(), arrived(), arrived()], [Some(2), Some(3), Some(1), None]);
        assert_eq!(queue.wait(at(40)), Some(Duration::ZERO));
    }
}
