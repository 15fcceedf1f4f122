use crate::{
    receiver::Receiver,
    ring::{Ring, closed, hurried, opened, webhook},
};
use axum::http::StatusCode;
use netring_core::{
    MemoryStore,
    analysis::RingEvent,
    testing::net,
    webhook::{AlertSettings, BearerToken, Webhook, WebhookFormat, WebhookUrl},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};

#[tokio::test]
async fn a_fault_that_opens_and_closes_is_told() {
    let receiver = Receiver::start().await;
    let hook = webhook(&receiver, "/hook?key=k", WebhookFormat::Netring);
    let hook = Webhook { bearer_token: Some(BearerToken::new("token").unwrap()), ..hook };
    let ring = Ring::leading(vec![hook]).await;
    ring.record(vec![opened("a")]).await;
    receiver.wait_for(1).await;
    ring.record(vec![closed("a")]).await;
    let came = receiver.wait_for(2).await;
    let events = ring.registry.journal().events(0, 10).await.unwrap();
    for (came, event) in came.iter().zip(&events) {
        assert_eq!(came.uri, "/hook?key=k");
        assert_eq!(came.header("content-type"), Some("application/json"));
        assert_eq!(came.header("authorization"), Some("Bearer token"));
        assert_eq!(came.event(), Some(event.id));
        assert_eq!(came.body["version"], 1);
        assert_eq!(came.body.as_object().unwrap().len(), 2, "{}", came.body);
        assert_eq!(serde_json::from_value::<RingEvent>(came.body["event"].clone()).unwrap(), **event);
    }
    let health = ring.health_when(|health| health.delivered == 2).await;
    assert_eq!((health.failed, health.pending, health.last_error), (0, 0, None));
    assert_eq!(health.url, format!("http://{}/…", receiver.address));
    ring.end().await;
}

#[tokio::test]
async fn user_and_password_of_the_url_are_sent_unless_there_is_a_token() {
    let receiver = Receiver::start().await;
    let url = |path| WebhookUrl::new(&format!("http://user:pass@{}{path}", receiver.address)).unwrap();
    let basic = Webhook::new(url("/basic"), WebhookFormat::Netring);
    let bearer = Webhook::new(url("/bearer"), WebhookFormat::Netring);
    let bearer = Webhook { bearer_token: Some(BearerToken::new("token").unwrap()), ..bearer };
    let ring = Ring::leading(vec![basic, bearer]).await;
    ring.record(vec![opened("a")]).await;
    for came in receiver.wait_for(2).await {
        // "user:pass" in Base64.
        let wanted = if came.uri == "/basic" { "Basic dXNlcjpwYXNz" } else { "Bearer token" };
        let found: Vec<_> = came.headers.get_all("authorization").iter().collect();
        assert_eq!(found, [wanted], "{}", came.uri);
    }
    ring.end().await;
}

#[tokio::test]
async fn what_is_not_taken_for_now_comes_again_and_is_taken_once() {
    let receiver = Receiver::start().await;
    for status in [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT] {
        receiver.answer(status);
    }
    let ring = Ring::leading(vec![webhook(&receiver, "/", WebhookFormat::Netring)]).await;
    ring.record(vec![opened("a"), opened("b")]).await;
    receiver.wait_for(5).await;
    let health = ring.health_when(|health| health.delivered == 2).await;
    assert_eq!((health.failed, health.last_error), (0, None));
    ring.end().await;
    assert_eq!(receiver.events(), [1, 1, 1, 1, 2]);
}

#[tokio::test]
async fn what_is_refused_does_not_come_again() {
    let receiver = Receiver::start().await;
    receiver.answer(StatusCode::BAD_REQUEST);
    receiver.answer((StatusCode::FOUND, [("Location", "/elsewhere")]));
    let ring = Ring::leading(vec![webhook(&receiver, "/", WebhookFormat::Netring)]).await;
    ring.record(vec![opened("a")]).await;
    let health = ring.health_when(|health| health.failed == 1).await;
    assert!(health.last_error.is_some_and(|error| error.contains("400")), "the reason is told");
    ring.record(vec![opened("b")]).await;
    let health = ring.health_when(|health| health.failed == 2).await;
    assert!(health.last_error.is_some_and(|error| error.contains("302")), "the reason is told");
    ring.record(vec![opened("c")]).await;
    let health = ring.health_when(|health| health.delivered == 1).await;
    assert_eq!((health.pending, health.last_error), (0, None));
    ring.end().await;
    assert_eq!(receiver.events(), [1, 2, 3]);
    assert!(receiver.came().iter().all(|came| came.uri == "/"), "no redirect is followed");
}

