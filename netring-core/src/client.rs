//! A registry that is reached over HTTP, as a [`Discovery`].

use crate::{
    discovery::{Announcement, Discovery, DiscoveryError, source_address},
    model::{InstanceId, Member, MemberReport},
    wire::{
        EntryStatus, ErrorResponse, MEMBER_NOT_FOUND, MemberEntry, MemberRef, RegisterRequest, RegisterResponse,
        legacy::LegacyReport, path,
    },
};
use async_trait::async_trait;
use reqwest::{Response, StatusCode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use url::Url;

/// Largest answer that is read, in bytes: a list of some 100,000 members.
const MAX_ANSWER_BYTES: usize = 32 * 1024 * 1024;
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A client of one registry, ours or one of netring 1.x.
#[derive(Debug)]
pub struct RegistryClient {
    http: reqwest::Client,
    base: Url,
    /// The registry has no path for our reports: it is one of 1.x.
    legacy: AtomicBool,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The URL is none of a registry.
    #[error("the registry URL {url:?} is not usable: {problem}; it should look like http://registry.example:8756")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The HTTP client could not be made.
    #[error("cannot make an HTTP client")]
    Http(#[from] reqwest::Error),
}

impl RegistryClient {
    /// A client of the registry at `url` (`http` or `https`, with a path where the registry stands behind one), over
    /// connections of its own: no proxy, no redirects, the Web's root certificates, 10 s for an answer.
    ///
    /// # Errors
    /// Where the URL is none of a registry.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| ClientError::Url { url: url.into(), problem: error.to_string() })?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .user_agent(concat!("netring/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Self::with_client(url, http)
    }

    /// The same over an HTTP client of your own, with its proxy, certificates and timeouts.
    ///
    /// # Errors
    /// Where the URL is none of a registry.
    pub fn with_client(url: &str, http: reqwest::Client) -> Result<Self, ClientError> {
        let wrong = |problem: &str| ClientError::Url { url: url.into(), problem: problem.into() };
        let mut base = Url::parse(url).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(wrong("it is neither http nor https"));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(wrong("it has a query or a fragment"));
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Ok(Self { http, base, legacy: AtomicBool::new(false) })
    }

    /// The registry's URL, without the user and password that it may have: fit for logs.
    #[must_use]
    pub fn url(&self) -> Url {
        let mut url = self.base.clone();
        // Neither can fail: the URL has a host.
        let _ = url.set_password(None);
        let _ = url.set_username("");
        url
    }

    /// Asks the registry for something of its own API: the matrix, its health.
    ///
    /// # Errors
    /// Where the registry cannot be reached, or gives another answer than expected.
    pub async fn get<T: DeserializeOwned>(&self, path: &'static str) -> Result<T, DiscoveryError> {
        let call = Call { operation: "ask for an answer", client: self };
        call.json(call.expect_success(call.send(self.http.get(call.url(path))).await?).await?).await
    }

    async fn post(
        &self,
        operation: &'static str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Response, DiscoveryError> {
        let call = Call { operation, client: self };
        call.send(self.http.post(call.url(path)).json(body)).await
    }

    /// The source address that the kernel uses towards the registry.
    async fn own_address(&self) -> Result<IpAddr, DiscoveryError> {
        let call = Call { operation: "find the address to advertise", client: self };
        source_address(self.registry_address().await.map_err(|error| call.unreachable(error))?)
            .map_err(|error| call.unreachable(error))
    }

    async fn registry_address(&self) -> std::io::Result<SocketAddr> {
        let host = self.base.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = self.base.port_or_known_default().unwrap_or(80);
        tokio::net::lookup_host((host, port))
            .await?
            .next()
            .ok_or_else(|| std::io::Error::new(std::io::ErrorKind::NotFound, "the name has no address"))
    }
}

/// One call, for the words of its errors.
#[derive(Clone, Copy)]
struct Call<'a> {
    operation: &'static str,
    client: &'a RegistryClient,
}

