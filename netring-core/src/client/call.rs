use super::RegistryClient;
use crate::{
    discovery::DiscoveryError,
    wire::{ErrorResponse, gzip::gunzip},
};
use ::url::Url;
use reqwest::{Response, StatusCode, header::CONTENT_ENCODING};
use serde::de::DeserializeOwned;

/// Largest answer that is read, in bytes: the matrix of some 450 members, or a list of several 100,000.
const MAX_ANSWER_BYTES: usize = 128 * 1024 * 1024;

/// One call, for the words of its errors.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) operation: &'static str,
    pub(super) client: &'a RegistryClient,
}

impl Call<'_> {
    pub(super) fn url(&self, path: &str) -> Url {
        let mut url = self.client.base.clone();
        url.set_path(&format!("{}{}", url.path(), path.trim_start_matches('/')));
        url
    }

    pub(super) fn unreachable(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> DiscoveryError {
        DiscoveryError::Unreachable { operation: self.operation, peer: self.client.url().into(), source: source.into() }
    }

    pub(super) async fn send(&self, request: reqwest::RequestBuilder) -> Result<Response, DiscoveryError> {
        request.send().await.map_err(|error| self.unreachable(deepest_cause(&error)))
    }

    pub(super) async fn expect_success(&self, response: Response) -> Result<Response, DiscoveryError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let said = self.read(response).await.unwrap_or_default();
        let reason = match serde_json::from_slice::<ErrorResponse>(&said) {
            // It goes to a log, and is a stranger's text.
            Ok(body) => {
                format!("{status}: {}", body.error.replace(char::is_control, " ").chars().take(256).collect::<String>())
            }
            Err(_) => status.to_string(),
        };
        // What a client did wrong stays wrong; anything else may be better at the next try.
        Err(
            if status.is_client_error()
                && status != StatusCode::REQUEST_TIMEOUT
                && status != StatusCode::TOO_MANY_REQUESTS
            {
                DiscoveryError::Rejected { operation: self.operation, peer: self.client.url().into(), reason }
            } else {
                self.unreachable(reason)
            },
        )
    }

    /// The body of `response`, uncompressed where it came by gzip. Neither form may be longer than an answer may.
    pub(super) async fn read(&self, mut response: Response) -> Result<Vec<u8>, DiscoveryError> {
        let too_long = || self.unreachable(format!("its answer is longer than {MAX_ANSWER_BYTES} bytes"));
        let compressed = response
            .headers()
            .get(CONTENT_ENCODING)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"gzip"));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(deepest_cause(&error)))? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(too_long());
            }
            body.extend_from_slice(&chunk);
        }
        if !compressed {
            return Ok(body);
        }
        gunzip(&body, MAX_ANSWER_BYTES)
            .map_err(|error| self.unreachable(format!("its answer cannot be uncompressed: {error}")))?
            .ok_or_else(too_long)
    }

    pub(super) async fn json<T: DeserializeOwned>(&self, response: Response) -> Result<T, DiscoveryError> {
        let body = self.read(response).await?;
        serde_json::from_slice(&body)
            .map_err(|error| self.unreachable(format!("its answer is not understood: {error}")))
    }
}

/// What is at the bottom of a reqwest error: "connection refused" rather than "error sending request".
fn deepest_cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