#[tokio::test]
async fn a_webhook_that_comes_up_later_has_all_in_its_order() {
    let refusing = net::refusing().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], refusing.target.port));
    let url = WebhookUrl::new(&format!("http://{address}/")).unwrap();
    let ring = Ring::leading(vec![Webhook::new(url, WebhookFormat::Netring)]).await;
    ring.record(vec![opened("a"), closed("a"), opened("b")]).await;
    let health = ring.health_when(|health| health.last_error.is_some()).await;
    assert_eq!((health.pending, health.delivered), (3, 0));
    assert!(health.last_error.is_some_and(|error| error.contains("refused")), "the reason is told");
    drop(refusing.guard);
    let receiver = Receiver::start_on(address).await;
    let health = ring.health_when(|health| health.delivered == 3).await;
    assert_eq!((health.failed, health.pending, health.last_error), (0, 0, None));
    ring.end().await;
    assert_eq!(receiver.events(), [1, 2, 3]);
}

#[tokio::test]
async fn one_that_does_not_answer_holds_up_no_other_and_is_given_up_in_time() {
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    slow.permits.forget_permits(usize::MAX);
    let hook = Webhook { timeout: Duration::from_millis(200), ..webhook(&slow, "/", WebhookFormat::Netring) };
    let hooks = vec![hook, webhook(&quick, "/", WebhookFormat::Netring)];
    let ring = Ring::leading(hooks).await;
    ring.record(vec![opened("a"), opened("b")]).await;
    quick.wait_for(2).await;
    let health = ring.health_when(|health| health.last_error.is_some()).await;
    assert_eq!(health.last_error.as_deref(), Some("no answer in time"));
    assert_eq!((quick.events(), health.delivered), (vec![1, 2], 0));
    slow.permits.add_permits(100);
    ring.health_when(|health| health.delivered == 2).await;
    ring.end().await;
}

#[tokio::test]
async fn an_event_is_given_up_after_a_while() {
    let refusing = net::refusing().unwrap();
    let url = WebhookUrl::new(&format!("http://127.0.0.1:{}/", refusing.target.port)).unwrap();
    let settings = AlertSettings { retry_for: Duration::from_millis(100), ..hurried() };
    let ring = Ring::start(&Arc::default(), vec![Webhook::new(url, WebhookFormat::Netring)], settings);
    ring.lead().await;
    ring.begun().await;
    ring.record(vec![opened("a"), opened("b")]).await;
    let health = ring.health_when(|health| health.failed == 2).await;
    assert_eq!((health.delivered, health.pending), (0, 0));
    ring.end().await;
}

#[tokio::test]
async fn two_registries_that_lead_by_turns_tell_each_event_once() {
    let receiver = Receiver::start().await;
    let store = Arc::new(MemoryStore::new());
    let rings = [0, 1].map(|_| Ring::start(&store, vec![webhook(&receiver, "/", WebhookFormat::Netring)], hurried()));
    rings[0].lead().await;
    rings[0].begun().await;
    let mut wanted = Vec::new();
    for round in 0..10 {
        let (leader, next) = (&rings[round % 2], &rings[(round + 1) % 2]);
        let (a, b) = (format!("a{round}"), format!("b{round}"));
        let last = leader.record(vec![opened(&a), opened(&b), closed(&a), closed(&b)]).await;
        wanted.extend(last - 3..=last);
        if round % 3 == 0 {
            // These are left for the next one, but for what is being sent.
            leader.registry.set_leading(false);
        }
        let name = webhook(&receiver, "/", WebhookFormat::Netring).cursor_name().unwrap();
        let mut before = None;
        loop {
            let cursor = leader.registry.journal().cursor(&name).await.unwrap();
            if cursor == Some(last) || round % 3 == 0 && cursor.is_some() && cursor == before {
                break;
            }
            before = cursor;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        leader.resign().await;
        next.lead().await;
    }
    receiver.wait_for(wanted.len()).await;
    for ring in rings {
        ring.end().await;
    }
    assert_eq!(receiver.events(), wanted);
}
