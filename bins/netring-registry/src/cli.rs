//! The command line.

use clap::{Args, Parser};
use netring_daemon::config::Flag;
use std::path::PathBuf;

/// Keeps the list of the members of a ring, through which they find each other.
///
/// A flag beats an environment variable, a variable beats the file, the file beats the defaults.
#[derive(Debug, Parser)]
#[command(name = "netring-registry", version)]
pub(crate) struct Cli {
    /// YAML file with the top key `registry`; none is needed, for every key has a default.
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
    /// Address to listen on [default: 0.0.0.0]
    #[arg(long, value_name = "IP")]
    host: Option<String>,

    /// Port to listen on, 0 for any that is free [default: 8756]
    #[arg(long)]
    port: Option<String>,

    /// A member that has not been heard of for this long is offline [default: 300s]
    #[arg(long, value_name = "DURATION")]
    member_ttl: Option<String>,

    /// How often the members are looked over for that [default: 60s]
    #[arg(long, value_name = "DURATION")]
    cleanup_interval: Option<String>,

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
            ("--host", self.host),
            ("--port", self.port),
            ("--member-ttl", self.member_ttl),
            ("--cleanup-interval", self.cleanup_interval),
            ("--log-level", self.log_level),
            ("--log-format", self.log_format),
        ];
        all.into_iter().filter_map(|(name, value)| Some(Flag { name, value: value? })).collect()
    }
}
