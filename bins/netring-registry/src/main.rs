//! `netring-registry [CONFIG]`: the service through which the members of a ring find each other.

mod cli;
mod config;

use clap::Parser;
use cli::Cli;
use config::RegistryConfig;
use netring_core::{
    Journal, Lifetimes, MemberStore, MemoryStore, RegistryEngine,
    http::{metrics_router, registry_router},
    prometheus::scrape,
    webhook::Alerts,
};
use netring_daemon::{
    config::TextError,
    program::{Common, Program, Task},
    serve::{listen, serve},
};
use std::{process::ExitCode, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ONE_DAY: Duration = Duration::from_secs(86_400);

fn main() -> ExitCode {
    let cli = Cli::parse();
    Program {
        name: "netring-registry",
        file: cli.config.as_deref(),
        flags: cli.flags.given(),
        task: Task::from_flags(cli.check, cli.healthcheck),
    }
    .run(
        |config: &RegistryConfig| Common {
            log_filter: &config.log_level,
            log_format: config.log_format,
            listening: (config.server.host, config.server.port).into(),
        },
        run,
    )
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
    let store = store(&config, &lifetimes)?;
    let mut registry = RegistryEngine::builder(store.members)
        .journal(store.journal)
        .lifetimes(lifetimes)
        .sweep_interval(config.cleanup_interval.get())
        .bottlenecks(config.topology.thresholds())
        .sensitivity(config.analysis.sensitivity().map_err(told)?)
        .analysis_interval(config.analysis.interval.get())
        .history_bytes(config.analysis.history_bytes());
    if let Some(expected) = config.expected_members.members().map_err(told)? {
        let (locations, members) = (expected.locations.len(), expected.expected_count());
        tracing::info!(file = %config.expected_members.config_file.display(), locations, members, "expecting members");
        registry = registry.expected_members(expected);
    }
    let registry = registry.build();
    tracing::info!(%address, version = netring_core::VERSION, store = store.name, "listening");
    // So that a store that is away is told of at once, and not with the first member.
    let first_ping = async { drop(registry.ping().await) };

    let webhooks = config.alerts.webhooks().map_err(told)?;
    let settings = config.alerts.settings();
    let alerts = Alerts::new(registry.clone(), webhooks, settings).map_err(|error| error.to_string())?;
    let (scraped, pairs) = (registry.clone(), config.metrics.pairs);
    let metrics = metrics_router(move || {
        let registry = scraped.clone();
        async move { scrape(&registry, pairs).await }
    });
    let mut router = registry_router(registry.clone()).merge(metrics);
    if config.dashboard.enabled {
        router = router.merge(netring_dashboard::router());
    }

    // The next registry to lead would tell a webhook once more of what was not noted as told.
    let told = CancellationToken::new();
    let telling = async {
        alerts.run(shutdown.clone()).await;
        told.cancel();
    };
    let (_, _, _, served) = tokio::join!(
        first_ping,
        registry.run_until(shutdown.clone(), told.cancelled()),
        telling,
        serve(listener, router, shutdown.clone())
    );
    served
}

/// What members and events are kept in.
struct Store {
    members: Arc<dyn MemberStore>,
    journal: Arc<dyn Journal>,
    /// Its name for the log.
    name: String,
}

fn store(config: &RegistryConfig, lifetimes: &Lifetimes) -> Result<Store, String> {
    let Some(redis) = &config.redis else {
        let store = Arc::new(MemoryStore::new());
        return Ok(Store { members: store.clone(), journal: store, name: "memory".to_owned() });
    };
    // Longer than the registry itself keeps anybody.
    let retention = lifetimes.ttl + lifetimes.keep_offline + ONE_DAY;
    let store = redis.store().map_err(told)?.retention(retention);
    let store = Arc::new(store.build().map_err(|error| error.to_string())?);
    let name = store.address().to_string();
    Ok(Store { members: store.clone(), journal: store, name })
}

fn told((key, problem): (&'static str, TextError)) -> String {
    format!("{key}: {problem}")
}
