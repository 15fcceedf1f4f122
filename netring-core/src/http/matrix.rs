use super::json::Failure;
use crate::registry::{RegistryEngine, RegistryError};
use axum::{
    body::Bytes,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::Instant};

/// An answer serves for this many times as long as it took to make, so that to make it takes at most a fifth of the time …
const FRESH_TIMES: u32 = 4;
/// … but for no longer than this. In a small ring every answer is a new one.
const FRESH_AT_MOST: Duration = Duration::from_secs(2);

/// Answers `GET /api/v1/matrix`. The answer is large where the ring is, so that it is made once at a time, and shared by
/// all who ask meanwhile.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedMatrix {
    /// The newest answer, and until when it serves.
    newest: Arc<Mutex<Option<(Instant, Bytes)>>>,
}

impl SharedMatrix {
    pub(super) async fn answer(self, registry: RegistryEngine) -> Result<Response, Failure> {
        let mut newest = self.newest.lock().await;
        let body = match &*newest {
            Some((until, body)) if Instant::now() < *until => body.clone(),
            _ => {
                let begun = Instant::now();
                let body = written(&registry).await?;
                let fresh = (begun.elapsed() * FRESH_TIMES).min(FRESH_AT_MOST);
                *newest = Some((Instant::now() + fresh, body.clone()));
                body
            }
        };
        Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response())
    }
}

async fn written(registry: &RegistryEngine) -> Result<Bytes, RegistryError> {
    let matrix = registry.matrix().await?;
    let written = tokio::task::spawn_blocking(move || serde_json::to_vec(&matrix).map(Bytes::from));
    match written.await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) => Err(unwritten(error)),
        Err(error) => Err(unwritten(error)),
    }
}

fn unwritten(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> RegistryError {
    RegistryError::Store(crate::store::StoreError::Unavailable { operation: "write the matrix", source: error.into() })
}
