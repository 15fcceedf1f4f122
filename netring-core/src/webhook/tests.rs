//! Webhooks that do what a test says, on a clock that stands still: no sockets.

use super::{
    AlertSettings, Alerts, BearerToken, Webhook, WebhookFormat, WebhookUrl,
    post::{Post, Refusal},
};
use crate::{
    analysis::{Fault, Occurrence, PairRef, Subject, Symptom},
    model::{InstanceId, Timestamp, TokioClock},
    registry::{MembersSnapshot, RegistryEngine, View},
    store::{Journal, MemoryStore},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

/// One subject of each form, with the labels that are its own.
pub(super) const SUBJECTS: &[(&str, &str)] = &[
    (r#"{"scope": "target", "instance_id": "a", "location": "eu1"}"#, "instance_id=a location=eu1"),
    (r#"{"scope": "inbound", "instance_id": "a", "location": "eu1"}"#, "instance_id=a location=eu1"),
    (r#"{"scope": "source", "instance_id": "a", "location": "eu1"}"#, "instance_id=a location=eu1"),
    (r#"{"scope": "location", "location": "eu1"}"#, "location=eu1"),
    (r#"{"scope": "location_pair", "locations": ["eu1", "us1"]}"#, "location=eu1 other_location=us1"),
    (
        r#"{"scope": "partition", "sides": [["eu1", "eu2"], ["us1", "us2"]]}"#,
        "locations=eu1, eu2 other_locations=us1, us2",
    ),
    (r#"{"scope": "location_pair", "locations": ["eu1", "eu1"]}"#, "location=eu1"),
    (
        r#"{"scope": "direction", "source_location": "eu1", "target_location": "us1"}"#,
        "source_location=eu1 target_location=us1",
    ),
    (r#"{"scope": "pair", "source": "a", "target": "b", "both_ways": false}"#, "source=a target=b"),
    (r#"{"scope": "pair", "source": "a", "target": "b", "both_ways": true}"#, "source=a target=b"),
    (r#"{"scope": "kind", "kind": "tcp", "of": {"target": "a"}}"#, "kind=tcp target=a"),
    (
        r#"{"scope": "kind", "kind": "http", "endpoint": "/health", "of": {"source": "a"}}"#,
        "endpoint=/health kind=http source=a",
    ),
    (
        r#"{"scope": "kind", "kind": "tcp", "of": {"direction": ["eu1", "us1"]}}"#,
        "kind=tcp source_location=eu1 target_location=us1",
    ),
    (r#"{"scope": "kind", "kind": "tcp", "of": {"pair": ["a", "b"]}}"#, "kind=tcp source=a target=b"),
    (r#"{"scope": "kind", "kind": "tcp", "of": "ring"}"#, "kind=tcp"),
    (r#"{"scope": "router", "router": "192.0.2.1"}"#, "router=192.0.2.1"),
    (r#"{"scope": "link", "link": ["192.0.2.1", "192.0.2.2"]}"#, "link=192.0.2.1 > 192.0.2.2"),
];

const START: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);
const SECOND: Duration = Duration::from_secs(1);

pub(super) fn fault(id: &str, subject: Subject) -> Fault {
    let member = |id| InstanceId::new(id).unwrap();
    Fault {
        id: id.to_owned(),
        subject,
        symptom: Symptom::Unreachable,
        since: START,
        closed_at: None,
        relapses: 0,
        confidence: 0.974,
        pairs: vec![PairRef { source: member("a"), target: member("b") }],
        pairs_total: 7,
        suspects: Vec::new(),
        sentence: "It is down.".to_owned(),
    }
}

/// What came: when after the start, where to, of which event, and what.
#[derive(Debug, Clone)]
struct Came {
    after: Duration,
    host: String,
    event: Option<u64>,
    body: Value,
}

/// Answers of webhooks by host: what is not told is taken.
#[derive(Debug)]
struct Fake {
    start: Instant,
    came: Mutex<Vec<Came>>,
    answers: Mutex<HashMap<String, VecDeque<Result<(), Refusal>>>>,
    /// How long an answer takes, by host.
    slow: Mutex<HashMap<String, Duration>>,
}

#[async_trait]
impl Post for Fake {
    async fn post(&self, webhook: &Webhook, body: Vec<u8>, event: Option<u64>) -> Result<(), Refusal> {
        let host = webhook.url.url().host_str().unwrap().to_owned();
        let body = serde_json::from_slice(&body).unwrap();
        let after = self.start.elapsed();
        self.came.lock().unwrap().push(Came { after, host: host.clone(), event, body });
        let slow = self.slow.lock().unwrap().get(&host).copied();
        tokio::time::sleep(slow.unwrap_or_default()).await;
        self.answers.lock().unwrap().get_mut(&host).and_then(VecDeque::pop_front).unwrap_or(Ok(()))
    }
}

impl Fake {
    fn new() -> Arc<Self> {
        let start = Instant::now();
        Arc::new(Self { start, came: Mutex::default(), answers: Mutex::default(), slow: Mutex::default() })
    }

    fn answer(&self, host: &str, answers: impl IntoIterator<Item = Result<(), Refusal>>) {
        self.answers.lock().unwrap().entry(host.to_owned()).or_default().extend(answers);
    }

    fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }

    /// The ids of the events that came to `host`, in their order.
    fn events(&self, host: &str) -> Vec<u64> {
        self.came().iter().filter(|came| came.host == host).filter_map(|came| came.event).collect()
    }
}

fn later(after: Option<Duration>) -> Result<(), Refusal> {
    Err(Refusal::Later { reason: "not now".into(), after })
}

fn webhook(host: &str, format: WebhookFormat) -> Webhook {
    Webhook::new(WebhookUrl::new(&format!("http://{host}/hook")).unwrap(), format)
}

/// A registry that sends to `webhooks`, on a journal that it may share.
struct Ring {
    registry: RegistryEngine,
    alerts: Arc<Alerts>,
    shutdown: CancellationToken,
    tasks: JoinSet<()>,
}

impl Ring {
    fn start(store: &Arc<MemoryStore>, post: &Arc<Fake>, webhooks: Vec<Webhook>, settings: AlertSettings) -> Self {
        let registry =
            RegistryEngine::builder(store.clone()).journal(store.clone()).clock(TokioClock::starting_at(START)).build();
        let alerts = Arc::new(Alerts::posting(registry.clone(), webhooks, settings, post.clone()).unwrap());
        let (shutdown, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let (running, token) = (Arc::clone(&alerts), shutdown.clone());
        tasks.spawn(async move { running.run(token).await });
        Self { registry, alerts, shutdown, tasks }
    }

    /// It leads from now on, and has looked at its journal once.
    async fn lead(&self) {
        let day = Duration::from_secs(86_400);
        let (registry, now) = (&self.registry, self.registry.now());
        assert!(registry.journal().lead(registry.instance_id(), now, day).await.unwrap());
        registry.set_leading(true);
        self.view(0).await;
    }

    async fn resign(&self) {
        self.registry.journal().resign(self.registry.instance_id()).await.unwrap();
        self.registry.set_leading(false);
    }

    async fn record(&self, what: Vec<Occurrence>) -> u64 {
        let (registry, now) = (&self.registry, self.registry.now());
        let events = what.into_iter().map(|what| (now, what)).collect();
        let last = registry.journal().record(registry.instance_id(), now, events, None).await.unwrap();
        self.view(last).await;
        last
    }

    /// A round of judging is over; what it calls for is done as far as it takes no time.
    async fn view(&self, last_event: u64) {
        let at = self.registry.now();
        let snapshot = Arc::new(MembersSnapshot { at, revision: 0, members: Vec::new() });
        let view = View { at, last_event, ..View::new(snapshot) };
        self.registry.publish(view);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    async fn end(mut self) {
        self.shutdown.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
    }
}

fn opened(id: &str) -> Occurrence {
    let subject = Subject::Location { location: id.parse().unwrap() };
    Occurrence::FaultOpened { fault: Box::new(fault(id, subject)) }
}

fn closed(id: &str, at: Timestamp) -> Occurrence {
    let subject = Subject::Location { location: id.parse().unwrap() };
    Occurrence::FaultClosed { fault: Box::new(Fault { closed_at: Some(at), ..fault(id, subject) }) }
}

fn joined() -> Occurrence {
    let (instance_id, location) = ("a".parse().unwrap(), "eu1".parse().unwrap());
    Occurrence::Joined(crate::analysis::Whose { instance_id, location })
}

/// Nothing is found by the slow timer.
fn quiet() -> AlertSettings {
    AlertSettings { poll: Duration::from_secs(3_600), ..AlertSettings::default() }
}

#[tokio::test(start_paused = true)]
async fn faults_are_sent_in_their_order_and_nothing_else_is() {
    let (store, fake) = (Arc::default(), Fake::new());
    let ring = Ring::start(&store, &fake, vec![webhook("a", WebhookFormat::Netring)], quiet());
    ring.lead().await;
    ring.record(vec![joined(), opened("x"), joined(), opened("y")]).await;
    ring.record(vec![closed("x", START + SECOND)]).await;
    assert_eq!(fake.events("a"), [2, 4, 5]);
    let came = fake.came();
    assert_eq!(came[0].body["version"], 1);
    let event = store.events(1, 1).await.unwrap();
    assert_eq!(came[0].body["event"], serde_json::to_value(&*event[0]).unwrap());
    assert_eq!(came[2].body["event"]["kind"], "fault_closed");
    let health = &ring.alerts.health()[0];
    assert_eq!((health.delivered, health.failed, health.pending, health.last_error.as_deref()), (3, 0, 0, None));
    ring.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_new_webhook_begins_at_the_present_and_a_known_one_where_it_was() {
    let (store, fake) = (Arc::default(), Fake::new());
    let ring = Ring::start(&store, &fake, vec![webhook("a", WebhookFormat::Netring)], quiet());
    ring.lead().await;
    ring.record(vec![opened("x")]).await;
    ring.resign().await;
    ring.end().await;
    let again = Ring::start(&store, &fake, Vec::new(), quiet());
    again.lead().await;
    again.record(vec![closed("x", START), opened("y")]).await;
    again.resign().await;
    again.end().await;
    let both = vec![webhook("a", WebhookFormat::Netring), webhook("b", WebhookFormat::Netring)];
    let ring = Ring::start(&store, &fake, both, quiet());
    ring.lead().await;
    assert_eq!((fake.events("a"), fake.events("b")), (vec![1, 2, 3], vec![]));
    ring.record(vec![closed("y", START)]).await;
    assert_eq!((fake.events("a"), fake.events("b")), (vec![1, 2, 3, 4], vec![4]));
    ring.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_does_not_lead_sends_nothing() {
    let (store, fake) = (Arc::default(), Fake::new());
    let hook = || vec![webhook("a", WebhookFormat::Alertmanager)];
    let [leader, other] = [0, 1].map(|_| Ring::start(&store, &fake, hook(), AlertSettings::default()));
    leader.lead().await;
    other.view(0).await;
    leader.record(vec![opened("x")]).await;
    other.view(1).await;
    tokio::time::sleep(30 * SECOND).await;
    assert_eq!(fake.events("a"), [1]);
    assert_eq!(other.alerts.health()[0].delivered, 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_leads_sends_each_event_once() {
    let (store, fake) = (Arc::default(), Fake::new());
    let hooks = || vec![webhook("a", WebhookFormat::Netring), webhook("b", WebhookFormat::Netring)];
    let rings = [0, 1].map(|_| Ring::start(&store, &fake, hooks(), AlertSettings::default()));
    fake.answer("b", [later(None), later(None), later(None)]);
    let mut last = 0;
    for round in 0..10 {
        let (leader, other) = (&rings[round % 2], &rings[(round + 1) % 2]);
        leader.lead().await;
        other.view(last).await;
        last = leader.record(vec![opened(&format!("x{round}")), opened(&format!("y{round}"))]).await;
        // In the first rounds an event still waits for its next try when another one begins to lead.
        leader.resign().await;
    }
    rings[0].lead().await;
    tokio::time::sleep(60 * SECOND).await;
    assert_eq!(fake.events("a"), (1..=20).collect::<Vec<_>>());
    let mut at_b = fake.events("b");
    assert_eq!(at_b.iter().filter(|&&event| event == 1).count(), 4, "it was refused three times: {at_b:?}");
    at_b.dedup();
    assert_eq!(at_b, (1..=20).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn an_event_that_another_registry_has_delivered_meanwhile_is_not_sent_again() {
    let (store, fake) = (Arc::default(), Fake::new());
    let hook = || vec![webhook("a", WebhookFormat::Netring)];
    let [one, other] = [0, 1].map(|_| Ring::start(&store, &fake, hook(), quiet()));
    one.lead().await;
    fake.answer("a", [later(Some(100 * SECOND))]);
    one.record(vec![opened("x"), opened("y")]).await;
    one.resign().await;
    other.lead().await;
    assert_eq!(fake.events("a"), [1, 1, 2]);
    other.resign().await;
    one.lead().await;
    tokio::time::sleep(200 * SECOND).await;
    assert_eq!(fake.events("a"), [1, 1, 2], "it has led all the time, as far as it has seen");
    one.record(vec![opened("z")]).await;
    assert_eq!(fake.events("a"), [1, 1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_tried_again_later_and_later_and_then_given_up() {
    let (store, fake) = (Arc::default(), Fake::new());
    let ring = Ring::start(&store, &fake, vec![webhook("a", WebhookFormat::Netring)], quiet());
    ring.lead().await;
    fake.answer("a", (0..200).map(|_| later(None)));
    ring.record(vec![opened("x"), opened("y")]).await;
    let health = &ring.alerts.health()[0];
    assert_eq!(
        (health.pending, health.last_error.as_deref(), health.since),
        (2, Some("not now"), ring.registry.now() - Duration::from_millis(1))
    );
    tokio::time::sleep(700 * SECOND).await;
    let came = fake.came();
    let first: Vec<_> = came.iter().filter(|came| came.event == Some(1)).map(|came| came.after).collect();
    assert!((20..=40).contains(&first.len()), "{first:?}");
    let waits: Vec<_> = first.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits[0] < SECOND && waits[5] > 10 * SECOND, "{waits:?}");
    assert!(waits.iter().all(|wait| *wait <= 46 * SECOND), "{waits:?}");
    let last = *first.last().unwrap();
    assert!(last >= 600 * SECOND && last <= 650 * SECOND, "{last:?}");
    assert_eq!(fake.events("a").iter().filter(|&&event| event == 2).count(), 1, "it had waited for as long");
    let health = &ring.alerts.health()[0];
    assert_eq!((health.delivered, health.failed, health.pending), (0, 2, 0));
    assert_eq!(health.last_error.as_deref(), Some("not now"));
    fake.answers.lock().unwrap().clear();
    ring.record(vec![opened("z")]).await;
    let health = &ring.alerts.health()[0];
    assert_eq!((health.delivered, health.failed, health.last_error.as_deref()), (1, 2, None));
    ring.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_receiver_may_say_when_to_come_again() {
    let (store, fake) = (Arc::default(), Fake::new());
    let ring = Ring::start(&store, &fake, vec![webhook("a", WebhookFormat::Netring)], quiet());
    ring.lead().await;
    fake.answer("a", [later(Some(90 * SECOND)), later(Some(86_400 * SECOND))]);
    ring.record(vec![opened("x")]).await;
    // What comes behind hurries nothing.
    ring.record(vec![opened("y")]).await;
    tokio::time::sleep(500 * SECOND).await;
    let waits: Vec<_> = fake.came().windows(2).map(|pair| (pair[1].after - pair[0].after).as_secs()).collect();
    assert_eq!(waits, [90, 300, 0], "a day is too long");
    assert_eq!(fake.events("a"), [1, 1, 1, 2]);
    ring.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_webhook_holds_up_no_other() {
    let (store, fake) = (Arc::default(), Fake::new());
    let hooks = vec![webhook("slow", WebhookFormat::Netring), webhook("a", WebhookFormat::Netring)];
    let ring = Ring::start(&store, &fake, hooks, quiet());
    ring.lead().await;
    fake.slow.lock().unwrap().insert("slow".to_owned(), 8 * SECOND);
    ring.record(vec![opened("x"), opened("y"), opened("z")]).await;
    assert_eq!((fake.events("slow"), fake.events("a")), (vec![1], vec![1, 2, 3]));
    tokio::time::sleep(30 * SECOND).await;
    assert_eq!(fake.events("slow"), [1, 2, 3]);
    ring.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_being_sent_at_the_end_has_a_moment_to_be_answered() {
    let (store, fake) = (Arc::default(), Fake::new());
    let hooks = || vec![webhook("a", WebhookFormat::Netring), webhook("slow", WebhookFormat::Netring)];
    let ring = Ring::start(&store, &fake, hooks(), quiet());
    ring.lead().await;
    fake.slow.lock().unwrap().extend([("a".to_owned(), SECOND), ("slow".to_owned(), 60 * SECOND)]);
    ring.record(vec![opened("x")]).await;
    let (registry, begun) = (ring.registry.clone(), Instant::now());
    ring.end().await;
    assert!(begun.elapsed() <= 3 * SECOND, "{:?}", begun.elapsed());
    registry.journal().resign(registry.instance_id()).await.unwrap();
    let next = Ring::start(&store, &fake, hooks(), quiet());
    next.lead().await;
    assert_eq!((fake.events("a"), fake.events("slow")), (vec![1], vec![1, 1]), "one was answered, the other was not");
}

#[tokio::test(start_paused = true)]
async fn open_alerts_are_sent_again_every_minute_until_they_close() {
    let (store, fake) = (Arc::default(), Fake::new());
    let ring = Ring::start(&store, &fake, vec![webhook("a", WebhookFormat::Alertmanager)], AlertSettings::default());
    ring.lead().await;
    ring.record(vec![opened("x"), opened("y")]).await;
    assert_eq!(fake.came().len(), 2);
    let first = fake.came()[0].body[0].clone();
    assert_eq!(first["endsAt"], "2023-11-14T22:17:20.001Z", "four minutes ahead");
    tokio::time::sleep(125 * SECOND).await;
    let came = fake.came();
    assert_eq!(came.len(), 4, "{came:?}");
    for repeat in &came[2..] {
        assert_eq!((repeat.event, repeat.body.as_array().unwrap().len()), (None, 2));
        assert_eq!(repeat.body[0]["labels"], first["labels"]);
    }
    assert_eq!((came[3].after - came[2].after).as_secs(), 60);
    let ends_at = |came: &Came| came.body[0]["endsAt"].as_str().unwrap().to_owned();
    assert!(ends_at(&came[3]) > ends_at(&came[2]));
    ring.record(vec![closed("x", START + 130 * SECOND)]).await;
    let end = fake.came()[4].clone();
    assert_eq!((end.event, &end.body[0]["labels"]), (Some(3), &first["labels"]));
    assert_eq!(end.body[0]["endsAt"], json!("2023-11-14T22:15:30.000Z"));
    tokio::time::sleep(60 * SECOND).await;
    let repeat = fake.came()[5].clone();
    assert_eq!((repeat.body.as_array().unwrap().len(), &repeat.body[0]["labels"]["location"]), (1, &json!("y")));
    ring.record(vec![closed("y", START + 200 * SECOND)]).await;
    let count = fake.came().len();
    tokio::time::sleep(600 * SECOND).await;
    assert_eq!(fake.came().len(), count, "nothing is open");
    ring.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_next_leader_goes_on_to_send_open_alerts_again() {
    let (store, fake) = (Arc::default(), Fake::new());
    let hook = || vec![webhook("a", WebhookFormat::Alertmanager)];
    let [one, other] = [0, 1].map(|_| Ring::start(&store, &fake, hook(), AlertSettings::default()));
    one.lead().await;
    let mut occurrences = vec![opened("x"), opened("y"), closed("x", START)];
    occurrences.extend((0..600).map(|_| joined()));
    one.record(occurrences).await;
    assert_eq!(fake.events("a"), [1, 2, 3]);
    one.resign().await;
    one.end().await;
    other.lead().await;
    let repeat = fake.came().last().unwrap().clone();
    assert_eq!((repeat.event, repeat.body.as_array().unwrap().len()), (None, 1));
    assert_eq!(repeat.body[0]["labels"]["location"], "y");
    assert_eq!(fake.events("a"), [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn without_rounds_the_journal_is_looked_at_all_the_same() {
    let (store, fake) = (Arc::default(), Fake::new());
    let ring = Ring::start(&store, &fake, vec![webhook("a", WebhookFormat::Netring)], AlertSettings::default());
    ring.lead().await;
    let (registry, now) = (&ring.registry, ring.registry.now());
    registry.journal().record(registry.instance_id(), now, vec![(now, opened("x"))], None).await.unwrap();
    tokio::time::sleep(11 * SECOND).await;
    assert_eq!(fake.events("a"), [1]);
    ring.end().await;
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    let (store, fake) = (Arc::new(MemoryStore::new()), Fake::new());
    let registry = RegistryEngine::builder(store).build();
    let refused = |webhooks: Vec<Webhook>, settings| {
        let alerts = Alerts::posting(registry.clone(), webhooks, settings, fake.clone());
        alerts.map(drop).expect_err("refused").to_string()
    };
    let hook = |host: &str| webhook(host, WebhookFormat::Netring);
    let many = (0..=Alerts::MAX_WEBHOOKS).map(|i| hook(&format!("a{i}"))).collect();
    assert!(refused(many, AlertSettings::default()).contains("at most 32"));
    let twice = refused(vec![hook("a"), hook("a")], AlertSettings::default());
    assert!(twice.contains("twice") && !twice.contains("hook\""), "{twice}");
    let no_time = Webhook { timeout: Duration::ZERO, ..hook("a") };
    assert!(refused(vec![no_time], AlertSettings::default()).contains("webhook timeout"));
    let spinning = AlertSettings { poll: Duration::ZERO, ..AlertSettings::default() };
    assert!(refused(vec![hook("a")], spinning).contains("webhook poll"));
}

#[tokio::test]
async fn nothing_shows_a_secret() {
    let registry = RegistryEngine::builder(Arc::new(MemoryStore::new())).build();
    let url = WebhookUrl::new("https://user:s3cr3t@hooks.example/s3cr3t?key=s3cr3t").unwrap();
    let token = Some(BearerToken::new("s3cr3t").unwrap());
    let webhook = Webhook { bearer_token: token, ..Webhook::new(url, WebhookFormat::Netring) };
    let name = webhook.cursor_name().unwrap();
    let alerts = Alerts::new(registry, vec![webhook], AlertSettings::default()).unwrap();
    let written = format!("{alerts:?} {alerts:#?} {name} {:?}", alerts.health());
    assert!(written.contains("hooks.example") && !written.contains("s3cr3t"), "{written}");
}
