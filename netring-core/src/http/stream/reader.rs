use super::{SharedChanges, frame};
use crate::{
    analysis::RingEvent,
    http::events::{Filter, Kinds, kept},
    registry::{MembersSnapshot, RegistryEngine, View},
    store::StoreError,
};
use axum::body::Bytes;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    sync::{broadcast, mpsc},
    time::{Instant, sleep_until},
};

/// After so long in which nothing was sent, something is.
const HEARTBEAT_AFTER: Duration = Duration::from_secs(15);
/// A reader whose queue is full for so long is dropped.
const PATIENCE: Duration = Duration::from_secs(5);
/// The journal is read in pages of so many events.
const PAGE: usize = 500;

/// Up to where somebody has read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Position {
    /// To the event of this id.
    At(u64),
    /// To something that is no id of ours.
    Unknown,
}

/// One reader of the stream.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) registry: RegistryEngine,
    pub(super) filter: Filter,
    /// Who was in the ring at the newest round.
    pub(super) members: Option<Arc<MembersSnapshot>>,
    pub(super) matrix: Arc<SharedChanges>,
    pub(super) at: Position,
    pub(super) queue: mpsc::Sender<Bytes>,
}

/// Why a reader gets nothing more.
#[derive(Debug)]
enum End {
    /// It has gone.
    Gone,
    /// It does not take what it is sent.
    Slow,
    /// There are no more rounds.
    Closed,
}

impl Reader {
    pub(super) async fn run(mut self, views: broadcast::Receiver<Arc<View>>) {
        match self.feed(views).await {
            Err(End::Slow) => tracing::debug!("a reader of the event stream was too slow, and is dropped"),
            Err(end) => tracing::trace!(?end, "a reader of the event stream is gone"),
            Ok(never) => match never {},
        }
    }

    async fn feed(&mut self, mut views: broadcast::Receiver<Arc<View>>) -> Result<Infallible, End> {
        self.send(frame::head(match self.at {
            Position::At(last) => Some(last),
            Position::Unknown => None,
        }))
        .await?;
        self.catch_up().await?;
        loop {
            let heartbeat = sleep_until(Instant::now() + HEARTBEAT_AFTER);
            let gone = self.queue.clone();
            tokio::select! {
                () = gone.closed() => return Err(End::Gone),
                () = heartbeat => self.send(frame::HEARTBEAT).await?,
                view = views.recv() => match view {
                    Ok(view) => self.tell(&view).await?,
                    // What changed in the matrix is lost to it.
                    Err(broadcast::error::RecvError::Lagged(_)) => return Err(End::Slow),
                    Err(broadcast::error::RecvError::Closed) => return Err(End::Closed),
                },
            }
        }
    }

    /// Tells of one round of judging.
    async fn tell(&mut self, view: &Arc<View>) -> Result<(), End> {
        self.members = Some(Arc::clone(&view.snapshot));
        if !matches!(self.at, Position::At(last) if last == view.last_event) {
            self.catch_up().await?;
        }
        if self.filter.kinds.as_ref().is_none_or(|kinds| kinds.has(Kinds::MATRIX)) {
            let changes = match &self.filter.location {
                None => self.matrix.written(view),
                location => frame::changes(view, location.as_ref()),
            };
            if let Some(changes) = changes {
                self.send(changes).await?;
            }
        }
        Ok(())
    }

    /// Sends what the journal has after what was read.
    async fn catch_up(&mut self) -> Result<(), End> {
        let mut more = true;
        while more {
            more = match self.next_page().await {
                Ok(Some(page)) => {
                    self.send_page(&page).await?;
                    page.len() > PAGE
                }
                Ok(None) => self.start_anew().await?,
                // The next round tries again.
                Err(error) => unread(&error),
            };
        }
        Ok(())
    }

    /// What comes next, or `None` where it is not known what was missed. It begins with the event that was read last, which shows
    /// whether this is still the journal that it was read from.
    async fn next_page(&self) -> Result<Option<Vec<Arc<RingEvent>>>, StoreError> {
        let Position::At(last) = self.at else { return Ok(None) };
        let page = self.registry.journal().events(last.saturating_sub(1), PAGE + 1).await?;
        let known = match page.first() {
            Some(first) => first.id <= last.max(1),
            None => last == 0,
        };
        Ok(known.then_some(page))
    }

    async fn send_page(&mut self, page: &[Arc<RingEvent>]) -> Result<(), End> {
        let mut together = Vec::new();
        for event in page {
            if !matches!(self.at, Position::At(last) if event.id > last) {
                continue;
            }
            if self.filter.wants(&event.what, self.members.as_deref()) {
                frame::event(&mut together, event);
            }
            self.at = Position::At(event.id);
            if together.len() >= frame::BYTES {
                self.send(std::mem::take(&mut together).into()).await?;
            }
        }
        if !together.is_empty() {
            self.send(together.into()).await?;
        }
        Ok(())
    }

    /// Says that all is to be loaded anew, and gives whether there may be more to read.
    async fn start_anew(&mut self) -> Result<bool, End> {
        let last = match kept(&self.registry).await {
            Ok(kept) => kept.last().map_or(0, |event| event.id),
            Err(error) => return Ok(unread(&error)),
        };
        self.send(frame::reset(last)).await?;
        self.at = Position::At(last);
        Ok(false)
    }

    async fn send(&self, frame: Bytes) -> Result<(), End> {
        self.queue.send_timeout(frame, PATIENCE).await.map_err(|error| match error {
            mpsc::error::SendTimeoutError::Timeout(_) => End::Slow,
            mpsc::error::SendTimeoutError::Closed(_) => End::Gone,
        })
    }
}

fn unread(error: &StoreError) -> bool {
    tracing::debug!(%error, "the event stream cannot read the journal");
    false
}
