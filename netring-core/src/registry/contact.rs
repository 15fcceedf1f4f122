use super::deaf::Gap;
use crate::{model::Timestamp, store::StoreError, wire::StoreContact};
use std::time::Duration;
use tokio::time::Instant;

/// While the store is out of reach, a reason that changes is logged this often at most.
const LOG_AT_MOST_EVERY: Duration = Duration::from_secs(30);

/// What a call does with the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It reads.
    Read,
    /// It writes.
    Write,
    /// It may have had nothing to write, so that its success proves nothing.
    Tidy,
    /// It tries both.
    Ping,
}

/// What there is to log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum News {
    /// It was reached for the first time.
    InReach,
    /// It has gone out of reach.
    Away(String),
    /// It is still out of reach, and for another reason than was said.
    OtherReason(String),
    /// It is back after so long.
    Back(Duration),
}

/// Whether the store is in reach: whether the last call of either way, reading and writing, was answered. So a store that can
/// be read and not written is out of reach until it can, and not now one and now the other.
#[derive(Debug)]
pub(super) struct Contact {
    state: StoreContact,
    reading: Option<Failed>,
    writing: Option<Failed>,
    /// Since when it is out of reach, by a clock that nobody steps.
    away: Option<Instant>,
    /// What was said of it last, and when.
    said: Option<(Instant, String)>,
    /// The time in which nobody was heard here and which nobody has asked for yet.
    gap: Option<Gap>,
}

#[derive(Debug)]
struct Failed {
    /// All of it.
    error: String,
    /// Why, whatever was tried.
    reason: String,
}

