use super::{payload::Payload, stop::Stop};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode, Uri,
    header::{ACCEPT, CONNECTION, CONTENT_TYPE, HOST, HeaderValue, RETRY_AFTER, USER_AGENT},
};
use netring_core::{FailureReason, Host, ProbeError, Target, wire::path};
use std::{net::SocketAddr, time::Duration};

pub(super) const MIB: u64 = 1024 * 1024;
/// What a target may ask us to wait, at least and at most.
const RETRY: (u64, u64) = (1, 60);

/// Asks for at least `bytes`: only whole MiB can be asked for.
pub(super) fn download(target: &Target, bytes: u64) -> Result<Request<Payload>, Stop> {
    let uri = format!("{}?size={}", path::BANDWIDTH_TEST, bytes.div_ceil(MIB));
    let uri = Uri::try_from(uri).expect("a path and a number are what a request line can carry");
    request(target, Method::GET, uri, Payload::none())
}

/// Sends `payload`.
pub(super) fn upload(target: &Target, payload: Payload) -> Result<Request<Payload>, Stop> {
    let mut request = request(target, Method::POST, Uri::from_static(path::BANDWIDTH_TEST), payload)?;
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    Ok(request)
}

fn request(target: &Target, method: Method, uri: Uri, payload: Payload) -> Result<Request<Payload>, Stop> {
    let host = match &target.host {
        Host::Ip(ip) => SocketAddr::new(*ip, target.port).to_string(),
        Host::Name(name) => format!("{}:{}", name.as_str(), target.port),
    };
    let host = HeaderValue::try_from(host).map_err(|_| {
        let reason = "its name is none that HTTP can carry".to_owned();
        Stop::NotMade(ProbeError::Unsupported { target: target.to_string(), reason })
    })?;
    let headers = [
        (HOST, host),
        (USER_AGENT, HeaderValue::from_static(concat!("netring/", env!("CARGO_PKG_VERSION")))),
        (ACCEPT, HeaderValue::from_static("*/*")),
        (CONNECTION, HeaderValue::from_static("close")),
    ];
    let mut request = Request::new(payload);
    (*request.method_mut(), *request.uri_mut()) = (method, uri);
    *request.headers_mut() = headers.into_iter().collect::<HeaderMap>();
    Ok(request)
}

/// What an answer means that does not have the status 200.
pub(super) fn refused<B>(target: &Target, operation: &'static str, answer: &Response<B>) -> Stop {
    let status = answer.status();
    match answer.headers().get(RETRY_AFTER) {
        Some(after) if status == StatusCode::SERVICE_UNAVAILABLE => {
            Stop::NotMade(ProbeError::Busy { target: target.to_string(), retry_after: retry_after(after) })
        }
        _ => {
            Stop::failed(FailureReason::UnexpectedStatus, format!("{operation}: status {} is not 200", status.as_u16()))
        }
    }
}

/// The seconds of a `Retry-After` (RFC 9110, section 10.2.3), within bounds. Of a date, which nobody sends who is full for a
/// moment, nothing is read.
fn retry_after(value: &HeaderValue) -> Duration {
    let seconds = value.to_str().ok().and_then(|value| value.trim().parse().ok()).unwrap_or(RETRY.0);
    Duration::from_secs(seconds.clamp(RETRY.0, RETRY.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_target_asks_us_to_wait_is_bounded() {
        for (value, seconds) in [
            ("0", 1),
            ("1", 1),
            (" 7 ", 7),
            ("61", 60),
            ("99999999999999999999999999", 1),
            ("-3", 1),
            ("Wed, 21 Oct 2015 07:28:00 GMT", 1),
        ] {
            assert_eq!(retry_after(&HeaderValue::from_static(value)), Duration::from_secs(seconds), "{value}");
        }
    }
}
