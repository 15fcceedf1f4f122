use super::{Address, Family, address::host_and_port, duration::timeout};
use clap::{Args, ValueEnum};
use netring_core::{TracerouteMeasurement, model::TracerouteMode};
use netring_probes::TracerouteProberBuilder;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  netring trace eu1.example
  netring trace eu1.example --flows 8      the paths that routers balance over
  netring trace www.example.com --mode tcp --port 443
  netring trace -6 eu1.example --json | jq .measurement.traceroute.flows

TCP and ICMP need root or CAP_NET_RAW; UDP needs nothing. Unless told, it is \
TCP to the target's port where that is allowed, and else UDP to port 33434. A \
hop that does not answer is shown as *.

Exit codes:
  0    the target was reached
  1    it was not reached, or the name has no address
  2    the command line is wrong
  4    this system could not make the trace: no permission, no port
  130  Ctrl-C";

/// Traces the routers on the way to a target
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct TraceArgs {
    /// Whom: HOST or HOST:PORT, IPv6 with a port in brackets; the port of a member is 8757
    #[arg(value_name = "HOST", value_parser = host_and_port)]
    pub(crate) address: Address,

    #[command(flatten)]
    pub(crate) family: Family,

    /// What is sent
    #[arg(long)]
    pub(crate) mode: Option<Mode>,

    /// How many flows are traced: balanced paths differ by flow
    #[arg(long, value_name = "K", default_value_t = 1,
        value_parser = clap::value_parser!(u8).range(1..=TracerouteMeasurement::MAX_FLOWS as i64))]
    pub(crate) flows: u8,

    /// Packets to each hop and flow
    #[arg(long, value_name = "N", default_value_t = TracerouteProberBuilder::DEFAULT_TRIES,
        value_parser = clap::value_parser!(u8).range(1..=TracerouteMeasurement::MAX_TRIES as i64))]
    pub(crate) tries: u8,

    /// Most hops
    #[arg(long, value_name = "N", default_value_t = TracerouteProberBuilder::DEFAULT_MAX_HOPS,
        value_parser = clap::value_parser!(u8).range(1..=TracerouteMeasurement::MAX_HOPS as i64))]
    pub(crate) max_hops: u8,

    /// How long an answer to a packet is waited for
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = timeout)]
    pub(crate) timeout: Duration,

    /// The port that the packets go to, by UDP or TCP
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,

    /// Print the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a trace sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// UDP datagrams: no privilege is needed
    Udp,
    /// ICMP echo requests
    Icmp,
    /// TCP SYN segments
    Tcp,
}

impl From<Mode> for TracerouteMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Udp => Self::Udp,
            Mode::Icmp => Self::Icmp,
            Mode::Tcp => Self::Tcp,
        }
    }
}
