mod address;
mod bandwidth;
mod duration;
mod family;
mod probe;
mod trace;

pub(crate) use address::Address;
pub(crate) use bandwidth::BandwidthArgs;
pub(crate) use family::Family;
pub(crate) use probe::ProbeArgs;
pub(crate) use trace::{Mode, TraceArgs};

use clap::{Args, Parser, Subcommand};
use duration::{duration, interval};
use netring_core::RegistryClient;
use std::time::Duration;
use tracing_subscriber::filter::Targets;

/// Shows whether the network between your sites is healthy and, if not, who does not reach whom, and looks at one path.
#[derive(Debug, Parser)]
#[command(name = "netring", version, after_help = "Start with: netring demo")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Log to stderr, at one level or by module: info, netring_core=debug; nothing unless given
    #[arg(long, global = true, value_name = "FILTER", display_order = 900)]
    pub(crate) log: Option<Targets>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(DemoArgs),
    Status(StatusArgs),
    Probe(ProbeArgs),
    Bandwidth(BandwidthArgs),
    Trace(TraceArgs),
}

const DEMO_EXAMPLES: &str = "\
Examples:
  netring demo
  netring demo --for 30s                             ends by itself
  netring demo --registry-port 0 --member-port 0     any ports that are free
  netring demo | tee demo.log                        a new table only when something changes
  netring demo --log info 2>demo.log                 with a log of what the members do

While it runs, in another terminal:
  netring status
  curl localhost:8756/members
  curl localhost:8757/metrics

Exit codes:
  0  it ran until Ctrl-C, SIGTERM or the end of --for
  2  a port is taken, or the command line is wrong";

/// Runs a registry and seven members in four locations on this machine
///
/// They talk over real sockets, on 127.0.0.1 alone. One member crashes and comes back, then leaves and comes back; one
/// refuses connections now and then; one location is far away, behind a line that delays, loses and limits what goes
/// over it, and at times is worse; and one member that is expected never comes. So there is something to see in every view
/// of the page within a minute. Ctrl-C ends it.
#[derive(Debug, Args)]
#[command(after_help = DEMO_EXAMPLES)]
pub(crate) struct DemoArgs {
    /// Port of the registry; 0 is any free one
    #[arg(long, value_name = "PORT", default_value_t = 8756)]
    pub(crate) registry_port: u16,

    /// Port of the first member; the other six take the next ones. 0 is any free one for each
    #[arg(long, value_name = "PORT", default_value_t = 8757)]
    pub(crate) member_port: u16,

    /// End after this long, such as 30s or 2m; otherwise at Ctrl-C
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub(crate) run_for: Option<Duration>,

    /// How often members probe each other, report and send a heartbeat; from 100ms to 1m
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = interval)]
    pub(crate) interval: Duration,
}

const STATUS_EXAMPLES: &str = "\
Examples:
  netring status
  netring status --registry http://registry.example:8756
  netring status --watch 5
  netring status --json | jq '.pairs[] | select(.state == \"down\")'

Exit codes:
  0  healthy: every member that has not said goodbye is online, every pair is up, and nothing is at fault
  1  unhealthy: a member is stale or offline, a pair is down or only partly up, or something is at fault
  2  the command line is wrong
  3  not known yet: there is no member, or a pair without a result
  4  no answer: the registry cannot be reached, or its answer makes no sense

With --watch it is the code of the last answer.";

/// Shows who reaches whom in a ring, and what is at fault
#[derive(Debug, Args)]
#[command(after_help = STATUS_EXAMPLES)]
pub(crate) struct StatusArgs {
    /// Where the registry is
    #[arg(
        long,
        value_name = "URL",
        env = "NETRING_REGISTRY_URL",
        hide_env_values = true,
        default_value = "http://localhost:8756",
        value_parser = registry_url
    )]
    pub(crate) registry: String,

    /// Print what the registry answers, as JSON; with --watch one line for each answer
    #[arg(long)]
    pub(crate) json: bool,

    /// Go on until Ctrl-C, and ask again every so many seconds; 2 unless told otherwise
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "2", value_parser = interval)]
    pub(crate) watch: Option<Duration>,
}

/// Whether the URL can be one of a registry is known before anything is asked.
fn registry_url(url: &str) -> Result<String, String> {
    RegistryClient::new(url).map(|_| url.to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn watching_may_name_its_interval() {
        let watch = |args: &[&str]| match Cli::parse_from(args).command {
            Command::Status(status) => status.watch,
            _ => None,
        };
        assert_eq!(watch(&["netring", "status"]), None);
        assert_eq!(watch(&["netring", "status", "--watch"]), Some(Duration::from_secs(2)));
        assert_eq!(watch(&["netring", "status", "--watch", "5"]), Some(Duration::from_secs(5)));
    }
}
