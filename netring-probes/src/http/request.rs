use super::{Scheme, failure::Stop};
use http_body_util::Empty;
use hyper::{
    HeaderMap, Request, Uri,
    body::Bytes,
    header::{ACCEPT, ACCEPT_ENCODING, CONNECTION, HOST, HeaderValue, USER_AGENT},
    http::uri::PathAndQuery,
};
use netring_core::{Endpoint, Host, ProbeError, Target};
use rustls::pki_types::{DnsName, IpAddr, ServerName};
use std::net;

/// The request as far as it is the same for every target, built once.
#[derive(Debug)]
pub(super) struct RequestTemplate {
    uri: Uri,
    headers: HeaderMap,
}

impl RequestTemplate {
    pub(super) fn new(endpoint: &Endpoint) -> Self {
        let path = PathAndQuery::try_from(endpoint.as_str())
            .expect("an endpoint is checked to have only what a request line can carry");
        let headers = [
            // First, as RFC 9110 (section 7.2) would have it: its value is put in for each target.
            (HOST, HeaderValue::from_static("")),
            (USER_AGENT, HeaderValue::from_static(concat!("netring/", env!("CARGO_PKG_VERSION")))),
            (ACCEPT, HeaderValue::from_static("*/*")),
            // Nobody reads the body: it may as well be small.
            (ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
            (CONNECTION, HeaderValue::from_static("close")),
        ];
        Self { uri: Uri::from(path), headers: headers.into_iter().collect() }
    }

    /// The request to `host`.
    pub(super) fn to(&self, host: HeaderValue) -> Request<Empty<Bytes>> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().insert(HOST, host);
        request
    }
}

/// The value of the `Host` header: the host, an IPv6 address in brackets, and the port where it is not the scheme's
/// own (RFC 9110, section 7.2).
pub(super) fn host_header(name: &ServerName<'_>, port: u16, scheme: Scheme) -> HeaderValue {
    use std::fmt::Write;
    let mut host = String::with_capacity(64);
    // Writing to a `String` cannot fail.
    let _ = match name {
        ServerName::DnsName(name) => host.write_str(name.as_ref()),
        ServerName::IpAddress(ip) => match net::IpAddr::from(*ip) {
            net::IpAddr::V4(ip) => write!(host, "{ip}"),
            net::IpAddr::V6(ip) => write!(host, "[{ip}]"),
        },
        // `ServerName` may grow more kinds; what is in this version has been told apart above.
        other => write!(host, "{}", other.to_str()),
    };
    if port != scheme.default_port() {
        let _ = write!(host, ":{port}");
    }
    HeaderValue::try_from(host).expect("a DNS name or an IP address has only what a header can carry")
}

/// The name that the target is asked by: its address or its DNS name.
///
/// # Errors
/// Where its name can be no DNS name, so that nothing can be asked at all.
pub(super) fn server_name(target: &Target) -> Result<ServerName<'_>, Stop> {
    let name = match &target.host {
        Host::Ip(ip) => return Ok(ServerName::IpAddress(IpAddr::from(*ip))),
        Host::Name(name) => name,
    };
    match name.as_str().parse::<net::IpAddr>() {
        Ok(ip) => Ok(ServerName::IpAddress(ip.into())),
        Err(_) => DnsName::try_from(name.as_str()).map(ServerName::DnsName).map_err(|_| {
            let reason = "its name is neither a DNS name nor an IP address".to_owned();
            Stop::NotMade(ProbeError::Unsupported { target: target.to_string(), reason })
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_header_leaves_out_the_port_of_the_scheme() {
        for (name, port, scheme, expected) in [
            ("example.com", 80, Scheme::Http, "example.com"),
            ("example.com", 443, Scheme::Http, "example.com:443"),
            ("example.com", 443, Scheme::Https, "example.com"),
            ("10.0.0.1", 8757, Scheme::Http, "10.0.0.1:8757"),
            ("::1", 8757, Scheme::Https, "[::1]:8757"),
        ] {
            let name = ServerName::try_from(name).unwrap();
            assert_eq!(host_header(&name, port, scheme), expected);
        }
    }
}
