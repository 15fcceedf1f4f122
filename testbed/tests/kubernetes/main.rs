//! The manifests in deploy/k8s, as kustomize renders them: each site, with each component and with all of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod config;
mod files;
mod network;
mod object;
mod probes;
mod redis;
mod references;
mod schemas;
mod site;
mod standard;
mod zone;
