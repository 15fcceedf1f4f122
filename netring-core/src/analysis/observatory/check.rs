use super::{
    budget::Budget,
    coded::Coded,
    history::{History, planned},
    measured::Figures,
    turns::Turns,
    usual::Usual,
    window::Window,
};
use crate::{
    analysis::{
        Finding, Sensitivity, Standing, State,
        freshness::{ended_at, fresh_for, made_every},
    },
    model::{BurstMeasurement, Measurement, ProbeReport, Timestamp},
    store::ReceivedReport,
};
use std::time::Duration;

/// A check of which nothing new is known for so long, since what was known has grown old, is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(86_400);

/// What is remembered of one check of a pair. There may be millions.
#[derive(Debug)]
pub(super) struct Check {
    /// What it is, by its number in the catalogue.
    pub(super) number: u32,
    /// The last report of the source that had it, by the number of that report.
    pub(super) reported: u8,
    newest: Newest,
    /// Whether it was good since it is known.
    pub(super) was_good: bool,
    /// Whether it has no history because there was no room.
    refused: bool,
    failed: Window,
    slow: Window,
    lost_forward: Window,
    lost_backward: Window,
    /// Lost on either way.
    lost: Window,
    pub(super) turns: Turns,
    /// When the newest result started, by the member's clock.
    started_at: Timestamp,
    /// For how long the newest result is held for true, by the registry's clock.
    fresh_until: Timestamp,
    /// The same of the newest that is not tainted.
    trusted_until: Timestamp,
    usual: Usual,
    history: Option<Box<History>>,
}

/// What the newest result was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Newest {
    None,
    Good,
    Bad,
    Tainted,
}

/// In which respect a check is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Respect {
    Reach,
    Latency,
    LossForward,
    LossBackward,
    Loss,
}

/// Whether a time at the member's clock is news, where `known` was the last and it is `now` by that clock. A time that has
/// not come yet was taken before the clock was set back: whatever is not the same is newer then.
pub(super) fn is_newer(at: Timestamp, known: Timestamp, now: Timestamp) -> bool {
    at > known || (known > now && at != known)
}

impl Check {
    pub(super) fn new(number: u32) -> Self {
        let (window, time) = (Window::default(), Timestamp::default());
        Self {
            number,
            reported: 0,
            newest: Newest::None,
            was_good: false,
            refused: false,
            failed: window,
            slow: window,
            lost_forward: window,
            lost_backward: window,
            lost: window,
            turns: Turns::default(),
            started_at: time,
            fresh_until: time,
            trusted_until: time,
            usual: Usual::default(),
            history: None,
        }
    }

    /// Takes in a result of `received`, unless it is known; gives when it ended, where it is new and anything may rest on it.
    ///
    /// What is known from before a time of which nothing is known says nothing of after it: the results are counted anew then.
    pub(super) fn take(
        &mut self,
        result: &ProbeReport,
        received: &ReceivedReport,
        sensitivity: &Sensitivity,
        histories: &mut Histories,
    ) -> Option<Timestamp> {
        if self.newest != Newest::None && !is_newer(result.started_at, self.started_at, received.report.sent_at) {
            return None;
        }
        let bad = !result.outcome.is_success();
        let ended = ended_at(result, received);
        let fresh_until = ended + fresh_for(result, &received.report);
        self.started_at = result.started_at;
        self.fresh_until = fresh_until;
        self.newest = match (result.tainted, bad) {
            (true, _) => Newest::Tainted,
            (false, true) => Newest::Bad,
            (false, false) => Newest::Good,
        };
        if result.tainted || received.received_at > fresh_until {
            return None;
        }
        if ended > self.trusted_until {
            self.failed = Window::default();
            self.forget_measurements();
        }
        self.trusted_until = fresh_until;
        self.was_good |= !bad;
        let before = self.failed;
        self.failed.push(bad, sensitivity);
        self.turns.take(bad, before, self.failed, ended, sensitivity);
        if self.failed.standing() == Standing::Bad {
            // How fast it was before says nothing of now.
            self.forget_measurements();
        } else if !bad {
            self.measure(result, ended, sensitivity);
        }
        let planned = planned(made_every(result, &received.report));
        if let Some(history) = self.history(planned, histories) {
            let coded = Coded::new(bad, result.round_trip_time());
            let taken = history.push(ended, coded, received.received_at, planned, &mut histories.budget);
            if let Some(figures) = Figures::of(result).filter(|_| taken) {
                history.note(figures, &mut histories.budget);
            }
        }
        Some(ended)
    }

