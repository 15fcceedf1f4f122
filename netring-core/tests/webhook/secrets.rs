//! What a webhook's URL and token have of secrets is for the webhook alone.

use crate::{receiver::Receiver, ring::Ring, ring::opened};
use axum::http::StatusCode;
use netring_core::{
    testing::net,
    webhook::{BearerToken, Webhook, WebhookFormat, WebhookUrl},
};

const SECRET: &str = "s3cr3t";

#[tokio::test]
async fn no_health_tells_a_secret() {
    let (receiver, refusing) = (Receiver::start().await, net::refusing().unwrap());
    // Whoever answers may say what it was sent.
    receiver.answer((StatusCode::UNAUTHORIZED, SECRET));
    for port in [receiver.address.port(), refusing.target.port] {
        let url = format!("http://user:{SECRET}@127.0.0.1:{port}/{SECRET}?key={SECRET}");
        let webhook = Webhook::new(WebhookUrl::new(&url).unwrap(), WebhookFormat::Netring);
        let webhook = Webhook { bearer_token: Some(BearerToken::new(SECRET).unwrap()), ..webhook };
        assert!(!format!("{webhook:?} {webhook:#?}").contains(SECRET));
        let ring = Ring::leading(vec![webhook]).await;
        ring.record(vec![opened("a")]).await;
        let health = ring.health_when(|health| health.last_error.is_some()).await;
        let written = format!("{health:?} {}", serde_json::to_string(&health).unwrap());
        assert!(written.contains(&format!("http://127.0.0.1:{port}/…")), "{written}");
        assert!(!written.contains(SECRET), "{written}");
        ring.end().await;
    }
    assert!(receiver.came()[0].uri.contains(SECRET), "it was sent");
}
