//! A registry that leads, and what happens in its ring.

use crate::receiver::Receiver;
use netring_core::{
    CancellationToken, MemoryStore, RegistryEngine,
    analysis::{Fault, Occurrence, PairRef, Subject, Symptom},
    testing::sample::{NOW, id},
    webhook::{AlertSettings, Alerts, Webhook, WebhookFormat, WebhookUrl},
    wire::WebhookHealth,
};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;

pub(crate) struct Ring {
    pub(crate) registry: RegistryEngine,
    alerts: Arc<Alerts>,
    webhooks: Vec<Webhook>,
    shutdown: CancellationToken,
    tasks: JoinSet<()>,
}

/// Little waiting, for tests wait for what comes.
pub(crate) fn hurried() -> AlertSettings {
    let (poll, retry_after) = (Duration::from_millis(10), Duration::from_millis(20));
    AlertSettings { poll, retry_after, ..AlertSettings::default() }
}

pub(crate) fn webhook(receiver: &Receiver, path: &str, format: WebhookFormat) -> Webhook {
    Webhook::new(WebhookUrl::new(&format!("http://{}{path}", receiver.address)).unwrap(), format)
}

impl Ring {
    pub(crate) fn start(store: &Arc<MemoryStore>, webhooks: Vec<Webhook>, settings: AlertSettings) -> Self {
        let registry = RegistryEngine::builder(store.clone()).journal(store.clone()).build();
        let alerts = Arc::new(Alerts::new(registry.clone(), webhooks.clone(), settings).unwrap());
        let (shutdown, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let (running, token) = (Arc::clone(&alerts), shutdown.clone());
        tasks.spawn(async move { running.run(token).await });
        Self { registry, alerts, webhooks, shutdown, tasks }
    }

    /// A ring with a store of its own that leads, and that has begun to send.
    pub(crate) async fn leading(webhooks: Vec<Webhook>) -> Self {
        let ring = Self::start(&Arc::default(), webhooks, hurried());
        ring.lead().await;
        ring.begun().await;
        ring
    }

    /// Waits until every webhook has begun: what happened before is not told to a new one.
    pub(crate) async fn begun(&self) {
        for webhook in &self.webhooks {
            let name = webhook.cursor_name().unwrap();
            while self.registry.journal().cursor(&name).await.unwrap().is_none() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }

    pub(crate) async fn lead(&self) {
        let (registry, day) = (&self.registry, Duration::from_secs(86_400));
        assert!(registry.journal().lead(registry.instance_id(), registry.now(), day).await.unwrap());
        registry.set_leading(true);
    }

    pub(crate) async fn resign(&self) {
        self.registry.set_leading(false);
        self.registry.journal().resign(self.registry.instance_id()).await.unwrap();
    }

    pub(crate) async fn record(&self, what: Vec<Occurrence>) -> u64 {
        let (registry, now) = (&self.registry, self.registry.now());
        let events = what.into_iter().map(|what| (now, what)).collect();
        registry.journal().record(registry.instance_id(), now, events, None).await.unwrap()
    }

    pub(crate) fn health(&self) -> Vec<WebhookHealth> {
        let health = self.alerts.health();
        assert_eq!(self.registry.webhook_health(), health, "the registry's health tells the same");
        health
    }

    /// Waits until the health of the first webhook is as wanted, and gives it.
    pub(crate) async fn health_when(&self, wanted: impl Fn(&WebhookHealth) -> bool) -> WebhookHealth {
        loop {
            match self.health().into_iter().next().unwrap() {
                health if wanted(&health) => return health,
                _ => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    }

    pub(crate) async fn end(mut self) {
        self.shutdown.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
    }
}

pub(crate) fn fault(name: &str) -> Fault {
    Fault {
        id: format!("fault-{name}"),
        subject: Subject::Target { instance_id: id(name), location: "eu1".parse().unwrap() },
        symptom: Symptom::Unreachable,
        since: NOW,
        closed_at: None,
        relapses: 0,
        confidence: 0.9,
        pairs: vec![PairRef { source: id("b"), target: id(name) }],
        pairs_total: 1,
        suspects: Vec::new(),
        sentence: format!("{name} is down: nobody reaches it."),
    }
}

pub(crate) fn opened(name: &str) -> Occurrence {
    Occurrence::FaultOpened { fault: Box::new(fault(name)) }
}

pub(crate) fn closed(name: &str) -> Occurrence {
    let closed_at = Some(NOW + Duration::from_secs(60));
    Occurrence::FaultClosed { fault: Box::new(Fault { closed_at, ..fault(name) }) }
}
