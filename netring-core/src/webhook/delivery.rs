use super::{
    AlertSettings, Webhook, WebhookFormat,
    alertmanager::Alert,
    open::{OpenFaults, PAGE, fault},
    post::{Post, Refusal},
    retry::Retry,
    standing::Standing,
};
use crate::{
    analysis::{Fault, RingEvent},
    model::Timestamp,
    registry::{RegistryEngine, View},
    store::{CursorName, StoreError},
    wire::WebhookHealth,
};
use serde::Serialize;
use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

/// At the end what is being sent has so long to be answered, so that the next leader need not send it again.
const GRACE: Duration = Duration::from_secs(2);
/// Events that need no delivery are noted as handled when there are so many of them.
const NOTE_EVERY: u64 = 1_000;
/// Most alerts in one repeat.
const MAX_ALERTS: usize = 100;
/// An open alert lasts for so many times as long as it takes to be sent again, as Prometheus has it.
const OUTLIVES: u32 = 4;

/// The queue of one webhook: the events of the journal after its cursor.
#[derive(Debug)]
pub(super) struct Delivery {
    registry: RegistryEngine,
    webhook: Webhook,
    name: CursorName,
    settings: Arc<AlertSettings>,
    post: Arc<dyn Post>,
    standing: Mutex<Standing>,
}

/// How far it has come, for as long as this registry leads.
#[derive(Debug, Default)]
struct Progress {
    /// Since when it sends.
    begun: Option<Timestamp>,
    /// The last event that it has handled.
    position: u64,
    /// The last one that the journal knows of.
    noted: u64,
    retry: Option<Retry>,
    open: OpenFaults,
    /// When the open alerts were sent last.
    resent: Option<Instant>,
}

#[derive(Serialize)]
struct Body<'a> {
    version: u32,
    event: &'a RingEvent,
}

/// What ends a turn before everything was sent: how long to wait, or what went wrong.
type Turn<T> = Result<ControlFlow<Duration, T>, StoreError>;

impl Delivery {
    pub(super) fn new(
        registry: RegistryEngine,
        webhook: Webhook,
        name: CursorName,
        settings: Arc<AlertSettings>,
        post: Arc<dyn Post>,
    ) -> Self {
        let standing = Mutex::new(Standing::new(registry.now()));
        Self { registry, webhook, name, settings, post, standing }
    }

    pub(super) fn health(&self) -> WebhookHealth {
        self.standing().health(self.webhook.url.to_string())
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends what there is to send, until `shutdown`.
    pub(super) async fn run(&self, shutdown: &CancellationToken) {
        let mut views = self.registry.views();
        let mut progress = Progress::default();
        while !shutdown.is_cancelled() {
            let wait = self.turn(&mut progress, shutdown).await;
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = sleep(wait) => {}
                // What waits for another try is not hurried by what comes behind it.
                () = self.is_called(&mut views, &progress), if progress.retry.is_none() => {}
            }
        }
    }

    /// Returns when a round of judging brought something, or another registry leads.
    async fn is_called(&self, views: &mut Receiver<Arc<View>>, progress: &Progress) {
        loop {
            match views.recv().await {
                Ok(view) if view.last_event > progress.position => return,
                Ok(_) if self.registry.leads() != progress.begun.is_some() => return,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => return std::future::pending().await,
            }
        }
    }

    /// Sends what can be sent now; gives how long to wait for the next turn.
    async fn turn(&self, progress: &mut Progress, shutdown: &CancellationToken) -> Duration {
        let turn =
            if self.registry.leads() { self.send_all(progress, shutdown).await } else { Err(StoreError::NotLeading) };
        match turn {
            Ok(ControlFlow::Break(wait)) => return wait,
            Ok(ControlFlow::Continue(())) => {}
            Err(StoreError::NotLeading) => {
                // Whoever leads now goes on from the cursor, and so will this one if it leads again.
                *progress = Progress::default();
                self.standing().pending(0);
            }
            Err(error) => {
                tracing::warn!(webhook = %self.webhook.url, error = error.with_reason(), "cannot read what there is to send");
            }
        }
        match progress.resent {
            Some(resent) if progress.begun.is_some() => {
                self.settings.resend.saturating_sub(resent.elapsed()).min(self.settings.poll)
            }
            _ => self.settings.poll,
        }
    }

