//! HTTPS: what is trusted, what is not, and what does not speak TLS.

use crate::server::{Server, answer, assert_failure, assert_success, builder, phases, probe, read_head, until_closed};
use netring_core::{FailureReason, Host, Outcome};
use netring_probes::{
    Scheme,
    http::{
        default_tls_config,
        rustls::{
            ClientConfig, RootCertStore, ServerConfig,
            crypto::ring,
            pki_types::{CertificateDer, PrivateKeyDer, ServerName},
        },
    },
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::lookup_host,
};
use tokio_rustls::TlsAcceptor;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// A certificate authority, and a server's key and certificate from it for `localhost` and 127.0.0.1.
struct Authority {
    root: CertificateDer<'static>,
    server: Arc<ServerConfig>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().clone();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Self { root, server: Arc::new(server) }
    }

    /// Trusts this authority alone.
    fn client(&self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Arc::new(config)
    }

    /// Answers `bytes` over TLS, and says goodbye as TLS does if `close_notify`.
    async fn serve(&self, bytes: &'static [u8], close_notify: bool) -> Server {
        self.serve_on(Ipv4Addr::LOCALHOST.into(), bytes, close_notify).await
    }

    /// The same on another address.
    async fn serve_on(&self, ip: IpAddr, bytes: &'static [u8], close_notify: bool) -> Server {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.server));
        Server::start_on(ip, move |stream| {
            let acceptor = acceptor.clone();
            async move {
                // A client that does not trust the certificate goes away: that is its right.
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                if close_notify {
                    answer(stream, bytes.into()).await;
                } else {
                    read_head(&mut stream).await;
                    stream.write_all(bytes).await.unwrap();
                    stream.flush().await.unwrap();
                }
            }
        })
        .await
    }
}

#[tokio::test]
async fn a_trusted_certificate_of_an_address() {
    let authority = Authority::new();
    let server = authority.serve(OK, true).await;
    let prober = builder().scheme(Scheme::Https).tls_config(authority.client()).build();
    let report = probe(&prober, &server.target()).await;
    assert_success(&report);
    assert_eq!(phases(&report), ["connect", "tls", "first byte", "body"]);
}

#[tokio::test]
async fn every_phase_there_is() {
    let ip = lookup_host(("localhost", 0)).await.unwrap().next().expect("localhost has an address").ip();
    let authority = Authority::new();
    let server = authority.serve_on(ip, OK, true).await;
    let prober = builder().scheme(Scheme::Https).tls_config(authority.client()).build();
    let report = probe(&prober, &server.target_by(Host::Name(netring_core::HostName::new("localhost").unwrap()))).await;
    assert_success(&report);
    assert_eq!(phases(&report), ["resolve", "connect", "tls", "first byte", "body"]);
}

#[tokio::test]
async fn a_trusted_certificate_of_another_name_that_is_asked_for() {
    let authority = Authority::new();
    let server = authority.serve(OK, true).await;
    let builder = builder().scheme(Scheme::Https).tls_config(authority.client());
    let prober = builder.server_name(ServerName::try_from("localhost").unwrap()).build();
    assert_success(&probe(&prober, &server.target()).await);
}

#[tokio::test]
async fn a_certificate_for_another_name() {
    let authority = Authority::new();
    let server = authority.serve(OK, true).await;
    let builder = builder().scheme(Scheme::Https).tls_config(authority.client());
    let prober = builder.server_name(ServerName::try_from("web.example").unwrap()).build();
    let report = probe(&prober, &server.target()).await;
    assert_failure(&report, FailureReason::Tls, "tls: invalid peer certificate: certificate not valid for name");
    assert_eq!(phases(&report), ["connect"]);
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted() {
    let server = Authority::new().serve(OK, true).await;
    for prober in [
        builder().scheme(Scheme::Https).build(),
        builder().scheme(Scheme::Https).tls_config(Authority::new().client()).build(),
    ] {
        let report = probe(&prober, &server.target()).await;
        assert_failure(&report, FailureReason::Tls, "tls: invalid peer certificate");
        assert_eq!(phases(&report), ["connect"]);
    }
}

#[tokio::test]
async fn a_plain_server_behind_https() {
    let server = Server::start(|mut stream| async move {
        let mut hello = [0; 64];
        let _ = stream.read(&mut hello).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        until_closed(&mut stream).await;
    })
    .await;
    let report = probe(&builder().scheme(Scheme::Https).build(), &server.target()).await;
    assert_failure(&report, FailureReason::Tls, "tls: ");
}

#[tokio::test]
async fn a_tls_server_behind_plain_http() {
    let authority = Authority::new();
    let server = authority.serve(OK, true).await;
    let report = probe(&builder().build(), &server.target()).await;
    let Outcome::Failure { reason, .. } = report.outcome else { panic!("a success: {report:?}") };
    // The server sends an alert or nothing, and closes.
    assert!(matches!(reason, FailureReason::Protocol | FailureReason::Reset), "{reason}");
}

#[tokio::test]
async fn a_server_that_closes_in_the_handshake() {
    let server = Server::start(|mut stream| async move {
        let mut hello = [0; 4096];
        let _ = stream.read(&mut hello).await;
    })
    .await;
    let report = probe(&builder().scheme(Scheme::Https).build(), &server.target()).await;
    assert_failure(&report, FailureReason::Reset, "tls: ");
}

#[tokio::test]
async fn only_an_end_that_tls_vouches_for_ends_a_body_without_a_length() {
    let authority = Authority::new();
    let prober = builder().scheme(Scheme::Https).tls_config(authority.client()).build();
    let without_length = b"HTTP/1.1 200 OK\r\n\r\nhello";

    let server = authority.serve(without_length, true).await;
    assert_success(&probe(&prober, &server.target()).await);

    let server = authority.serve(without_length, false).await;
    let report = probe(&prober, &server.target()).await;
    assert_failure(&report, FailureReason::Protocol, "body: the connection was closed before its end");

    let server = authority.serve(OK, false).await;
    assert_success(&probe(&prober, &server.target()).await);
}

#[tokio::test]
async fn the_default_settings_make_a_whole_handshake_each_time() {
    let resumption = format!("{:?}", default_tls_config().resumption);
    assert!(resumption.contains("NoClientSessionStorage"), "{resumption}");
    assert_eq!(default_tls_config().alpn_protocols, [b"http/1.1"]);
}
