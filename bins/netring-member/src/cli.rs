//! The command line.

use clap::{Args, Parser};
use netring_daemon::config::Flag;
use std::path::PathBuf;

/// One member of a ring: probes the other members and serves what it sees.
///
/// A flag beats an environment variable, a variable beats the file, the file beats the defaults.
#[derive(Debug, Parser)]
#[command(name = "netring-member", version)]
pub(crate) struct Cli {
    /// YAML file with the top key `member`; none is needed, for every key has a default.
    pub(crate) config: Option<PathBuf>,

    /// Print the configuration that would be used, and where each value comes from, then exit.
    #[arg(long)]
    pub(crate) check: bool,

    /// Ask the one that runs with this configuration whether it is healthy: exit code 0, or 1 and why not.
    #[arg(long, conflicts_with = "check")]
    pub(crate) healthcheck: bool,

    #[command(flatten)]
    pub(crate) flags: Flags,
}

/// The flags that set a key. Their values are read by the table of keys, as those of the variables are.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The site that this member stands in [default: unknown]
    #[arg(long, value_name = "SITE")]
    location: Option<String>,

    /// This member's name for as long as it lives; without it a random one is made
    #[arg(long, value_name = "ID")]
    instance_id: Option<String>,

    /// Where the others reach this member: an address, auto, or env:NAME [default: auto]
    #[arg(long, value_name = "IP")]
    advertise_ip: Option<String>,

    /// At which port they reach it, where that is not the one that is listened on
    #[arg(long, value_name = "PORT")]
    advertise_port: Option<String>,

    /// The registry's URL, or those of several on one store, with commas between [default: http://localhost:8756]
    #[arg(long, value_name = "URLS")]
    registry_url: Option<String>,

    /// Folder in which the list of members outlives a restart; without it nothing is kept
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<String>,

    /// Address to listen on [default: 0.0.0.0]
    #[arg(long, value_name = "IP")]
    host: Option<String>,

    /// Port to listen on, 0 for any that is free [default: 8757]
    #[arg(long)]
    port: Option<String>,

    /// How often the registry is asked for the members [default: 30s]
    #[arg(long, value_name = "DURATION")]
    poll_interval: Option<String>,

    /// How often every other member is probed [default: 60s]
    #[arg(long, value_name = "DURATION")]
    check_interval: Option<String>,

    /// How often the registry is told that this member lives [default: 45s]
    #[arg(long, value_name = "DURATION")]
    heartbeat_interval: Option<String>,

    /// What the others are probed for, with commas between [default: tcp,http,udp,icmp,bandwidth,traceroute]
    #[arg(long, value_name = "PROBES")]
    probes: Option<String>,

    /// How long a TCP probe may take [default: 5s]
    #[arg(long, value_name = "DURATION")]
    tcp_timeout: Option<String>,

    /// How long an HTTP probe may take [default: 10s]
    #[arg(long, value_name = "DURATION")]
    http_timeout: Option<String>,

    /// Paths that HTTP probes ask for, with commas between [default: /health,/metrics]
    #[arg(long, value_name = "PATHS")]
    http_endpoints: Option<String>,

    /// trace, debug, info, warning, error, off, or directives such as info,netring_core=debug [default: info]
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,

    /// text or json [default: text]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
}

impl Flags {
    /// The flags that were given.
    pub(crate) fn given(self) -> Vec<Flag> {
        let all = [
            ("--location", self.location),
            ("--instance-id", self.instance_id),
            ("--advertise-ip", self.advertise_ip),
            ("--advertise-port", self.advertise_port),
            ("--registry-url", self.registry_url),
            ("--state-dir", self.state_dir),
            ("--host", self.host),
            ("--port", self.port),
            ("--poll-interval", self.poll_interval),
            ("--check-interval", self.check_interval),
            ("--heartbeat-interval", self.heartbeat_interval),
            ("--probes", self.probes),
            ("--tcp-timeout", self.tcp_timeout),
            ("--http-timeout", self.http_timeout),
            ("--http-endpoints", self.http_endpoints),
            ("--log-level", self.log_level),
            ("--log-format", self.log_format),
        ];
        all.into_iter().filter_map(|(name, value)| Some(Flag { name, value: value? })).collect()
    }
}
