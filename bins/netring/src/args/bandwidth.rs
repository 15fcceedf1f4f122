use super::{Address, Family, address::host_and_port, duration::max_duration};
use clap::Args;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  netring bandwidth eu1.example
  netring bandwidth eu1.example --download --max-mib 16
  netring bandwidth eu1.example --fixed 10    10 MiB each way, as netring 1.x
  netring bandwidth eu1.example --json | jq .measurement.bandwidth.download

It loads the path as much as one TCP connection can, for up to 5 s each way. \
The target is a member; those of netring 1.x send, and take nothing.

Exit codes:
  0    measured; the table says where a rate did not settle, and why
  1    the test failed, or the name has no address
  2    the command line is wrong
  3    not known: the target is busy with the tests of others, come back later
  4    this system could not make the test: no port, no memory
  130  Ctrl-C";

/// Measures the throughput to a member, both ways
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct BandwidthArgs {
    /// Whom: HOST or HOST:PORT, IPv6 with a port in brackets; the port of a member is 8757
    #[arg(value_name = "HOST", value_parser = host_and_port)]
    pub(crate) address: Address,

    #[command(flatten)]
    pub(crate) family: Family,

    /// Only from the target to here
    #[arg(long, conflicts_with = "upload")]
    pub(crate) download: bool,

    /// Only from here to the target
    #[arg(long)]
    pub(crate) upload: bool,

    /// Exactly so many MiB each way, the start-up of TCP included
    #[arg(long, value_name = "MIB", conflicts_with = "max_mib", value_parser = clap::value_parser!(u64).range(1..=1024 * 1024))]
    pub(crate) fixed: Option<u64>,

    /// At most so many MiB each way
    #[arg(long, value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=1024 * 1024))]
    pub(crate) max_mib: u64,

    /// At most so long each way; up to 10m
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = max_duration)]
    pub(crate) max_duration: Duration,

    /// Print the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