    async fn send_all(&self, progress: &mut Progress, shutdown: &CancellationToken) -> Turn<()> {
        self.begin(progress).await?;
        loop {
            let events = self.registry.journal().events(progress.position, PAGE).await?;
            let Some(first) = events.first() else { break };
            if first.id > progress.position.saturating_add(1) {
                let missed = first.id - progress.position - 1;
                tracing::warn!(webhook = %self.webhook.url, missed, "the journal lost events before they were looked at");
            }
            let mut pending = events.iter().filter(|event| fault(event).is_some()).count();
            for event in &events {
                self.standing().pending(pending);
                if let Some(fault) = fault(event) {
                    if let ControlFlow::Break(wait) = self.handle(progress, event, fault, shutdown).await? {
                        return Ok(ControlFlow::Break(wait));
                    }
                    pending -= 1;
                }
                progress.position = event.id;
            }
            self.standing().pending(pending);
        }
        if progress.position - progress.noted >= NOTE_EVERY {
            self.note(progress).await?;
        }
        self.resend(progress, shutdown).await
    }

    /// Finds out how far the webhook has come.
    async fn begin(&self, progress: &mut Progress) -> Result<(), StoreError> {
        let journal = self.registry.journal();
        let (holder, now) = (self.registry.instance_id(), self.registry.now());
        match journal.cursor(&self.name).await? {
            Some(cursor) => {
                let last = journal.record(holder, now, Vec::new(), None).await?;
                progress.noted = cursor;
                // A store that lost its newest events gives their ids again, to others.
                let kept = if progress.position > last { 0 } else { progress.position };
                progress.position = kept.max(cursor.min(last));
            }
            None => {
                let present = journal.record(holder, now, Vec::new(), None).await?;
                journal.set_cursor(holder, now, &self.name, present).await?;
                (progress.noted, progress.position) = (present, present);
            }
        }
        // Another registry has done with it, which led meanwhile.
        let position = progress.position;
        progress.retry.take_if(|retry| retry.event <= position);
        if progress.begun.is_none() {
            if self.webhook.format == WebhookFormat::Alertmanager {
                progress.open = OpenFaults::read(&**journal, progress.position).await?;
            }
            progress.begun = Some(self.registry.now());
        }
        Ok(())
    }

