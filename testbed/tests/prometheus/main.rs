//! What ships for Prometheus, Alertmanager and Grafana, in `deploy/`: that it is right by their own tools, and that the real
//! ones, with a real ring that breaks, come to the right alerts and have an answer to every query.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod alert;
mod answers;
mod dashboard;
mod names;
mod receiver;
mod rules;
mod servers;
mod shipped;
mod tools;
