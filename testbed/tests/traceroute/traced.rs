use futures_util::future::join_all;
use netring_core::{
    Host as TargetHost, InstanceId, Measurement, Outcome, Prober, Target, TracerouteMeasurement,
    model::{Flow, Hop, PathEnd, TracerouteMode},
};
use netring_probes::{TracerouteProber, TracerouteProberBuilder};
use netring_testbed::{
    PATIENCE,
    lab::{Host, Lab},
    sim::{Passage, SimulatedNetwork},
};
use std::{collections::BTreeSet, net::IpAddr, time::Duration};
use tokio::time::Instant;

pub(crate) const MODES: [TracerouteMode; 3] = [TracerouteMode::Udp, TracerouteMode::Icmp, TracerouteMode::Tcp];

/// How long an answer is waited for: much longer than any takes, for the machine may be busy.
const TIMEOUT: Duration = Duration::from_secs(3);

/// A network in a host of its own.
pub(crate) struct Site {
    host: Host,
    pub(crate) network: SimulatedNetwork,
}

/// A trace, and the truth.
#[derive(Debug)]
pub(crate) struct Traced {
    pub(crate) mode: TracerouteMode,
    pub(crate) target: IpAddr,
    pub(crate) outcome: Outcome,
    pub(crate) measurement: TracerouteMeasurement,
    pub(crate) passages: Vec<Passage>,
}

/// The settings of the tests: three packets for a hop, of one flow.
pub(crate) fn settings(mode: TracerouteMode) -> TracerouteProberBuilder {
    TracerouteProber::builder().mode(Some(mode)).timeout(TIMEOUT)
}

/// Every target of the network `name` traced in every mode, each trace in a network of its own: what one uses up of a
/// limit is not missing in another.
pub(crate) async fn traces(name: &'static str, flows: u8) -> Vec<Traced> {
    let mut lab = Lab::new();
    let mut sites = Vec::new();
    for mode in MODES {
        let site = Site::new(&mut lab, name);
        let targets: Vec<_> = site.network.network().targets().collect();
        sites.push((site, mode, targets));
    }
    let traces = sites.iter().map(async |(site, mode, targets)| {
        let mut traced = Vec::new();
        for target in targets {
            traced.push(site.trace(*target, settings(*mode).flows(flows)).await);
        }
        traced
    });
    let traced: Vec<_> = join_all(traces).await.into_iter().flatten().collect();
    assert!(traced.len() >= MODES.len());
    traced
}

impl Site {
    pub(crate) fn new(lab: &mut Lab, name: &'static str) -> Self {
        let host = lab.host(name);
        let network = host.call(move || SimulatedNetwork::named(name));
        Self { host, network }
    }

    pub(crate) async fn trace(&self, target: IpAddr, settings: TracerouteProberBuilder) -> Traced {
        let prober = settings.build().unwrap();
        let mode = prober.mode();
        let to = Target {
            instance_id: InstanceId::new("target").unwrap(),
            location: "there".parse().unwrap(),
            host: TargetHost::Ip(target),
            port: 4000,
        };
        // What one trace leaves is not taken for a part of the next.
        drop(self.network.take_passages());
        let report = self.host.run(async move || prober.probe(&to, Instant::now() + PATIENCE).await.unwrap()).await;
        assert_eq!(report.ip, Some(target));
        let Some(Measurement::Traceroute(measurement)) = report.measurement else { panic!("{mode}: {report:?}") };
        let passages = self.network.take_passages();
        let passages = passages.into_iter().filter(|passage| passage.destination == target).collect();
        let traced = Traced { mode, target, outcome: report.outcome, measurement, passages };
        traced.is_true();
        traced
    }
}

impl Traced {
    /// The packets of a flow and a time to live.
    pub(crate) fn passages(&self, flow: Flow, ttl: u8) -> Vec<&Passage> {
        let these = |passage: &&Passage| passage.flow == Some(flow) && passage.ttl == ttl;
        self.passages.iter().filter(these).collect()
    }

    /// What holds of each trace of each network: everybody who is said to have answered did, to a packet of that flow and
    /// hop; nobody who did is missing; and nobody answered sooner than the network did.
    fn is_true(&self) {
        for path in &self.measurement.flows {
            for (at, hop) in path.hops.iter().enumerate() {
                assert_eq!(usize::from(hop.ttl), at + 1, "no gap: {path:?}");
                let passages = self.passages(path.flow, hop.ttl);
                let truth: BTreeSet<_> = passages.iter().filter_map(|passage| passage.answered_by).collect();
                let said: BTreeSet<_> = hop.answers.iter().map(|answer| answer.ip).collect();
                assert_eq!(said, truth, "{} to {}: {hop:?}, but {passages:?}", self.mode, self.target);
                assert!(usize::from(hop.sent) <= passages.len(), "{hop:?}, but {passages:?}");
                let soonest = passages.iter().filter_map(|passage| passage.answered_after).min();
                assert!(hop.round_trip_time() >= soonest, "{hop:?}, but {passages:?}");
            }
        }
        let flows: BTreeSet<_> = self.passages.iter().map(|passage| format!("{:?}", passage.flow)).collect();
        let said: BTreeSet<_> = self.measurement.flows.iter().map(|path| format!("{:?}", Some(path.flow))).collect();
        assert!(flows.is_superset(&said), "{said:?}, but {flows:?}");
    }

    /// The hops of the only flow.
    pub(crate) fn hops(&self) -> &[Hop] {
        let [path] = &self.measurement.flows[..] else { panic!("one flow: {self:?}") };
        &path.hops
    }

    /// How the only flow ended.
    pub(crate) fn end(&self) -> PathEnd {
        let [path] = &self.measurement.flows[..] else { panic!("one flow: {self:?}") };
        path.end
    }

    /// Who stands at each hop of the only flow; the target as the last number 0, a silent hop as nothing.
    pub(crate) fn numbers(&self) -> Vec<Option<u8>> {
        self.hops().iter().map(|hop| hop.answers.first().map(|answer| self.number(answer.ip))).collect()
    }

    /// The number of a router by its address, as in the files: `10.0.7.1` and `2001:db8:0:7::1` are 7. The target is 0.
    pub(crate) fn number(&self, ip: IpAddr) -> u8 {
        match ip {
            ip if ip == self.target => 0,
            IpAddr::V4(ip) => ip.octets()[2],
            IpAddr::V6(ip) => ip.octets()[7],
        }
    }
}
