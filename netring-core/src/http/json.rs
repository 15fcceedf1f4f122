use super::{MAX_BODY_BYTES, MAX_UNCOMPRESSED_BYTES};
use crate::{
    model::InvalidValue,
    registry::RegistryError,
    store::StoreError,
    wire::{ErrorResponse, gzip::gunzip},
};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{
    Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use std::time::Duration;
use tokio::time::timeout;

/// A body that takes longer is given up.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// A JSON body, plain or compressed by gzip. Whatever its `Content-Type` says, it is read as JSON, as the registry of 1.x
/// does.
#[derive(Debug)]
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let compressed = is_gzip(&request)?;
        let body = timeout(BODY_TIMEOUT, Bytes::from_request(request, state))
            .await
            .map_err(|_| {
                Failure::new(StatusCode::REQUEST_TIMEOUT, format!("the body took longer than {BODY_TIMEOUT:?}"))
            })?
            .map_err(|rejection| match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => too_large(MAX_BODY_BYTES),
                status => Failure::new(status, rejection.body_text()),
            })?;
        let body = if compressed { uncompressed(&body)? } else { body };
        // Serde would take a list of the fields' values in their order for an object.
        if body.trim_ascii_start().starts_with(b"[") {
            return Err(Failure::bad_request("the body must be a JSON object, this one is a list"));
        }
        let mut deserializer = serde_json::Deserializer::from_slice(&body);
        let value = serde_path_to_error::deserialize(&mut deserializer)
            .map_err(|error| Failure::bad_request(words(&error, &body)))?;
        deserializer.end().map_err(|error| Failure::bad_request(format!("the body is no JSON: {error}")))?;
        Ok(Self(value))
    }
}

fn is_gzip(request: &Request) -> Result<bool, Failure> {
    match request.headers().get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(false),
        Some(b"gzip") => Ok(true),
        Some(_) => Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Encoding: only gzip is read here")),
    }
}

fn uncompressed(body: &[u8]) -> Result<Bytes, Failure> {
    match gunzip(body, MAX_UNCOMPRESSED_BYTES) {
        Ok(Some(body)) => Ok(body.into()),
        Ok(None) => Err(too_large(MAX_UNCOMPRESSED_BYTES)),
        Err(error) => Err(Failure::bad_request(format!("the body is no gzip: {error}"))),
    }
}

fn too_large(limit: usize) -> Failure {
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body must have at most {limit} bytes"))
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response(),
            Err(error) => {
                tracing::error!(%error, "an answer cannot be written as JSON");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// The words for a `body` that is not understood, with the name of the field.
fn words(error: &serde_path_to_error::Error<serde_json::Error>, body: &[u8]) -> String {
    let (path, error) = (error.path().to_string(), error.inner());
    // A number where the word of an enum should be is called a syntax error too, so that the body has to be looked at.
    if !error.is_data() && serde_json::from_slice::<IgnoredAny>(body).is_err() {
        format!("the body is no JSON: {error}")
    } else {
        // Where in the text it is says less than the field does, and is lost once a proxy has written the text anew.
        let error = error.to_string();
        let problem = error.rsplit_once(" at line ").map_or(error.as_str(), |(problem, _)| problem);
        let field = path.rsplit('.').next().unwrap_or_default();
        if path == "." || path == field && problem.starts_with(&format!("{field} ")) {
            problem.to_owned()
        } else {
            format!("{path}: {problem}")
        }
    }
}

/// An answer that is not 2xx.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    error: String,
}

impl Failure {
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into() }
    }

    pub(super) fn bad_request(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    pub(super) async fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is nothing at this path")
    }

    pub(super) async fn no_such_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method")
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(ErrorResponse { error: self.error })).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<InvalidValue> for Failure {
    fn from(error: InvalidValue) -> Self {
        Self::bad_request(error.to_string())
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        let status = match &error {
            RegistryError::Invalid(_) => StatusCode::BAD_REQUEST,
            RegistryError::Store(StoreError::NotFound) => StatusCode::NOT_FOUND,
            RegistryError::Store(StoreError::Full { .. } | StoreError::NotLeading) => StatusCode::SERVICE_UNAVAILABLE,
            // To ask again does not help, to ask for less does.
            RegistryError::TooManyMembers { .. }
            | RegistryError::TooManyPairs { .. }
            | RegistryError::TooManyCells { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            RegistryError::Store(StoreError::Unavailable { operation, source }) => {
                tracing::debug!(operation, %source, "the member store is out of reach");
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        Self::new(status, error.to_string())
    }
}
