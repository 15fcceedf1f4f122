//! A registry that is reached over HTTP, or several of one ring, as a [`Discovery`].

mod address;
mod aside;
mod call;
mod last_report;
mod list;
mod patience;
mod registries;
mod turn;
mod url;

pub use self::{registries::Registries, url::ClientError};

use self::{
    call::{Call, MAX_ANSWER_BYTES, MAX_WORDS_BYTES},
    list::LastList,
    url::base_url,
};
use crate::{
    discovery::{Announcement, Discovery, DiscoveryError, Peers},
    model::{InstanceId, MemberReport},
    web::client_builder,
    wire::{MemberRef, RegisterRequest, RegisterResponse, gzip::gzip, legacy::LegacyReport, path},
};
use ::url::Url;
use async_trait::async_trait;
use reqwest::{RequestBuilder, Response, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fmt,
    net::IpAddr,
    sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    time::Duration,
};

/// To a registry of 1.x every so-many-th report is tried as one of ours.
const TRY_AGAIN_EVERY: u32 = 10;
/// Reports of at least this many bytes are compressed.
const COMPRESSED_FROM: usize = 1024;
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A client of one registry, ours or one of netring 1.x.
pub struct RegistryClient {
    http: reqwest::Client,
    base: Url,
    /// The registry has no path for our reports: it is one of 1.x.
    legacy: AtomicBool,
    /// Reports since then.
    legacy_reports: AtomicU32,
    last_list: LastList,
}

impl fmt::Debug for RegistryClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryClient")
            .field("registry", &self.url().as_str())
            .field("legacy", &self.legacy)
            .finish_non_exhaustive()
    }
}

impl RegistryClient {
    /// A client of the registry at `url` (`http` or `https`, with a path where the registry stands behind one), over
    /// connections of its own: no proxy, no redirects, the Web's root certificates, 10 s for an answer.
    ///
    /// # Errors
    /// Where the URL is none of a registry.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        let builder = client_builder().map_err(|error| ClientError::url(url, error.to_string()))?;
        let http = builder.timeout(TIMEOUT).build()?;
        Self::with_client(url, http)
    }

    /// The same over an HTTP client of your own, with its proxy, certificates and timeouts.
    ///
    /// # Errors
    /// Where the URL is none of a registry.
    pub fn with_client(url: &str, http: reqwest::Client) -> Result<Self, ClientError> {
        let base = base_url(url).map_err(|problem| ClientError::url(url, problem))?;
        let (legacy, legacy_reports) = (AtomicBool::new(false), AtomicU32::new(0));
        Ok(Self { http, base, legacy, legacy_reports, last_list: LastList::default() })
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

    /// Asks the registry for something of its own API: the matrix, its health. `path` may have a query.
    ///
    /// # Errors
    /// Where the registry cannot be reached, or gives another answer than expected.
    pub async fn get<T: DeserializeOwned + Send + 'static>(&self, path: &'static str) -> Result<T, DiscoveryError> {
        let call = Call { operation: "ask for an answer", client: self };
        call.json(call.expect_success(call.send(self.http.get(call.url(path))).await?).await?, MAX_ANSWER_BYTES).await
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

    /// A report, compressed where that is worth it.
    fn report_request(&self, call: Call<'_>, report: &MemberReport) -> Result<RequestBuilder, DiscoveryError> {
        let body = serde_json::to_vec(report).map_err(|error| call.unreachable(error))?;
        let request = self.http.post(call.url(path::REPORT)).header(header::CONTENT_TYPE, "application/json");
        if body.len() < COMPRESSED_FROM {
            return Ok(request.body(body));
        }
        let body = gzip(&body).map_err(|error| call.unreachable(error))?;
        Ok(request.header(header::CONTENT_ENCODING, "gzip").body(body))
    }

    /// The source address that the kernel uses towards the registry.
    async fn own_address(&self) -> Result<IpAddr, DiscoveryError> {
        let call = Call { operation: "find the address to advertise", client: self };
        let host = self.base.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let port = self.base.port_or_known_default().unwrap_or(80);
        let addresses = tokio::net::lookup_host((host, port)).await.map_err(|error| call.unreachable(error))?;
        address::own_address(addresses).await.map_err(|error| call.unreachable(error))
    }
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
            udp_echo: announcement.udp_echo,
        };
        // A registry that was exchanged for a newer one is asked for its own path of reports again.
        self.legacy.store(false, Relaxed);
        let call = Call { operation: OPERATION, client: self };
        let response = call.expect_success(self.post(OPERATION, path::REGISTER, &request).await?).await?;
        let registered: RegisterResponse = call.json(response, MAX_WORDS_BYTES).await?;
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
        Call { operation: OPERATION, client: self }.expect_success_of_member(response).await
    }

    async fn peers(&self) -> Result<Peers, DiscoveryError> {
        self.list().await
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
        // A 404 may have been somebody else's, such as a proxy's: our own path is tried again from time to time.
        let legacy =
            self.legacy.load(Relaxed) && !self.legacy_reports.fetch_add(1, Relaxed).is_multiple_of(TRY_AGAIN_EVERY);
        if !legacy {
            let response = call.send(self.report_request(call, report)?).await?;
            if response.status() != StatusCode::NOT_FOUND {
                return call.expect_success(response).await.map(drop);
            }
            // Our registry says 404 too, to a member that it does not know; only the words tell.
            if call.says_unknown(response).await.is_ok() {
                return Err(DiscoveryError::NotRegistered);
            }
        }
        let body = LegacyReport::of(report);
        call.expect_success_of_member(self.post(OPERATION, path::LEGACY_REPORT, &body).await?).await?;
        if !legacy {
            // Only now: a 404 to both is of a proxy whose registry is gone.
            if !self.legacy.swap(true, Relaxed) {
                tracing::info!("the registry is one of netring 1.x: reporting as 1.x does");
            }
            self.legacy_reports.store(1, Relaxed);
        }
        Ok(())
    }
}
