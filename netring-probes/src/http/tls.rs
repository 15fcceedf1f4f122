use rustls::{ClientConfig, RootCertStore, client::Resumption, crypto::ring};
use std::sync::Arc;

/// What TLS is spoken with where nothing else is said: TLS 1.2 and 1.3 by ring, the certificate authorities of Mozilla
/// (compiled in, so that an image without any works too), HTTP/1.1 by ALPN, no client certificate.
///
/// No session is resumed: every probe makes a whole handshake and checks the certificate, or an expired one would go
/// unseen and the handshakes could not be compared with each other. To trust a certificate authority of your own,
/// build a [`ClientConfig`] and pass it to [`HttpProberBuilder::tls_config`](super::HttpProberBuilder::tls_config).
#[must_use]
pub fn default_tls_config() -> Arc<ClientConfig> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    // The provider is passed in: the process-wide one belongs to the program that embeds this library.
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has a cipher suite for every version")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = Resumption::disabled();
    Arc::new(config)
}