impl Call<'_> {
    fn url(&self, path: &str) -> Url {
        let mut url = self.client.base.clone();
        url.set_path(&format!("{}{}", url.path(), path.trim_start_matches('/')));
        url
    }

    fn unreachable(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> DiscoveryError {
        DiscoveryError::Unreachable { operation: self.operation, peer: self.client.url().into(), source: source.into() }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Response, DiscoveryError> {
        request.send().await.map_err(|error| self.unreachable(deepest_cause(&error)))
    }

    async fn expect_success(&self, response: Response) -> Result<Response, DiscoveryError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let said = self.read(response).await.unwrap_or_default();
        let reason = match serde_json::from_slice::<ErrorResponse>(&said) {
            Ok(body) => format!("{status}: {}", body.error.chars().take(256).collect::<String>()),
            Err(_) => status.to_string(),
        };
        // What a client did wrong stays wrong; anything else may be better at the next try.
        Err(
            if status.is_client_error()
                && status != StatusCode::REQUEST_TIMEOUT
                && status != StatusCode::TOO_MANY_REQUESTS
            {
                DiscoveryError::Rejected { operation: self.operation, peer: self.client.url().into(), reason }
            } else {
                self.unreachable(reason)
            },
        )
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, DiscoveryError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(deepest_cause(&error)))? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(self.unreachable(format!("its answer is longer than {MAX_ANSWER_BYTES} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    async fn json<T: DeserializeOwned>(&self, response: Response) -> Result<T, DiscoveryError> {
        let body = self.read(response).await?;
        serde_json::from_slice(&body)
            .map_err(|error| self.unreachable(format!("its answer is not understood: {error}")))
    }
}

/// What is at the bottom of a reqwest error: "connection refused" rather than "error sending request".
fn deepest_cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[async_trait]
impl Discovery for RegistryClient {
    async fn announce(&self, announcement: &Announcement) -> Result<(), DiscoveryError> {
        const OPERATION: &str = "register";
        let ip = match announcement.ip {
            Some(ip) => ip,
            None => self.own_address().await?,
        };
        let request = RegisterRequest {
            instance_id: Some(announcement.instance_id.clone()),
            location: announcement.location.clone(),
            ip,
            port: announcement.port,
            heartbeat_interval: Some(announcement.heartbeat_interval),
        };
        // A registry that was exchanged for a newer one is asked for its own path of reports again.
        self.legacy.store(false, Relaxed);
        let call = Call { operation: OPERATION, client: self };
        let response = call.expect_success(self.post(OPERATION, path::REGISTER, &request).await?).await?;
        let registered: RegisterResponse = call.json(response).await?;
        if registered.instance_id != announcement.instance_id {
            return Err(call.unreachable(format!("it answered for another member, {}", registered.instance_id)));
        }
        tracing::debug!(%ip, port = announcement.port, "advertised");
        Ok(())
    }

    async fn heartbeat(&self, instance_id: &InstanceId) -> Result<(), DiscoveryError> {
        const OPERATION: &str = "send a heartbeat";
        let body = MemberRef { instance_id: instance_id.clone() };
        let response = self.post(OPERATION, path::HEARTBEAT, &body).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Err(DiscoveryError::NotRegistered);
        }
        Call { operation: OPERATION, client: self }.expect_success(response).await.map(drop)
    }

    async fn peers(&self) -> Result<Vec<Member>, DiscoveryError> {
        /// Entries one by one, so that one that makes no sense does not hide the others.
        #[derive(Deserialize)]
        struct Members {
            members: Vec<serde_json::Value>,
        }
        let call = Call { operation: "list the members", client: self };
        let response = call.expect_success(call.send(self.http.get(call.url(path::MEMBERS))).await?).await?;
        let listed: Members = call.json(response).await?;
        let mut members = Vec::with_capacity(listed.members.len());
        for entry in listed.members {
            match serde_json::from_value::<MemberEntry>(entry).map_err(|error| error.to_string()) {
                Ok(entry) if entry.status != EntryStatus::Active => {}
                Ok(entry) => match Member::try_from(entry) {
                    Ok(member) => members.push(member),
                    Err(error) => tracing::debug!(%error, "a member's entry makes no sense; it is left out"),
                },
                Err(error) => tracing::debug!(%error, "a member's entry makes no sense; it is left out"),
            }
        }
        Ok(members)
    }

    async fn withdraw(&self, instance_id: &InstanceId) -> Result<(), DiscoveryError> {
        const OPERATION: &str = "deregister";
        let body = MemberRef { instance_id: instance_id.clone() };
        let response = self.post(OPERATION, path::DEREGISTER, &body).await?;
        Call { operation: OPERATION, client: self }.expect_success(response).await.map(drop)
    }

    async fn report(&self, report: &MemberReport) -> Result<(), DiscoveryError> {
        const OPERATION: &str = "report";
        let call = Call { operation: OPERATION, client: self };
        if !self.legacy.load(Relaxed) {
            let response = self.post(OPERATION, path::REPORT, report).await?;
            if response.status() != StatusCode::NOT_FOUND {
                return call.expect_success(response).await.map(drop);
            }
            // Our registry says 404 too, to a member that it does not know; only the words tell.
            let said = call.read(response).await?;
            if serde_json::from_slice::<ErrorResponse>(&said).is_ok_and(|body| body.error == MEMBER_NOT_FOUND) {
                return Err(DiscoveryError::NotRegistered);
            }
            tracing::info!("the registry is one of netring 1.x: reporting as 1.x does");
            self.legacy.store(true, Relaxed);
        }
        let body = LegacyReport::of(report);
        call.expect_success(self.post(OPERATION, path::LEGACY_REPORT, &body).await?).await.map(drop)
    }
}
