use crate::{model::Timestamp, store::StoreError, wire::StoreContact};
use std::time::Duration;
use tokio::time::Instant;

/// While the store is out of reach, a reason that changes is logged this often at most; and once it was said to be back, it
/// is not said to be away again any sooner.
const LOG_AT_MOST_EVERY: Duration = Duration::from_secs(30);
/// A ping that works makes up for the failure of another operation after this: one that is rarely called is not to keep the
/// store out of reach for ever.
const MADE_UP_FOR_AFTER: Duration = Duration::from_secs(60);

/// What the store is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Register,
    Heartbeat,
    Deregister,
    Members,
    Sweep,
    PutReport,
    Reports,
    Ping,
}

impl Operation {
    /// Whether it tells if members can be heard.
    pub(super) const fn hears(self) -> bool {
        matches!(self, Self::Register | Self::Heartbeat | Self::Ping)
    }
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

/// Whether the store is in reach: whether every operation worked when it was last called. One may fail for a reason of its
/// own, as where there is no permission for one key: what others do says nothing of it.
#[derive(Debug)]
pub(super) struct Contact {
    state: StoreContact,
    /// The operations that fail, in the order in which they began to.
    failing: Vec<Failing>,
    /// Since when it is out of reach, by a clock that nobody steps.
    away: Option<Instant>,
    /// Why it was said to be out of reach, and when.
    said: Option<(Instant, String)>,
    /// When it was said to be back.
    said_back: Option<Instant>,
}

#[derive(Debug)]
struct Failing {
    operation: Operation,
    /// When it failed last.
    at: Instant,
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
            failing: Vec::new(),
            away: None,
            said: None,
            said_back: None,
        }
    }

    pub(super) fn state(&self) -> StoreContact {
        self.state.clone()
    }

    /// Takes note of how a call ended.
    pub(super) fn note(&mut self, operation: Operation, error: Option<&StoreError>, now: Timestamp) -> Option<News> {
        match error {
            Some(error @ StoreError::Unavailable { source, .. }) => {
                let failing =
                    Failing { operation, at: Instant::now(), error: error.with_reason(), reason: source.to_string() };
                match self.failing.iter_mut().find(|failing| failing.operation == operation) {
                    Some(known) => *known = failing,
                    None => self.failing.push(failing),
                }
            }
            // It says no: it is in reach, but nothing was done.
            Some(_) => {}
            None => self.worked(operation),
        }
        self.settle(now)
    }

    fn worked(&mut self, operation: Operation) {
        let ping = operation == Operation::Ping;
        if ping && self.failing.iter().any(|failing| failing.operation == operation) {
            // That was an outage, and it is over for all.
            self.failing.clear();
        }
        let made_up_for = |failing: &Failing| ping && failing.at.elapsed() > MADE_UP_FOR_AFTER;
        self.failing.retain(|failing| failing.operation != operation && !made_up_for(failing));
    }

    fn settle(&mut self, now: Timestamp) -> Option<News> {
        let first = self.state.in_reach.is_none();
        let in_reach = self.failing.is_empty();
        if self.state.in_reach != Some(in_reach) {
            self.state.since = now;
        }
        self.state.in_reach = Some(in_reach);
        // What all need tells more than what one needs. Otherwise the oldest one, so that it is not another with every call.
        let ping = self.failing.iter().find(|failing| failing.operation == Operation::Ping);
        let Some(Failing { error, reason, .. }) = ping.or(self.failing.first()) else {
            self.state.error = None;
            let away = self.away.take();
            // To be back is told at once, where it was told that it was away.
            if self.said.take().is_none() {
                return first.then_some(News::InReach);
            }
            self.said_back = Some(Instant::now());
            return away.map(|since| News::Back(since.elapsed()));
        };
        self.state.error = Some(error.clone());
        self.away.get_or_insert_with(Instant::now);
        let long_ago = |when: Instant| when.elapsed() >= LOG_AT_MOST_EVERY;
        let news = match &self.said {
            // One that comes and goes is told once in a while; where it stays away, the first call after that tells so.
            None if self.said_back.is_none_or(long_ago) => News::Away(error.clone()),
            Some((when, said)) if said != reason && long_ago(*when) => News::OtherReason(error.clone()),
            _ => return None,
        };
        self.said = Some((Instant::now(), reason.clone()));
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
        use Operation::{Members, Register};
        let mut contact = Contact::new(NOW);
        assert_eq!(contact.state(), StoreContact { in_reach: None, since: NOW, error: None });
        assert_eq!(contact.note(Members, None, NOW + SECOND), Some(News::InReach));
        assert_eq!(contact.note(Members, None, NOW + 2 * SECOND), None);
        let refused = unavailable("list", "refused");
        assert_eq!(contact.note(Members, Some(&refused), NOW + 3 * SECOND), Some(away("list", "refused")));
        for seconds in 4..60 {
            advance(SECOND).await;
            let (operation, name) = if seconds % 2 == 0 { (Members, "list") } else { (Register, "register") };
            let news = contact.note(operation, Some(&unavailable(name, "refused")), NOW + seconds * SECOND);
            assert_eq!(news, None, "another call is no other reason");
        }
        let error = Some("the member store is out of reach: cannot list: refused".to_owned());
        assert_eq!(contact.state(), StoreContact { in_reach: Some(false), since: NOW + 3 * SECOND, error });
        assert_eq!(contact.note(Members, None, NOW + 60 * SECOND), None, "it cannot be written yet");
        assert_eq!(contact.note(Register, None, NOW + 61 * SECOND), Some(News::Back(56 * SECOND)));
        assert_eq!(contact.state(), StoreContact { in_reach: Some(true), since: NOW + 61 * SECOND, error: None });
    }

    #[tokio::test(start_paused = true)]
    async fn another_reason_is_news_twice_a_minute_at_most() {
        let mut contact = Contact::new(NOW);
        let mut note = |reason| contact.note(Operation::Members, Some(&unavailable("list", reason)), NOW);
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

    #[tokio::test(start_paused = true)]
    async fn a_store_that_comes_and_goes_is_told_twice_a_minute_and_how_it_ends_is_told_too() {
        let mut contact = Contact::new(NOW);
        let refused = unavailable("list", "refused");
        let mut told = Vec::new();
        let mut note = |second: u32, works: bool| {
            let news = contact.note(Operation::Members, (!works).then_some(&refused), NOW + second * SECOND);
            told.extend(news.map(|news| (second, matches!(news, News::Back(_)))));
        };
        for second in 0..100 {
            note(second, second % 2 == 1);
            advance(SECOND).await;
        }
        for second in 100..200 {
            note(second, false);
            advance(SECOND).await;
        }
        note(200, true);
        let wanted = [(0, false), (1, true), (32, false), (33, true), (64, false), (65, true), (96, false), (97, true)];
        assert_eq!(told[..8], wanted);
        assert_eq!(told[8..], [(127, false), (200, true)], "it stays away, and comes back");
    }

    #[tokio::test(start_paused = true)]
    async fn an_operation_that_fails_for_a_reason_of_its_own_is_told_once() {
        let mut contact = Contact::new(NOW);
        let wrong = unavailable("keep a report", "WRONGTYPE");
        assert_eq!(contact.note(Operation::PutReport, Some(&wrong), NOW), Some(away("keep a report", "WRONGTYPE")));
        let others = [Operation::Heartbeat, Operation::Members, Operation::Sweep, Operation::Ping];
        for second in 1..=300 {
            advance(SECOND).await;
            for operation in others {
                assert_eq!(contact.note(operation, None, NOW + second * SECOND), None);
            }
            assert_eq!(contact.note(Operation::PutReport, Some(&wrong), NOW + second * SECOND), None);
        }
        assert_eq!((contact.state().in_reach, contact.state().since), (Some(false), NOW));
        advance(60 * SECOND).await;
        assert_eq!(contact.note(Operation::Ping, None, NOW), None);
        advance(SECOND).await;
        assert_eq!(contact.note(Operation::Heartbeat, None, NOW), None, "that proves nothing of reports");
        let back = Some(News::Back(361 * SECOND));
        assert_eq!(contact.note(Operation::Ping, None, NOW), back, "nobody has tried for a minute");
    }

    #[tokio::test]
    async fn which_calls_prove_what() {
        use Operation::{Deregister, Heartbeat, Members, Ping, PutReport, Register, Reports, Sweep};
        let refused = unavailable("x", "refused");
        for (failed, then, error, in_reach) in [
            (&[Register][..], Members, None, false),
            (&[Register], Heartbeat, None, false),
            (&[Register], Register, None, true),
            (&[Heartbeat], Sweep, None, false),
            (&[Sweep], Sweep, None, true),
            (&[Deregister], Sweep, None, false),
            (&[Members, Reports], Members, None, false),
            (&[Heartbeat], Heartbeat, Some(StoreError::NotFound), false),
            (&[Register], Register, Some(StoreError::Full { limit: 1 }), false),
            (&[PutReport], Ping, None, false),
            (&[PutReport, Ping, Members], Ping, None, true),
            (&[Ping], Members, None, false),
        ] {
            let mut contact = Contact::new(NOW);
            for operation in failed {
                contact.note(*operation, Some(&refused), NOW);
            }
            assert_eq!(contact.state().in_reach, Some(false));
            contact.note(then, error.as_ref(), NOW);
            assert_eq!(contact.state().in_reach, Some(in_reach), "{failed:?}, then {then:?} with {error:?}");
        }
        let mut contact = Contact::new(NOW);
        contact.note(Heartbeat, Some(&StoreError::NotFound), NOW);
        assert_eq!(contact.state().in_reach, Some(true), "to say no is an answer");
    }
}
