use super::Webhook;
use crate::web::{clean, deepest_cause};
use async_trait::async_trait;
use reqwest::{
    Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
};
use std::{
    fmt::Debug,
    time::{Duration, SystemTime},
};

/// The header with the id of the event that is delivered, so that a receiver can drop one that it has seen.
pub const EVENT_ID_HEADER: &str = "Netring-Event-Id";

/// So much of an answer is read, in bytes, for its connection to be of use again. Nothing in it matters.
const MAX_ANSWER_BYTES: usize = 4 * 1024;

/// Why something was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It may be taken later; `after` is when the receiver says so.
    Later { reason: String, after: Option<Duration> },
    /// It will not be taken.
    Never { reason: String },
}

/// Sends bodies to webhooks.
#[async_trait]
pub(super) trait Post: Debug + Send + Sync + 'static {
    /// Sends `body`, which tells of the event with the id `event`, or of none in particular.
    async fn post(&self, webhook: &Webhook, body: Vec<u8>, event: Option<u64>) -> Result<(), Refusal>;
}

#[async_trait]
impl Post for reqwest::Client {
    async fn post(&self, webhook: &Webhook, body: Vec<u8>, event: Option<u64>) -> Result<(), Refusal> {
        let failed = |error: &reqwest::Error| Refusal::Later { reason: clean(&deepest_cause(error)), after: None };
        let request = Self::post(self, webhook.target()).timeout(webhook.timeout).body(body);
        let mut request = request.build().map_err(|error| failed(&error))?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(event) = event {
            headers.insert(HeaderName::from_static("netring-event-id"), HeaderValue::from(event));
        }
        let bearer = |token: &super::BearerToken| HeaderValue::try_from(format!("Bearer {}", token.as_str())).ok();
        if let Some(mut value) = webhook.bearer_token.as_ref().and_then(bearer) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let response = self.execute(request).await.map_err(|error| failed(&error))?;
        let judged = judge(response.status(), response.headers(), SystemTime::now());
        if judged.is_ok() {
            drain(response).await;
        }
        judged
    }
}

/// Reads what is left of a short answer. Where that fails, it was delivered all the same.
async fn drain(mut response: Response) {
    let mut left = MAX_ANSWER_BYTES;
    while let Ok(Some(chunk)) = response.chunk().await {
        let Some(rest) = left.checked_sub(chunk.len()) else { return };
        left = rest;
    }
}

fn judge(status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Result<(), Refusal> {
    if status.is_success() {
        return Ok(());
    }
    let reason = format!("it answers with {status}");
    if status.is_redirection() {
        return Err(Refusal::Never {
            reason: format!("{reason}, and redirects are not followed; configure where it leads"),
        });
    }
    let for_now = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
    if status.is_client_error() && !for_now {
        return Err(Refusal::Never { reason });
    }
    Err(Refusal::Later { reason, after: retry_after(headers, now) })
}

/// RFC 9110, section 10.2.3: seconds, or a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(value).ok()?.duration_since(now).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_answers_are_worth_another_try() {
        for (status, again) in [
            (200, None),
            (202, None),
            (204, None),
            (302, Some(false)),
            (308, Some(false)),
            (400, Some(false)),
            (401, Some(false)),
            (404, Some(false)),
            (408, Some(true)),
            (410, Some(false)),
            (429, Some(true)),
            (500, Some(true)),
            (503, Some(true)),
        ] {
            let judged = judge(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), SystemTime::now());
            let found = judged.err().map(|refusal| matches!(refusal, Refusal::Later { .. }));
            assert_eq!(found, again, "{status}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 10:00:00 GMT").unwrap();
        for (value, wanted) in [
            ("0", Some(0)),
            (" 120", Some(120)),
            ("Sun, 22 Nov 2026 10:01:30 GMT", Some(90)),
            ("Sun, 22 Nov 2026 09:00:00 GMT", None),
            ("-1", None),
            ("soon", None),
            ("99999999999999999999999", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]);
            assert_eq!(retry_after(&headers, now), wanted.map(Duration::from_secs), "{value}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
