use super::{
    Address, Family,
    address::host_or_url,
    duration::{spacing, timeout},
};
use clap::Args;
use netring_core::Endpoint;
use netring_probes::BurstSettings;
use std::{path::PathBuf, time::Duration};

const EXAMPLES: &str = "\
Examples:
  netring probe eu1.example                      TCP, HTTP, UDP and ICMP
  netring probe eu1.example --udp --packets 200  loss and jitter
  netring probe https://www.example.com/         TCP, HTTPS and ICMP
  netring probe 10.1.0.7:22 --tcp                whether a port is open
  netring probe -6 eu1.example --json | jq '.[].outcome'

Without --tcp, --http, --udp or --icmp it is all that is possible. The round \
trip of a burst is the median of its packets. UDP needs the echo of a member; \
where the ring has a key, it answers only who has it: set NETRING_RING_KEY, or \
name a file with --key-file.

Exit codes:
  0    all probes were good
  1    a probe failed, or the name has no address
  2    the command line is wrong
  4    none failed, but this system could not make one: no permission, no port
  130  Ctrl-C; what was known until then is printed";

/// Probes one target: connection, HTTP, loss and jitter
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ProbeArgs {
    /// Whom: HOST, HOST:PORT (IPv6 with a port in brackets) or a URL; the port of a member is 8757
    #[arg(value_name = "HOST", value_parser = host_or_url)]
    pub(crate) address: Address,

    #[command(flatten)]
    pub(crate) family: Family,

    /// Open a TCP connection
    #[arg(long)]
    pub(crate) tcp: bool,

    /// Ask for this path by HTTP, such as /health; may be given several times
    #[arg(long, value_name = "PATH", value_parser = |path: &str| Endpoint::new(path))]
    pub(crate) http: Vec<Endpoint>,

    /// Send a burst to the member's UDP echo
    #[arg(long)]
    pub(crate) udp: bool,

    /// Send a burst of ICMP echo requests
    #[arg(long)]
    pub(crate) icmp: bool,

    /// Packets of a burst
    #[arg(long, value_name = "N", default_value_t = BurstSettings::DEFAULT_PACKETS,
        value_parser = clap::value_parser!(u16).range(1..=i64::from(BurstSettings::MAX_PACKETS)))]
    pub(crate) packets: u16,

    /// From one packet of a burst to the next; from 1ms to 1s
    #[arg(long, value_name = "DURATION", default_value = "20ms", value_parser = spacing)]
    pub(crate) spacing: Duration,

    /// Bytes that each packet of a burst carries
    #[arg(long, value_name = "BYTES", default_value_t = BurstSettings::DEFAULT_PAYLOAD_BYTES, value_parser =
        clap::value_parser!(u16).range(i64::from(BurstSettings::MIN_PAYLOAD_BYTES)..=i64::from(BurstSettings::MAX_PAYLOAD_BYTES)))]
    pub(crate) payload: u16,

    /// How long an answer is waited for
    #[arg(long, value_name = "DURATION", default_value = "2s", value_parser = timeout)]
    pub(crate) timeout: Duration,

    /// A file with the ring's key, for UDP; NETRING_RING_KEY is another way to give it
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,

    /// Print the reports as a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

impl ProbeArgs {
    /// Whether it is left to us what to probe.
    pub(crate) fn all(&self) -> bool {
        !(self.tcp || self.udp || self.icmp) && self.http.is_empty()
    }
}