    fn measure(&mut self, result: &ProbeReport, ended: Timestamp, sensitivity: &Sensitivity) {
        let round_trip = match &result.measurement {
            Some(Measurement::Tcp(_) | Measurement::Http(_) | Measurement::Burst(_)) => result.round_trip_time(),
            _ => None,
        };
        if let Some(round_trip) = round_trip {
            match self.usual.take(round_trip, ended, sensitivity) {
                Some(slow) => self.slow.push(slow, sensitivity),
                None => self.slow = Window::default(),
            }
        }
        if let Some(Measurement::Burst(burst)) = &result.measurement {
            self.count_lost(burst, sensitivity);
        }
    }

    /// A burst of which nothing came back has failed, and does not count here.
    fn count_lost(&mut self, burst: &BurstMeasurement, sensitivity: &Sensitivity) {
        if burst.sent == 0 || burst.received == 0 {
            return;
        }
        let lossy = |lost: u32| {
            lost >= sensitivity.lost_packets && f64::from(lost) / f64::from(burst.sent) >= sensitivity.loss_ratio
        };
        if burst.forward.is_none() && burst.backward.is_none() {
            (self.lost_forward, self.lost_backward) = Default::default();
            self.lost.push(lossy(burst.sent.saturating_sub(burst.received)), sensitivity);
            return;
        }
        self.lost = Window::default();
        if let Some(forward) = &burst.forward {
            self.lost_forward.push(lossy(forward.lost), sensitivity);
        }
        if let Some(backward) = &burst.backward {
            self.lost_backward.push(lossy(backward.lost), sensitivity);
        }
    }

    fn forget_measurements(&mut self) {
        (self.slow, self.lost_forward, self.lost_backward, self.lost) = Default::default();
    }

    fn history(&mut self, planned: u16, histories: &mut Histories) -> Option<&mut History> {
        if self.history.is_none() {
            self.history = History::new(planned, &mut histories.budget);
            let refused = self.history.is_none();
            histories.refused = histories.refused + usize::from(refused) - usize::from(self.refused);
            self.refused = refused;
        }
        self.history.as_deref_mut()
    }

    pub(super) fn remembered(&self) -> Option<&History> {
        self.history.as_deref()
    }

    /// What it comes to in one respect at the time `now`, where anything that is still true is known.
    pub(super) fn finding(&self, respect: Respect, now: Timestamp, sensitivity: &Sensitivity) -> Finding {
        if now > self.trusted_until {
            return Finding::default();
        }
        let window = match respect {
            Respect::Reach => self.failed,
            Respect::Latency => self.slow,
            Respect::LossForward => self.lost_forward,
            Respect::LossBackward => self.lost_backward,
            Respect::Loss => self.lost,
        };
        window.finding(sensitivity)
    }

    /// Since when it is known what its round trip usually takes.
    pub(super) fn usual_since(&self) -> Option<Timestamp> {
        self.usual.known_since()
    }

    /// What the newest result says alone, and until when, where it says anything at the time `now`.
    pub(super) fn state(&self, now: Timestamp) -> Option<(State, Timestamp)> {
        let state = match self.newest {
            Newest::Good => State::Up,
            Newest::Bad => State::Down,
            Newest::None | Newest::Tainted => return None,
        };
        (now <= self.fresh_until).then_some((state, self.fresh_until))
    }

    /// Drops what is too old; says whether anything is left.
    pub(super) fn tidy(&mut self, now: Timestamp) -> bool {
        if let Some(history) = &mut self.history {
            history.tidy(now);
        }
        now.since(self.fresh_until.max(self.trusted_until)) < FORGOTTEN_AFTER
    }

    /// Gives back what was set aside for it.
    pub(super) fn forget(&mut self, histories: &mut Histories) {
        histories.refused -= usize::from(std::mem::take(&mut self.refused));
        if let Some(history) = self.history.take() {
            histories.budget.give_back(history.bytes());
        }
    }
}

/// What is known of all histories together.
#[derive(Debug)]
pub(super) struct Histories {
    pub(super) budget: Budget,
    /// Checks that have none.
    pub(super) refused: usize,
}