    /// Delivers one event, or gives it up, and notes that; unless another registry has done so, which led meanwhile.
    async fn handle(
        &self,
        progress: &mut Progress,
        event: &Arc<RingEvent>,
        fault: &Fault,
        shutdown: &CancellationToken,
    ) -> Turn<()> {
        if shutdown.is_cancelled() {
            return Ok(ControlFlow::Break(Duration::ZERO));
        }
        let cursor = self.registry.journal().cursor(&self.name).await?;
        if !self.registry.leads() {
            return Err(StoreError::NotLeading);
        }
        let handled = cursor.is_some_and(|cursor| cursor >= event.id);
        if !handled {
            let Some(result) = self.post(&self.body(progress, event, fault), Some(event.id), shutdown).await else {
                return Ok(ControlFlow::Break(Duration::ZERO));
            };
            if let ControlFlow::Break(wait) = self.settle(progress, event, result) {
                return Ok(ControlFlow::Break(wait));
            }
        }
        progress.retry = None;
        progress.open.note(event);
        // Before it is noted, so that it is not sent twice where the journal is out of reach for a while.
        progress.position = event.id;
        if !handled {
            self.note(progress).await?;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// What became of the delivery of an event: it is done with, or waits.
    fn settle(&self, progress: &mut Progress, event: &RingEvent, result: Result<(), Refusal>) -> ControlFlow<Duration> {
        let (now, url) = (self.registry.now(), &self.webhook.url);
        let (reason, again) = match result {
            Ok(()) => {
                if self.standing().delivered(now) {
                    tracing::info!(webhook = %url, "the webhook works again");
                }
                return ControlFlow::Continue(());
            }
            Err(Refusal::Never { reason }) => (reason, None),
            Err(Refusal::Later { reason, after }) => {
                let noticed = progress.begun.map_or(event.at, |begun| begun.max(event.at));
                let in_time = now.since(noticed) < self.settings.retry_for;
                (reason, in_time.then_some(after))
            }
        };
        let Some(after) = again else {
            self.standing().gave_up(&reason, now);
            tracing::warn!(webhook = %url, event = event.id, reason, "gave up to tell a webhook of an event");
            return ControlFlow::Continue(());
        };
        if self.standing().fails(&reason, now) {
            tracing::warn!(webhook = %url, event = event.id, reason, "a webhook does not take an event; trying again");
        }
        let mut retry = match progress.retry.take() {
            Some(retry) if retry.event == event.id => retry,
            _ => Retry::new(event.id, self.settings.retry_after),
        };
        let wait = retry.next_delay(after);
        progress.retry = Some(retry);
        ControlFlow::Break(wait)
    }

    /// Sends the alerts of open faults again where it is time to.
    async fn resend(&self, progress: &mut Progress, shutdown: &CancellationToken) -> Turn<()> {
        let due = progress.resent.is_none_or(|resent| resent.elapsed() >= self.settings.resend);
        if self.webhook.format != WebhookFormat::Alertmanager || !due {
            return Ok(ControlFlow::Continue(()));
        }
        progress.resent = Some(Instant::now());
        let alerts: Vec<Alert> = progress.open.iter().map(|fault| self.alert(fault, fault)).collect();
        for alerts in alerts.chunks(MAX_ALERTS) {
            if !self.registry.leads() {
                return Err(StoreError::NotLeading);
            }
            let now = self.registry.now();
            match self.post(&alerts, None, shutdown).await {
                None => return Ok(ControlFlow::Break(Duration::ZERO)),
                Some(Ok(())) => {
                    if self.standing().works(now) {
                        tracing::info!(webhook = %self.webhook.url, "the webhook works again");
                    }
                }
                Some(Err(Refusal::Later { reason, .. } | Refusal::Never { reason })) => {
                    if self.standing().fails(&reason, now) {
                        tracing::warn!(webhook = %self.webhook.url, reason, "a webhook does not take the open alerts");
                    }
                    break;
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    async fn note(&self, progress: &mut Progress) -> Result<(), StoreError> {
        let (holder, now) = (self.registry.instance_id(), self.registry.now());
        self.registry.journal().set_cursor(holder, now, &self.name, progress.position).await?;
        progress.noted = progress.position;
        Ok(())
    }

    fn alert(&self, fault: &Fault, opened: &Fault) -> Alert {
        let until = self.registry.now() + self.settings.resend * OUTLIVES;
        Alert::of(fault, opened, until, self.settings.public_url.as_ref())
    }

    fn body<'a>(&self, progress: &Progress, event: &'a RingEvent, fault: &Fault) -> EventBody<'a> {
        match self.webhook.format {
            WebhookFormat::Netring => EventBody::Netring(Body { version: 1, event }),
            WebhookFormat::Alertmanager => {
                EventBody::Alertmanager([self.alert(fault, progress.open.get(&fault.id).unwrap_or(fault))])
            }
        }
    }

    /// Sends `body`. At the end nobody waits for an answer for long: then there is none.
    async fn post(
        &self,
        body: &(impl Serialize + Sync + ?Sized),
        event: Option<u64>,
        shutdown: &CancellationToken,
    ) -> Option<Result<(), Refusal>> {
        let body = match serde_json::to_vec(body) {
            Ok(body) => body,
            Err(error) => {
                return Some(Err(Refusal::Never { reason: format!("it cannot be written as JSON: {error}") }));
            }
        };
        let no_longer = async {
            shutdown.cancelled().await;
            sleep(GRACE).await;
        };
        tokio::select! {
            biased;
            result = self.post.post(&self.webhook, body, event) => Some(result),
            () = no_longer => None,
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum EventBody<'a> {
    Netring(Body<'a>),
    Alertmanager([Alert; 1]),
}
