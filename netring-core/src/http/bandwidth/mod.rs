//! `/bandwidth_test`: bytes to measure throughput with, both ways.

mod download;
mod pace;
mod upload;

use super::{
    json::Failure,
    places::{Full, Place, Places, peer},
};
use axum::{
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};

const MIB: u64 = 1024 * 1024;

/// Answers `GET /bandwidth_test?size=N` and `POST /bandwidth_test`.
#[derive(Debug, Clone)]
pub(super) struct BandwidthTest {
    pub(super) max_mib: u64,
    places: Places,
}

impl Default for BandwidthTest {
    fn default() -> Self {
        Self::new(64, 2)
    }
}

impl BandwidthTest {
    pub(super) fn new(max_mib: u64, tests: usize) -> Self {
        // They share the link, and the processor.
        Self { max_mib, places: Places::new(tests, 1) }
    }

    /// Sends as much as is asked for, and allowed.
    pub(super) fn download(self, request: &Request) -> Response {
        let mib = match asked_for(request.uri().query().unwrap_or_default()) {
            Ok(mib) => mib.min(self.max_mib),
            Err(failure) => return failure.into_response(),
        };
        match self.place(request) {
            Ok(place) => download::answer(mib.saturating_mul(MIB), place),
            Err(busy) => busy.into_response(),
        }
    }

    /// Takes as much as is sent, and allowed.
    pub(super) async fn upload(self, request: Request) -> Response {
        let max_bytes = self.max_mib.saturating_mul(MIB);
        match self.place(&request) {
            Ok(place) => upload::answer(request, max_bytes, place).await,
            Err(busy) => busy.into_response(),
        }
    }

    fn place(&self, request: &Request) -> Result<Place, Failure> {
        self.places.take(peer(request.extensions())).map_err(|full| {
            let busy = match full {
                Full::All => "as many bandwidth tests are running as this member serves at once",
                Full::Address => "a bandwidth test from this address is running already",
            };
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, busy)
        })
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
