//! Redis over TLS.

use crate::builder;
use netring_core::{
    MemberStore, StoreError,
    testing::sample::{NOW, registration},
};
use netring_testbed::{RedisOptions, RedisServer, ReservedPort};
use std::fs;

#[tokio::test]
async fn a_redis_is_believed_with_a_certificate_of_the_right_ca_alone() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let port = ReservedPort::new().unwrap();
    let options = RedisOptions::new()
        .set("tls-port", &port.port().to_string())
        .set("tls-cert-file", certificate.to_str().unwrap())
        .set("tls-key-file", key.to_str().unwrap())
        .set("tls-auth-clients", "no");
    let _redis = RedisServer::start(&options);
    let url = format!("rediss://localhost:{}", port.port());

    let store = builder(&url).root_certificates(made.cert.pem().into_bytes()).build().unwrap();
    store.register(registration("a"), NOW).await.unwrap();

    let stranger = builder(&url).build().unwrap();
    let Err(StoreError::Unavailable { source, .. }) = stranger.ping().await else { panic!("it was believed") };
    let said = source.to_string();
    assert!(said.contains("fails the TLS handshake") && said.contains("UnknownIssuer"), "{said}");
}
