use crate::{model::Timestamp, wire::WebhookHealth};

/// How a webhook is doing.
#[derive(Debug)]
pub(super) struct Standing {
    delivered: u64,
    failed: u64,
    pending: usize,
    last_error: Option<String>,
    since: Timestamp,
}

impl Standing {
    pub(super) const fn new(now: Timestamp) -> Self {
        Self { delivered: 0, failed: 0, pending: 0, last_error: None, since: now }
    }

    pub(super) const fn pending(&mut self, events: usize) {
        self.pending = events;
    }

    /// It took an event.
    pub(super) fn delivered(&mut self, now: Timestamp) -> bool {
        self.delivered += 1;
        self.works(now)
    }

    /// It answers as it should; says whether that is news.
    pub(super) fn works(&mut self, now: Timestamp) -> bool {
        let news = self.last_error.take().is_some();
        if news {
            self.since = now;
        }
        news
    }

    /// It did not; says whether that is news.
    pub(super) fn fails(&mut self, reason: &str, now: Timestamp) -> bool {
        let news = self.last_error.is_none();
        if news {
            self.since = now;
        }
        self.last_error = Some(reason.to_owned());
        news
    }

    /// An event was given up.
    pub(super) fn gave_up(&mut self, reason: &str, now: Timestamp) {
        self.failed += 1;
        self.fails(reason, now);
    }

    pub(super) fn health(&self, url: String) -> WebhookHealth {
        WebhookHealth {
            url,
            delivered: self.delivered,
            failed: self.failed,
            pending: self.pending,
            last_error: self.last_error.clone(),
            since: self.since,
        }
    }
}
