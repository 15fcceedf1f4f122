use super::json::Failure;
use axum::{
    body::{Body, Bytes},
    extract::RawQuery,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{
    convert::Infallible,
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::{Instant, timeout_at},
};

const MIB: u64 = 1024 * 1024;
const CHUNK: usize = 64 * 1024;
/// Who takes longer to read what was asked for is cut off, so that slow readers cannot take every place.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes that do not compress, so that a link that compresses does not look faster than it is.
static NOISE: LazyLock<Bytes> = LazyLock::new(|| std::iter::repeat_with(|| fastrand::u8(..)).take(CHUNK).collect());

/// Answers `GET /bandwidth_test?size=N`: N MiB to measure throughput with.
#[derive(Debug, Clone)]
pub(super) struct BandwidthTest {
    pub(super) max_mib: u64,
    places: Arc<Semaphore>,
}

impl Default for BandwidthTest {
    fn default() -> Self {
        Self::new(10, 2)
    }
}

impl BandwidthTest {
    pub(super) fn new(max_mib: u64, tests: usize) -> Self {
        Self { max_mib, places: Arc::new(Semaphore::new(tests.min(Semaphore::MAX_PERMITS))) }
    }

    pub(super) fn answer(self, RawQuery(query): RawQuery) -> Response {
        let mib = match asked_for(query.as_deref().unwrap_or_default()) {
            Ok(mib) => mib.min(self.max_mib),
            Err(failure) => return failure.into_response(),
        };
        let Ok(place) = self.places.try_acquire_owned() else {
            let busy = "as many bandwidth tests are running as this member serves at once";
            return Failure::new(StatusCode::SERVICE_UNAVAILABLE, busy).into_response();
        };
        let length = mib.saturating_mul(MIB);
        let (sender, mut receiver) = mpsc::channel(1);
        tokio::spawn(send(length, sender, place));
        let body = futures_util::stream::poll_fn(move |context| receiver.poll_recv(context));
        let headers = [
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
            (header::CONTENT_LENGTH, length.to_string()),
        ];
        (headers, Body::from_stream(body)).into_response()
    }
}

fn asked_for(query: &str) -> Result<u64, Failure> {
    let size = query.split('&').find_map(|pair| pair.strip_prefix("size="));
    match size {
        None => Ok(1),
        // More digits than fit are a number all the same, and cut to what is allowed.
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            Ok(digits.parse().unwrap_or(u64::MAX))
        }
        Some(_) => Err(Failure::bad_request("size: must be a whole number of MiB")),
    }
}

/// Hands `length` bytes to a body, and holds its place until they are taken or the time is over.
async fn send(length: u64, sender: mpsc::Sender<Result<Bytes, Infallible>>, _place: OwnedSemaphorePermit) {
    let deadline = Instant::now() + TIMEOUT;
    let mut left = length;
    while left > 0 {
        let chunk = NOISE.slice(..usize::try_from(left).unwrap_or(CHUNK).min(CHUNK));
        left -= chunk.len() as u64;
        if !matches!(timeout_at(deadline, sender.send(Ok(chunk))).await, Ok(Ok(()))) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_a_number_of_mib() {
        for (query, mib) in [("", 1), ("other=3", 1), ("size=0", 0), ("size=7", 7), ("a=b&size=2", 2)] {
            assert_eq!(asked_for(query).unwrap(), mib, "{query}");
        }
        assert_eq!(asked_for("size=99999999999999999999999").unwrap(), u64::MAX);
        for query in ["size=", "size=abc", "size=-1", "size=1.5", "size=+1"] {
            assert!(asked_for(query).is_err(), "{query}");
        }
    }
}
