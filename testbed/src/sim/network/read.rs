//! Reading a network file, and refusing one that no network could be.

use super::{Destination, Element, Network, Router};
use std::{fs, net::IpAddr, path::Path};

/// Why a network file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// It is not written as `testbed/networks/README.md` says.
    #[error("the network file cannot be read: {0}")]
    Syntax(#[from] serde_saphyr::Error),
    /// What it says cannot be.
    #[error("the network file describes what cannot be: {0}")]
    Impossible(String),
}

impl Network {
    /// The network of the file `testbed/networks/<name>.yaml`.
    ///
    /// # Panics
    /// Where there is no such file, or it cannot be used: it is a part of the test.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("networks").join(format!("{name}.yaml"));
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("cannot read {}: {e}", path.display()));
        Self::parse(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    /// The network that a text in YAML describes.
    ///
    /// # Errors
    /// Where it is not of the format, or describes what cannot be.
    pub fn parse(text: &str) -> Result<Self, NetworkError> {
        let mut network: Self = serde_saphyr::from_str(text)?;
        let mut balancers = 0;
        for destination in &mut network.destinations {
            for path in destination.phases.values_mut().chain([&mut destination.path]) {
                number(path, &mut balancers);
            }
        }
        network.check().map_err(NetworkError::Impossible)?;
        Ok(network)
    }

    fn check(&self) -> Result<(), String> {
        for (at, destination) in self.destinations.iter().enumerate() {
            let address = destination.target.address;
            if self.destinations.iter().take(at).any(|other| other.target.address == address) {
                return Err(format!("{address} is the target of two destinations"));
            }
            destination.check().map_err(|reason| format!("on the way to {address}: {reason}"))?;
        }
        if self.destinations.is_empty() { Err("it has no destination".to_owned()) } else { Ok(()) }
    }
}

impl Destination {
    fn check(&self) -> Result<(), String> {
        self.phases.values().chain([&self.path]).try_for_each(|path| check(path, self.target.address))
    }
}

/// Gives each balancer a number of its own.
fn number(path: &mut [Element], next: &mut usize) {
    for element in path {
        match element {
            Element::Router(_) => {}
            Element::Loop(inside) => number(inside, next),
            Element::Balanced(balanced) => {
                balanced.id = *next;
                *next += 1;
                balanced.paths.iter_mut().for_each(|path| number(path, next));
            }
        }
    }
}

fn check(path: &[Element], target: IpAddr) -> Result<(), String> {
    path.iter().try_for_each(|element| match element {
        Element::Router(router) => check_router(router, target),
        Element::Balanced(balanced) if balanced.paths.is_empty() => Err("a balancer has no paths".to_owned()),
        Element::Balanced(balanced) => balanced.paths.iter().try_for_each(|path| check(path, target)),
        // Without a router no time to live runs out, and a packet would go round for ever.
        Element::Loop(inside) if !has_router(inside) => Err("a loop can be gone round without a router".to_owned()),
        Element::Loop(inside) => check(inside, target),
    })
}

/// Whether whatever goes this way passes a router.
fn has_router(path: &[Element]) -> bool {
    path.iter().any(|element| match element {
        Element::Router(_) => true,
        Element::Balanced(balanced) => balanced.paths.iter().all(|path| has_router(path)),
        Element::Loop(inside) => has_router(inside),
    })
}

fn check_router(router: &Router, target: IpAddr) -> Result<(), String> {
    let address = router.address;
    if address.is_ipv4() != target.is_ipv4() || router.answers_as().is_ipv4() != target.is_ipv4() {
        return Err(format!("the router {address} is of another version of IP"));
    }
    if let Some(unreachable) = router.unreachable {
        let known = match (target.is_ipv4(), unreachable.kind) {
            (true, 3) => unreachable.code <= 15,
            (false, 1) => unreachable.code <= 7,
            (false, 2) => unreachable.code == 0,
            (false, 4) => unreachable.code <= 2,
            _ => false,
        };
        if !known {
            return Err(format!("{address} answers type {}, code {}", unreachable.kind, unreachable.code));
        }
    }
    for label in router.mpls.iter().flat_map(|mpls| &mpls.labels) {
        if label.label >= 1 << 20 || label.traffic_class >= 1 << 3 {
            return Err(format!("{address} has a label of 20 bits and a class of 3 that do not hold {label:?}"));
        }
    }
    Ok(())
}

/// A duration as people write it: `2ms`.
pub(super) mod duration {
    use serde::{Deserialize, Deserializer, de::Error};
    use std::time::Duration;

    pub(in crate::sim) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_duration(&text).map_err(|e| D::Error::custom(format!("`{text}` is no duration: {e}")))
    }
}

#[cfg(test)]
mod tests {
    use super::{Network, NetworkError};
    use std::{fs, path::Path};

    fn network(path: &str) -> Result<Network, NetworkError> {
        Network::parse(&format!("{{about: a test, destinations: [{{target: {{address: 192.0.2.9}}, path: {path}}}]}}"))
    }

    #[test]
    fn every_file_is_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("networks");
        let mut read = 0;
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                let name = path.file_stem().unwrap().to_str().unwrap();
                assert!(!Network::named(name).about.is_empty(), "{name} says nothing about itself");
                read += 1;
            }
        }
        assert!(read > 10, "only {read} files");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (path, reason) in [
            ("[{loop: []}]", "loop"),
            ("[{loop: [{balanced: {by: flow, paths: [[], [{router: {address: 10.0.0.1}}]]}}]}]", "loop"),
            ("[{balanced: {by: packet, paths: []}}]", "no paths"),
            ("[{router: {address: '::1'}}]", "version"),
            ("[{router: {address: 10.0.0.1, answers_from: '::1'}}]", "version"),
            ("[{router: {address: 10.0.0.1, unreachable: {type: 1, code: 0}}}]", "type 1"),
            ("[{router: {address: 10.0.0.1, unreachable: {type: 3, code: 16}}}]", "code 16"),
            ("[{router: {address: 10.0.0.1, mpls: {labels: [{label: 1048576, ttl: 1}]}}}]", "20 bits"),
        ] {
            match network(path) {
                Err(NetworkError::Impossible(text)) => assert!(text.contains(reason), "{path}: {text}"),
                other => panic!("{path}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_misspelt_is_refused() {
        for path in [
            "[{router: {address: 10.0.0.1, dealy: 2ms}}]",
            "[{router: {address: 10.0.0.1, delay: 2}}]",
            "[{router: {address: 10.0.0.1, limit: {every: 0}}}]",
            "[{router: {}}]",
            "[{ruoter: {address: 10.0.0.1}}]",
        ] {
            assert!(matches!(network(path), Err(NetworkError::Syntax(_))), "{path}");
        }
        network("[{router: {address: 10.0.0.1, delay: 2ms, limit: {every: 3}}}]").unwrap();
    }

    #[test]
    fn a_target_is_named_once() {
        let twice = "{about: a test, destinations: [{target: {address: 192.0.2.9}}, {target: {address: 192.0.2.9}}]}";
        assert!(matches!(Network::parse(twice), Err(NetworkError::Impossible(_))));
    }
}
