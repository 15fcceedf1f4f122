use super::RegistryClient;
use crate::{
    discovery::DiscoveryError,
    web::{clean, deepest_cause},
    wire::{ErrorResponse, MEMBER_NOT_FOUND, gzip::gunzip},
};
use ::url::Url;
use reqwest::{Response, StatusCode, header::CONTENT_ENCODING};
use serde::de::DeserializeOwned;
use std::fmt::Display;

/// Largest answer that is read, in bytes: the matrix of some 450 members.
pub(super) const MAX_ANSWER_BYTES: usize = 128 * 1024 * 1024;
/// Largest answer that is a few words, such as what went wrong.
pub(super) const MAX_WORDS_BYTES: usize = 64 * 1024;
/// Answers of at least so many bytes are read by a thread that may take its time.
const LARGE: usize = 256 * 1024;
/// By what a compressed answer may grow, roughly, while it still is not large.
const GROWTH: usize = 64;

/// One call, for the words of its errors.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) operation: &'static str,
    pub(super) client: &'a RegistryClient,
}

impl Call<'_> {
    pub(super) fn url(&self, path: &str) -> Url {
        let mut url = self.client.base.clone();
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        url.set_path(&format!("{}{}", url.path(), path.trim_start_matches('/')));
        if query.is_some() {
            url.set_query(query);
        }
        url
    }

    /// The error that there is no good answer. `source` may be a stranger's text, and goes to a log.
    pub(super) fn unreachable(&self, source: impl Display) -> DiscoveryError {
        let (peer, source) = (self.client.url().into(), clean(&source.to_string()).into());
        DiscoveryError::Unreachable { operation: self.operation, peer, source }
    }

    pub(super) async fn send(&self, request: reqwest::RequestBuilder) -> Result<Response, DiscoveryError> {
        request.send().await.map_err(|error| self.unreachable(deepest_cause(&error)))
    }

    /// As [`Self::expect_success`], and tells where the registry does not know the member.
    pub(super) async fn expect_success_of_member(&self, response: Response) -> Result<(), DiscoveryError> {
        if response.status() != StatusCode::NOT_FOUND {
            return self.expect_success(response).await.map(drop);
        }
        Err(match self.says_unknown(response).await {
            Ok(()) => DiscoveryError::NotRegistered,
            Err(error) => error,
        })
    }

    /// Whether a 404 is of a registry that does not know the member, by its words: those of 1.x begin with a capital, and
    /// `null` names no other reason. Otherwise it may be of a proxy whose registry is gone, and the error says so.
    pub(super) async fn says_unknown(&self, response: Response) -> Result<(), DiscoveryError> {
        let status = response.status();
        let said = self.read(response, MAX_WORDS_BYTES).await.unwrap_or_default();
        match serde_json::from_slice::<Option<ErrorResponse>>(&said) {
            Ok(body) if body.as_ref().is_none_or(|body| body.error.eq_ignore_ascii_case(MEMBER_NOT_FOUND)) => Ok(()),
            _ => Err(self.failure(status, &said)),
        }
    }

    pub(super) async fn expect_success(&self, response: Response) -> Result<Response, DiscoveryError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let said = self.read(response, MAX_WORDS_BYTES).await.unwrap_or_default();
        Err(self.failure(status, &said))
    }

    fn failure(&self, status: StatusCode, said: &[u8]) -> DiscoveryError {
        let reason = match serde_json::from_slice::<ErrorResponse>(said) {
            Ok(body) => format!("{status}: {}", clean(&body.error)),
            Err(_) => status.to_string(),
        };
        // What a client did wrong stays wrong; anything else may be better at the next try.
        if status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT && status != StatusCode::TOO_MANY_REQUESTS
        {
            DiscoveryError::Rejected { operation: self.operation, peer: self.client.url().into(), reason }
        } else {
            self.unreachable(reason)
        }
    }

    /// The body of `response`, uncompressed where it came by gzip. Neither form may be longer than `limit`.
    async fn read(&self, response: Response, limit: usize) -> Result<Vec<u8>, DiscoveryError> {
        self.parse(response, limit, |body| Ok(body.to_vec())).await
    }

    pub(super) async fn json<T: DeserializeOwned + Send + 'static>(
        &self,
        response: Response,
        limit: usize,
    ) -> Result<T, DiscoveryError> {
        self.parse(response, limit, |body| serde_json::from_slice(body)).await
    }

    /// What `parse` makes of the body of `response`, which is uncompressed where it came by gzip. Neither form may be
    /// longer than `limit`. What may take long is done where it holds nobody up.
    pub(super) async fn parse<T: Send + 'static>(
        &self,
        mut response: Response,
        limit: usize,
        parse: fn(&[u8]) -> serde_json::Result<T>,
    ) -> Result<T, DiscoveryError> {
        let too_long = move || format!("its answer is longer than {limit} bytes");
        let compressed = response
            .headers()
            .get(CONTENT_ENCODING)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"gzip"));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(deepest_cause(&error)))? {
            if body.len() + chunk.len() > limit {
                return Err(self.unreachable(too_long()));
            }
            body.extend_from_slice(&chunk);
        }
        let large = body.len() * if compressed { GROWTH } else { 1 } >= LARGE;
        let mut work = move || {
            if compressed {
                body = gunzip(&body, limit)
                    .map_err(|error| format!("its answer cannot be uncompressed: {error}"))?
                    .ok_or_else(too_long)?;
            }
            // Here already, because the text of a parser may be as long as the answer.
            parse(&body).map_err(|error| clean(&format!("its answer is not understood: {error}")))
        };
        let parsed = if large {
            tokio::task::spawn_blocking(work).await.map_err(|error| self.unreachable(error))?
        } else {
            work()
        };
        parsed.map_err(|problem| self.unreachable(problem))
    }
}
