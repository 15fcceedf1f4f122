//! `netring-registry [CONFIG]`: the service through which the members of a ring find each other.

mod cli;
mod config;

use clap::Parser;
use cli::Cli;
use config::RegistryConfig;
use netring_core::{Lifetimes, MemoryStore, RegistryEngine, http::registry_router};
use netring_daemon::{
    program::Program,
    serve::{listen, serve},
};
use std::{process::ExitCode, sync::Arc};
use tokio_util::sync::CancellationToken;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    Program { name: "netring-registry", file: cli.config.as_deref(), flags: cli.flags.given(), check: cli.check }
        .run(|config: &RegistryConfig| (&config.log_level, config.log_format), run)
}

/// Serves until `shutdown`.
async fn run(config: RegistryConfig, shutdown: CancellationToken) -> Result<(), String> {
    let listener = listen(config.server.host, config.server.port)?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    if config.redis.is_some() {
        tracing::warn!(
            "registry.redis is configured, but this release keeps members in memory; they register again after a restart"
        );
    }
    let lifetimes = Lifetimes {
        heartbeat_interval: config.heartbeat_interval.get(),
        ttl: config.member_ttl.get(),
        ..Lifetimes::default()
    };
    let registry = RegistryEngine::builder(Arc::new(MemoryStore::new()))
        .lifetimes(lifetimes)
        .sweep_interval(config.cleanup_interval.get())
        .build();
    tracing::info!(%address, version = netring_core::VERSION, store = "memory", "listening");

    let (_, served) = tokio::join!(
        registry.run(shutdown.clone()),
        serve(listener, registry_router(registry.clone()), shutdown.clone())
    );
    served
}
