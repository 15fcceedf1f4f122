//! What a network file says.

mod element;
mod pattern;
mod read;
mod target;

pub use element::{Balanced, By, Element, Label, Labels, LabelsStyle, Limit, Router, Unreachable};
pub use pattern::Pattern;
pub use read::NetworkError;
pub use target::{TargetHost, TcpAnswer, UdpAnswer};

use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

/// A network, as a file in `testbed/networks` describes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// What it is for.
    pub about: String,
    /// The hosts that can be probed, each with the way to it.
    pub destinations: Vec<Destination>,
}

/// A host that can be probed, and the way to it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// The host.
    pub target: TargetHost,
    /// The way to it, from the host under test on. It may be empty: then they are neighbours.
    #[serde(default)]
    pub path: Vec<Element>,
    /// Other ways, that hold in the phase of that name. In every other phase `path` holds.
    #[serde(default)]
    pub phases: BTreeMap<String, Vec<Element>>,
}

impl Network {
    /// The destination of that address.
    #[must_use]
    pub fn destination(&self, address: IpAddr) -> Option<&Destination> {
        self.destinations.iter().find(|destination| destination.target.address == address)
    }

    /// The addresses of all targets, in the order of the file.
    pub fn targets(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.destinations.iter().map(|destination| destination.target.address)
    }

    /// The names of all phases besides the first one, which has none.
    #[must_use]
    pub fn phases(&self) -> BTreeSet<&str> {
        self.destinations.iter().flat_map(|destination| destination.phases.keys()).map(String::as_str).collect()
    }
}

impl Destination {
    /// The way that holds in this phase.
    #[must_use]
    pub fn path_in(&self, phase: Option<&str>) -> &[Element] {
        phase.and_then(|phase| self.phases.get(phase)).unwrap_or(&self.path)
    }
}
