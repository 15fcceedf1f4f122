//! What all that asks others over HTTP has in common.

use std::sync::Arc;

/// Longest text of a stranger in an error, in characters.
const LONGEST_WORDS: usize = 256;

/// A client that goes straight to the one that it is told to ask: no proxy, no redirects, the Web's root certificates.
pub(crate) fn client_builder() -> Result<reqwest::ClientBuilder, rustls::Error> {
    // Passed in, for a library does not say which one the whole process uses.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("netring/", env!("CARGO_PKG_VERSION"))))
}

/// A stranger's text as it may stand in a log: of bounded length and on one line.
pub(crate) fn clean(text: &str) -> String {
    text.chars().take(LONGEST_WORDS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// What is at the bottom of a reqwest error: "connection refused" rather than "error sending request".
pub(crate) fn deepest_cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
