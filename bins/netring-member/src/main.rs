//! `netring-member [CONFIG]`: one member of a ring, which probes the others and serves what it sees.

mod cli;
mod config;
mod echo;
mod probers;
mod rights;
mod state_dir;

use clap::Parser;
use cli::Cli;
use config::{AdvertiseIp, MemberConfig};
use netring_core::{InstanceId, MemberEngine, PrometheusSink, Registries, http::member_router};
use netring_daemon::{
    program::{Common, Program, Task},
    serve::serve,
};
use std::{
    net::{IpAddr, SocketAddr},
    process::ExitCode,
    sync::Arc,
};
use tokio_util::sync::CancellationToken;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // While there is one thread: the others have the rights of the one that starts them.
    rights::raise_permitted();
    Program {
        name: "netring-member",
        file: cli.config.as_deref(),
        flags: cli.flags.given(),
        task: Task::from_flags(cli.check, cli.healthcheck),
    }
    .run(
        |config: &MemberConfig| Common {
            log_filter: &config.log_level,
            log_format: config.log_format,
            listening: (config.server.host, config.server.port).into(),
        },
        run,
    )
}

/// Probes and serves until `shutdown`, then says goodbye.
async fn run(config: MemberConfig, shutdown: CancellationToken) -> Result<(), String> {
    let (listener, echo) = echo::listen_with_echo(&config)?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let metrics = Arc::new(metrics()?);
    if let Some(folder) = &config.state_dir {
        state_dir::prepare(folder).await?;
    }
    let urls = config.registry.url.iter().map(|url| url.get().as_str());
    let registries = Registries::from_urls(urls).map_err(|error| error.to_string())?;
    let registry = registries.names().collect::<Vec<_>>().join(", ");
    let member = member(&config, registries, address, &metrics)?;
    let source = member.handle().source().clone();
    tracing::info!(
        %address,
        version = netring_core::VERSION,
        instance_id = %source.instance_id,
        location = %source.location,
        %registry,
        "listening",
    );
    if config.location == MemberConfig::default().location {
        tracing::warn!(location = %config.location, "no location is set; set it with NETRING_LOCATION, --location or member.location");
    }

    let router = member_router(member.handle())
        .metrics(move || metrics.render())
        .max_bandwidth_tests(config.server.max_bandwidth_tests.get() as usize)
        .max_bandwidth_test_mib(config.server.max_bandwidth_test_mb.get().into())
        .build();
    // Whichever ends first ends the other: the server by itself only where it fails.
    let stop = shutdown.child_token();
    let served = async {
        let served = serve(listener, router, stop.clone()).await;
        stop.cancel();
        served
    };
    let echoed = async {
        if let Some(echo) = echo {
            echo.run(stop.clone()).await;
        }
    };
    let (_, (), served) = tokio::join!(member.run(stop.clone()), echoed, served);
    served
}

fn metrics() -> Result<PrometheusSink, String> {
    let sink = PrometheusSink::new();
    #[cfg(target_os = "linux")]
    sink.registry()
        .register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))
        .map_err(|error| format!("cannot measure this process: {error}"))?;
    Ok(sink)
}

fn member(
    config: &MemberConfig,
    registries: Registries,
    address: SocketAddr,
    metrics: &Arc<PrometheusSink>,
) -> Result<MemberEngine, String> {
    let instance_id = config.instance_id.clone().unwrap_or_else(InstanceId::random);
    let (intervals, checks) = (&config.intervals, &config.checks);
    let port = config.advertise_port.map_or(address.port(), |port| u16::try_from(port.get()).unwrap_or(address.port()));
    let mut builder = MemberEngine::builder(instance_id, config.location.clone(), port, Arc::new(registries))
        .sink(Arc::clone(metrics) as _)
        .heartbeat_interval(intervals.heartbeat_interval.get())
        .poll_interval(intervals.poll_interval.get())
        .report_interval(intervals.check_interval.get())
        .max_in_flight(checks.max_in_flight.get() as usize)
        .udp_echo(config.server.udp_echo);
    builder = probers::add(builder, config);
    if let Some(folder) = &config.state_dir {
        builder = builder.state_dir(folder);
    }
    if let Some(ip) = advertised(config, address.ip()) {
        builder = builder.advertise(ip);
    }
    builder.build().map_err(|error| error.to_string())
}

/// The address that is given, or the one that is listened on where that is a single one. With neither it is left to the
/// route towards the registry, and so is loopback, which is of use only to a registry that is on loopback too.
fn advertised(config: &MemberConfig, listening: IpAddr) -> Option<IpAddr> {
    match config.advertise_ip {
        AdvertiseIp::Ip(ip) => Some(ip),
        _ if listening.is_unspecified() || listening.is_loopback() => None,
        _ => Some(listening),
    }
}
