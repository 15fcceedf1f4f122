//! `netring-registry [CONFIG]`: the service through which the members of a ring find each other.

mod cli;
mod config;

use clap::Parser;
use cli::Cli;
use config::RegistryConfig;
use netring_core::{Lifetimes, MemberStore, MemoryStore, RegistryEngine, http::registry_router};
use netring_daemon::{
    program::Program,
    serve::{listen, serve},
};
use std::{process::ExitCode, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ONE_DAY: Duration = Duration::from_secs(86_400);

fn main() -> ExitCode {
    let cli = Cli::parse();
    Program { name: "netring-registry", file: cli.config.as_deref(), flags: cli.flags.given(), check: cli.check }
        .run(|config: &RegistryConfig| (&config.log_level, config.log_format), run)
}

/// Serves until `shutdown`.
async fn run(config: RegistryConfig, shutdown: CancellationToken) -> Result<(), String> {
    let listener = listen(config.server.host, config.server.port)?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let lifetimes = Lifetimes {
        heartbeat_interval: config.heartbeat_interval.get(),
        ttl: config.member_ttl.get(),
        ..Lifetimes::default()
    };
    let (store, kept_in) = store(&config, &lifetimes)?;
    let registry =
        RegistryEngine::builder(store).lifetimes(lifetimes).sweep_interval(config.cleanup_interval.get()).build();
    tracing::info!(%address, version = netring_core::VERSION, store = kept_in, "listening");
    // So that a store that is away is told of at once, and not with the first member.
    let first_ping = async { drop(registry.ping().await) };

    let (_, _, served) = tokio::join!(
        first_ping,
        registry.run(shutdown.clone()),
        serve(listener, registry_router(registry.clone()), shutdown.clone())
    );
    served
}

/// What members are kept in, and its name for the log.
fn store(config: &RegistryConfig, lifetimes: &Lifetimes) -> Result<(Arc<dyn MemberStore>, String), String> {
    let Some(redis) = &config.redis else {
        return Ok((Arc::new(MemoryStore::new()), "memory".to_owned()));
    };
    // Longer than the registry itself keeps anybody.
    let retention = lifetimes.ttl + lifetimes.keep_offline + ONE_DAY;
    let store = redis.store().map_err(|(key, problem)| format!("{key}: {problem}"))?.retention(retention);
    let store = store.build().map_err(|error| error.to_string())?;
    let address = store.address().to_string();
    Ok((Arc::new(store), address))
}
