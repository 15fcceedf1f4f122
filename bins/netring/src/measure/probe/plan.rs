use super::super::resolve::NoTarget;
use crate::{EXIT_USAGE, args::ProbeArgs, view::measure::Line};
use netring_core::{Endpoint, Host, ProbeError, ProbeReport, Prober, Target, TcpProber};
use netring_probes::{
    BurstProgress, BurstSettings, HttpProber, IcmpProber, RingKey, Scheme, UdpProber,
    http::rustls::pki_types::ServerName,
};
use std::time::Duration;
use tokio::time::Instant;

/// What is probed, and what is worth saying of it.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) jobs: Vec<Job>,
    pub(super) notes: Vec<String>,
    /// Why there is no ICMP, where it was asked for by name.
    impossible: Option<String>,
}

/// One probe.
#[derive(Debug)]
pub(super) enum Job {
    Tcp,
    Http(HttpProber, Endpoint),
    Udp(UdpProber, BurstSettings),
    Icmp(IcmpProber, BurstSettings),
}

impl Plan {
    pub(super) fn new(args: &ProbeArgs, key: Option<RingKey>) -> Result<Self, NoTarget> {
        let settings = BurstSettings::default()
            .with_packets(args.packets)
            .and_then(|settings| settings.with_spacing(args.spacing))
            .and_then(|settings| settings.with_payload_bytes(args.payload))
            .map_err(|error| NoTarget { code: EXIT_USAGE, why: error.to_string() })?;
        let (all, url) = (args.all(), args.address.url.as_ref());
        let mut jobs = Vec::new();
        if all || args.tcp {
            jobs.push(Job::Tcp);
        }
        let scheme = url.map_or(Scheme::Http, |(scheme, _)| *scheme);
        let default = match url {
            Some((_, endpoint)) => Some(endpoint.clone()),
            None => Endpoint::new("/health").ok(),
        };
        for endpoint in args.http.iter().cloned().chain(default.filter(|_| all)) {
            jobs.push(Job::Http(http(args, scheme, &endpoint)?, endpoint));
        }
        // Whoever names a URL asks for a server of any kind, and only members have an echo.
        if args.udp || (all && url.is_none()) {
            let mut builder = UdpProber::builder().settings(settings);
            if let Some(key) = key {
                builder = builder.key(key);
            }
            jobs.push(Job::Udp(builder.build(), settings));
        }
        let (mut notes, mut impossible) = (Vec::new(), None);
        if all || args.icmp {
            match IcmpProber::open(settings) {
                Ok(prober) => {
                    notes.push(format!("icmp: over a {}", prober.socket_kind()));
                    jobs.push(Job::Icmp(prober, settings));
                }
                Err(error) if args.icmp => impossible = Some(error.to_string()),
                Err(error) => notes.push(format!("icmp: left out, {error}")),
            }
        }
        Ok(Self { jobs, notes, impossible })
    }

    /// A line for each, before anything is known.
    pub(super) fn lines(&self) -> Vec<Line> {
        let line = |job: &Job| Line { name: job.name(), packets: job.packets(), seen: Vec::new(), result: None };
        let impossible = self.impossible.iter().map(|why| Line {
            name: "icmp".to_owned(),
            packets: None,
            seen: Vec::new(),
            result: Some(Err(why.clone())),
        });
        self.jobs.iter().map(line).chain(impossible).collect()
    }
}

/// The target has an address by now; its name goes into the request, and has to stand in the certificate.
fn http(args: &ProbeArgs, scheme: Scheme, endpoint: &Endpoint) -> Result<HttpProber, NoTarget> {
    let mut builder = HttpProber::builder(endpoint.clone()).scheme(scheme);
    if let Host::Name(name) = &args.address.host {
        let name = ServerName::try_from(name.as_str().to_owned())
            .map_err(|_| NoTarget { code: EXIT_USAGE, why: format!("{name} is no name that HTTP can carry") })?;
        builder = builder.server_name(name);
    }
    Ok(builder.build())
}

impl Job {
    fn name(&self) -> String {
        match self {
            Self::Tcp => "tcp".to_owned(),
            Self::Http(_, endpoint) => format!("http {endpoint}"),
            Self::Udp(..) => "udp".to_owned(),
            Self::Icmp(..) => "icmp".to_owned(),
        }
    }

    fn packets(&self) -> Option<u16> {
        match self {
            Self::Udp(_, settings) | Self::Icmp(_, settings) => Some(settings.packets()),
            _ => None,
        }
    }

    pub(super) async fn make(
        self,
        target: &Target,
        timeout: Duration,
        progress: &(dyn Fn(BurstProgress) + Send + Sync),
    ) -> Result<ProbeReport, ProbeError> {
        let now = Instant::now();
        match self {
            Self::Tcp => TcpProber.probe(target, now + timeout).await,
            Self::Http(prober, _) => prober.probe(target, now + timeout).await,
            Self::Udp(prober, settings) => prober.probe_with(target, now + whole(&settings, timeout), progress).await,
            Self::Icmp(prober, settings) => prober.probe_with(target, now + whole(&settings, timeout), progress).await,
        }
    }
}

/// How long a burst may take. A prober keeps a quarter of its time for the last packet to come back, and sends fewer packets
/// where the rest is not enough: so there is a third more than sending takes.
fn whole(settings: &BurstSettings, timeout: Duration) -> Duration {
    let sending = settings.spacing() * u32::from(settings.packets());
    sending + sending / 3 + timeout
}
