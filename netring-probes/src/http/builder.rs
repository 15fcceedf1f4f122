use super::{ExpectedStatuses, HttpProber, Scheme, default_tls_config, request::RequestTemplate};
use hyper::client::conn::http1;
use netring_core::Endpoint;
use rustls::{ClientConfig, pki_types::ServerName};
use std::sync::Arc;

/// Makes an [`HttpProber`]; every setting has a default.
///
/// ```
/// use netring_core::Endpoint;
/// use netring_probes::{HttpProber, Scheme};
///
/// let prober = HttpProber::builder(Endpoint::new("/health")?)
///     .scheme(Scheme::Https)
///     .expect_statuses("2xx".parse()?)
///     .max_body_bytes(16 * 1024)
///     .build();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct HttpProberBuilder {
    endpoint: Endpoint,
    scheme: Scheme,
    tls: Option<Arc<ClientConfig>>,
    server_name: Option<ServerName<'static>>,
    expected: ExpectedStatuses,
    max_body_bytes: u64,
}

impl HttpProberBuilder {
    /// Most bytes of a body that are read, where nothing else is said: 64 KiB. Bodies that tell of a whole ring, asked for by all
    /// of a ring, would load the paths that are measured.
    pub const DEFAULT_MAX_BODY_BYTES: u64 = 64 * 1024;

    /// Most bytes of an answer's head that are taken. It has at most 100 fields as well, hyper's own bound.
    pub const MAX_HEAD_BYTES: usize = 64 * 1024;

    pub(super) fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            scheme: Scheme::default(),
            tls: None,
            server_name: None,
            expected: ExpectedStatuses::default(),
            max_body_bytes: Self::DEFAULT_MAX_BODY_BYTES,
        }
    }

    /// Plain TCP or TLS; by default [`Scheme::Http`].
    pub fn scheme(mut self, scheme: Scheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// What TLS is spoken with, in a probe by [`Scheme::Https`]; by default [`default_tls_config`].
    ///
    /// It is used as it is. It should offer no protocol by ALPN but `http/1.1`, and resume no session, or only the
    /// first of many probes sees the whole handshake and checks the certificate.
    pub fn tls_config(mut self, config: Arc<ClientConfig>) -> Self {
        self.tls = Some(config);
        self
    }

    /// The name that the certificate has to be for, and that SNI and the `Host` header carry; by default the target's
    /// own host. The connection still goes to the target.
    pub fn server_name(mut self, name: ServerName<'static>) -> Self {
        self.server_name = Some(name);
        self
    }

    /// Which statuses are a good answer; by default `2xx` and `3xx`. No redirect is followed.
    pub fn expect_statuses(mut self, expected: ExpectedStatuses) -> Self {
        self.expected = expected;
        self
    }

    /// Most bytes of a body that are read, as it is sent: by gzip where the target likes to; by default [`Self::DEFAULT_MAX_BODY_BYTES`]. Where a body is longer the
    /// connection is closed, and the report says that the body was truncated: that is no failure.
    pub fn max_body_bytes(mut self, bytes: u64) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// The prober.
    #[must_use]
    pub fn build(self) -> HttpProber {
        let mut connection = http1::Builder::new();
        // `max_headers` is left alone: with it hyper allocates, at its default of 100 it does not.
        // The request is one small buffer: nothing to gather.
        connection.max_buf_size(Self::MAX_HEAD_BYTES).max_header_size(Self::MAX_HEAD_BYTES).writev(false);
        HttpProber {
            request: RequestTemplate::new(&self.endpoint),
            endpoint: self.endpoint,
            tls: match self.scheme {
                Scheme::Http => None,
                Scheme::Https => Some(self.tls.unwrap_or_else(default_tls_config)),
            },
            server_name: self.server_name,
            expected: self.expected,
            max_body_bytes: self.max_body_bytes,
            connection,
        }
    }
}
