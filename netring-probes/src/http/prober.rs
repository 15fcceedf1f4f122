use super::{
    ExpectedStatuses, HttpProberBuilder, Scheme,
    exchange::exchange,
    failure::Stop,
    progress::{Phase, Progress},
    request::{RequestTemplate, host_header, server_name},
};
use async_trait::async_trait;
use hyper::client::conn::http1;
use netring_core::{
    Clock, Endpoint, FailureReason, Host, Outcome, ProbeError, ProbeKind, ProbeReport, Prober, SystemClock, Target,
};
use rustls::{ClientConfig, pki_types::ServerName};
use std::{future::poll_fn, pin::Pin, sync::Arc, task::Poll, time::Duration};
use tokio::{
    io::AsyncWrite,
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_rustls::TlsConnector;

/// Asks for an [`Endpoint`] by `GET` over HTTP/1.1 (RFC 9112), on a connection of its own for each probe, and times
/// each phase apart: resolve, connect, TLS, first byte, body. Redirects are not followed: a 3xx is an answer.
///
/// # How a probe fails
/// The message starts with the phase it failed in, and what was measured until then is in the report.
///
/// | reason | when |
/// |---|---|
/// | [`Timeout`](FailureReason::Timeout) | the deadline came, in whatever phase, however much had trickled in |
/// | [`NameNotResolved`](FailureReason::NameNotResolved) | the target's name has no address |
/// | [`Refused`](FailureReason::Refused), [`Unreachable`](FailureReason::Unreachable) | no connection |
/// | [`Tls`](FailureReason::Tls) | a certificate that is not trusted, or a target that does not speak TLS |
/// | [`Reset`](FailureReason::Reset) | the connection was closed before the whole head of the answer, or torn down by a RST at any time |
/// | [`Protocol`](FailureReason::Protocol) | what came is not HTTP/1.x, its head is too large, or the connection was closed before the end of the body |
/// | [`UnexpectedStatus`](FailureReason::UnexpectedStatus) | the status is not one of those expected; the body is not read |
///
/// A body that is longer than what is read is no failure: the report says that it was truncated.
///
/// # Panics
/// [`Prober::probe`] panics outside a tokio runtime with I/O and time enabled.
#[derive(Debug)]
pub struct HttpProber {
    pub(super) endpoint: Endpoint,
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) server_name: Option<ServerName<'static>>,
    pub(super) expected: ExpectedStatuses,
    pub(super) max_body_bytes: u64,
    pub(super) request: RequestTemplate,
    pub(super) connection: http1::Builder,
}

impl HttpProber {
    /// A prober of `endpoint` over plain TCP, with every default of [`HttpProberBuilder`].
    #[must_use]
    pub fn new(endpoint: Endpoint) -> Self {
        Self::builder(endpoint).build()
    }

    /// Settings for a prober of `endpoint`.
    pub fn builder(endpoint: Endpoint) -> HttpProberBuilder {
        HttpProberBuilder::new(endpoint)
    }

    async fn run(&self, target: &Target, progress: &mut Progress) -> Result<(), Stop> {
        let name = match &self.server_name {
            Some(name) => name.clone(),
            None => server_name(target)?,
        };
        let scheme = if self.tls.is_some() { Scheme::Https } else { Scheme::Http };
        let request = self.request.to(host_header(&name, target.port, scheme));

        progress.begin(Phase::Resolve);
        let address = target
            .resolve()
            .await
            .map_err(|error| Stop::failed(FailureReason::NameNotResolved, format!("resolve: {error}")))?;
        progress.ip = Some(address.ip());
        match target.host {
            Host::Ip(_) => progress.begin(Phase::Connect),
            Host::Name(_) => progress.enter(Phase::Connect),
        }

        let stream = TcpStream::connect(address).await.map_err(|error| Stop::io(Phase::Connect, error))?;
        let Some(tls) = &self.tls else {
            progress.enter(Phase::FirstByte);
            exchange(self, stream, request, progress).await?;
            return Ok(());
        };

        progress.enter(Phase::Tls);
        // The end of the handshake and the request are two small writes in a row: the second must not wait for an
        // acknowledgement of the first (RFC 9293, section 3.7.4).
        stream.set_nodelay(true).map_err(|error| Stop::io(Phase::Tls, error))?;
        let connecting = TlsConnector::from(Arc::clone(tls)).connect(name.to_owned(), stream);
        let stream = connecting.await.map_err(|error| Stop::io(Phase::Tls, error))?;
        progress.enter(Phase::FirstByte);
        let Some(mut stream) = exchange(self, stream, request, progress).await? else { return Ok(()) };
        // A goodbye by `close_notify`, without which some targets log an error. One try: nobody waits for it.
        poll_fn(|cx| {
            let _ = Pin::new(&mut stream).poll_shutdown(cx);
            Poll::Ready(())
        })
        .await;
        Ok(())
    }
}

#[async_trait]
impl Prober for HttpProber {
    fn kind(&self) -> ProbeKind {
        ProbeKind::HTTP
    }

    fn endpoint(&self) -> Option<Endpoint> {
        Some(self.endpoint.clone())
    }

    async fn probe(&self, target: &Target, deadline: Instant) -> Result<ProbeReport, ProbeError> {
        let started_at = SystemClock.now();
        let started = Instant::now();
        let mut progress = Progress::starting_at(started);
        let outcome = match timeout_at(deadline, self.run(target, &mut progress)).await {
            Ok(Ok(())) => Outcome::Success,
            Ok(Err(Stop::Failed(failure))) => failure,
            Ok(Err(Stop::NotMade(error))) => return Err(error),
            Err(_) => Outcome::failure(FailureReason::Timeout, progress.phase.timed_out()),
        };
        Ok(ProbeReport {
            target: target.clone(),
            ip: progress.ip,
            kind: ProbeKind::HTTP,
            endpoint: Some(self.endpoint.clone()),
            started_at,
            duration: started.elapsed(),
            outcome,
            measurement: progress.into_measurement(),
            lateness: Duration::ZERO,
            tainted: false,
            interval: None,
        })
    }
}
