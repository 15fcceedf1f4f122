use super::{
    super::{
        json::{Failure, Json},
        places::Place,
    },
    pace::out_of_patience,
};
use crate::wire::UploadResponse;
use axum::{
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::time::Instant;

/// Takes the body of `request` and throws it away. Who sends more than `max_bytes`, or is too slow, is told so at once, and
/// the rest is not read: hyper closes the connection then.
pub(super) async fn answer(request: Request, max_bytes: u64, _place: Place) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| length > max_bytes) {
        return too_large(max_bytes).into_response();
    }
    let begun = Instant::now();
    let taken = AtomicU64::new(0);
    let take = async {
        let mut body = request.into_body().into_data_stream();
        while let Some(chunk) = body.next().await {
            let chunk =
                chunk.map_err(|error| Failure::bad_request(format!("the body came to no good end: {error}")))?;
            let bytes = taken.fetch_add(chunk.len() as u64, Ordering::Relaxed).saturating_add(chunk.len() as u64);
            if bytes > max_bytes {
                return Err(too_large(max_bytes));
            }
        }
        Ok(UploadResponse { bytes: taken.load(Ordering::Relaxed), duration: begun.elapsed() })
    };
    let taken = tokio::select! {
        taken = take => taken,
        why = out_of_patience(&taken) => Err(Failure::new(StatusCode::REQUEST_TIMEOUT, why)),
    };
    match taken {
        Ok(taken) => Json(taken).into_response(),
        Err(failure) => failure.into_response(),
    }
}

fn too_large(max_bytes: u64) -> Failure {
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, format!("a bandwidth test may send at most {max_bytes} bytes here"))
}