impl Contact {
    /// Before the first call.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            state: StoreContact { in_reach: None, since: now, error: None },
            reading: None,
            writing: None,
            away: None,
            said: None,
            gap: Some(Gap { since: None, until: now, over: true }),
        }
    }

    pub(super) fn state(&self) -> StoreContact {
        self.state.clone()
    }

    /// The time in which nobody could be heard here, once; the one that is not over yet as often as it is asked for.
    pub(super) fn take_gap(&mut self, now: Timestamp) -> Option<Gap> {
        match self.state.in_reach {
            Some(false) => Some(self.gap_until(now, false)),
            _ => self.gap.take(),
        }
    }

    pub(super) fn has_gap(&self) -> bool {
        self.gap.is_some() || self.state.in_reach == Some(false)
    }

    fn gap_until(&self, now: Timestamp, over: bool) -> Gap {
        Gap { since: self.gap.map_or(Some(self.state.since), |gap| gap.since), until: now, over }
    }

    /// Takes note of how a call ended.
    pub(super) fn note(&mut self, way: Way, error: Option<&StoreError>, now: Timestamp) -> Option<News> {
        match error {
            Some(error @ StoreError::Unavailable { source, .. }) => {
                let failed = Some(Failed { error: error.with_reason(), reason: source.to_string() });
                match way {
                    Way::Read | Way::Ping => self.reading = failed,
                    Way::Write | Way::Tidy => self.writing = failed,
                }
            }
            // It says no: it is in reach, but that was no write.
            Some(_) => {}
            None => {
                if matches!(way, Way::Read | Way::Ping) {
                    self.reading = None;
                }
                if matches!(way, Way::Write | Way::Ping) {
                    self.writing = None;
                }
            }
        }
        self.settle(now)
    }

    fn settle(&mut self, now: Timestamp) -> Option<News> {
        let failed = self.reading.as_ref().or(self.writing.as_ref()).map(|f| (f.error.clone(), f.reason.clone()));
        let before = self.state.in_reach;
        let in_reach = failed.is_none();
        if before == Some(false) && in_reach {
            self.gap = Some(self.gap_until(now, true));
        }
        if before != Some(in_reach) {
            self.state.since = now;
        }
        self.state.in_reach = Some(in_reach);
        let Some((error, reason)) = failed else {
            self.state.error = None;
            self.said = None;
            return match self.away.take() {
                Some(since) => Some(News::Back(since.elapsed())),
                None => before.is_none().then_some(News::InReach),
            };
        };
        self.state.error = Some(error.clone());
        let news = match &self.said {
            None => News::Away(error),
            Some((when, said)) if *said != reason && when.elapsed() >= LOG_AT_MOST_EVERY => News::OtherReason(error),
            Some(_) => return None,
        };
        self.away.get_or_insert_with(Instant::now);
        self.said = Some((Instant::now(), reason));
        Some(news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);
    const SECOND: Duration = Duration::from_secs(1);

    fn unavailable(operation: &'static str, source: &str) -> StoreError {
        StoreError::Unavailable { operation, source: source.into() }
    }

    fn away(operation: &str, source: &str) -> News {
        News::Away(format!("the member store is out of reach: cannot {operation}: {source}"))
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_is_news_once() {
        let mut contact = Contact::new(NOW);
        assert_eq!(contact.state(), StoreContact { in_reach: None, since: NOW, error: None });
        assert_eq!(contact.note(Way::Read, None, NOW + SECOND), Some(News::InReach));
        assert_eq!(contact.note(Way::Read, None, NOW + 2 * SECOND), None);
        let refused = unavailable("list", "refused");
        assert_eq!(contact.note(Way::Read, Some(&refused), NOW + 3 * SECOND), Some(away("list", "refused")));
        for seconds in 4..60 {
            advance(SECOND).await;
            let (way, operation) = if seconds % 2 == 0 { (Way::Read, "list") } else { (Way::Write, "register") };
            let error = unavailable(operation, "refused");
            assert_eq!(
                contact.note(way, Some(&error), NOW + seconds * SECOND),
                None,
                "another call is no other reason"
            );
        }
        let error = Some("the member store is out of reach: cannot list: refused".to_owned());
        assert_eq!(contact.state(), StoreContact { in_reach: Some(false), since: NOW + 3 * SECOND, error });
        assert_eq!(contact.note(Way::Read, None, NOW + 60 * SECOND), None, "it cannot be written yet");
        assert_eq!(contact.note(Way::Write, None, NOW + 61 * SECOND), Some(News::Back(56 * SECOND)));
        assert_eq!(contact.state(), StoreContact { in_reach: Some(true), since: NOW + 61 * SECOND, error: None });
    }

    #[tokio::test(start_paused = true)]
    async fn another_reason_is_news_twice_a_minute_at_most() {
        let mut contact = Contact::new(NOW);
        let mut note = |reason| contact.note(Way::Read, Some(&unavailable("list", reason)), NOW);
        assert_eq!(note("refused"), Some(away("list", "refused")));
        let mut told = Vec::new();
        for second in 1..=90 {
            advance(SECOND).await;
            if note(if second % 2 == 1 { "timeout" } else { "no route" }).is_some() {
                told.push(second);
            }
        }
        assert_eq!(told, [30, 61], "after 60 s it is the reason that was said last");
    }

    #[tokio::test]
    async fn which_calls_prove_what() {
        let refused = unavailable("x", "refused");
        for (failed, then, error, in_reach) in [
            (Way::Write, Way::Read, None, false),
            (Way::Write, Way::Tidy, None, false),
            (Way::Tidy, Way::Tidy, None, false),
            (Way::Tidy, Way::Write, None, true),
            (Way::Write, Way::Write, Some(StoreError::NotFound), false),
            (Way::Write, Way::Write, Some(StoreError::Full { limit: 1 }), false),
            (Way::Write, Way::Ping, None, true),
            (Way::Read, Way::Write, None, false),
            (Way::Read, Way::Ping, None, true),
            (Way::Ping, Way::Read, None, true),
        ] {
            let mut contact = Contact::new(NOW);
            contact.note(failed, Some(&refused), NOW);
            assert_eq!(contact.state().in_reach, Some(false));
            contact.note(then, error.as_ref(), NOW);
            assert_eq!(contact.state().in_reach, Some(in_reach), "{failed:?}, then {then:?} with {error:?}");
        }
        let mut contact = Contact::new(NOW);
        contact.note(Way::Write, Some(&StoreError::NotFound), NOW);
        assert_eq!(contact.state().in_reach, Some(true), "to say no is an answer");
    }

    #[tokio::test]
    async fn the_time_away_is_asked_for_once() {
        let mut contact = Contact::new(NOW);
        let refused = unavailable("x", "refused");
        let gap = |since: Option<u64>, until: u64, over| {
            Some(Gap { since: since.map(|s| NOW + s as u32 * SECOND), until: NOW + until as u32 * SECOND, over })
        };
        contact.note(Way::Write, Some(&refused), NOW + SECOND);
        assert_eq!(contact.take_gap(NOW + 2 * SECOND), gap(None, 2, false), "since before the start");
        contact.note(Way::Write, None, NOW + 3 * SECOND);
        assert_eq!(contact.take_gap(NOW + 9 * SECOND), gap(None, 3, true));
        assert_eq!((contact.take_gap(NOW + 9 * SECOND), contact.has_gap()), (None, false));
        contact.note(Way::Read, Some(&refused), NOW + 10 * SECOND);
        assert_eq!(contact.take_gap(NOW + 15 * SECOND), gap(Some(10), 15, false));
        contact.note(Way::Read, None, NOW + 20 * SECOND);
        contact.note(Way::Read, Some(&refused), NOW + 21 * SECOND);
        contact.note(Way::Read, None, NOW + 22 * SECOND);
        assert!(contact.has_gap());
        assert_eq!(contact.take_gap(NOW + 30 * SECOND), gap(Some(10), 22, true), "two that nobody asked for are one");
    }
}
