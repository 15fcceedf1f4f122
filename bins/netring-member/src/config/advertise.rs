use netring_core::AdvertisedAddress;
use netring_daemon::{
    config::{FromText, TextError},
    serde_as_text,
};
use std::{collections::BTreeMap, fmt, net::IpAddr};

/// Where the others reach this member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum AdvertiseIp {
    /// The address from which the kernel would talk to the registry.
    #[default]
    Auto,
    /// This address, of one host.
    Ip(IpAddr),
    /// The address that this environment variable has. None is left once a configuration is loaded.
    Variable(String),
}

impl AdvertiseIp {
    /// Turns a variable's name into the address that `environment` has under it.
    pub(super) fn resolve(&mut self, environment: &BTreeMap<String, String>) -> Result<(), TextError> {
        let Self::Variable(name) = self else { return Ok(()) };
        let text = environment.get(name).filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| TextError::new(format!("the environment variable {name} is not set")))?;
        let HostIp(ip) = HostIp::from_text(text)
            .map_err(|problem| TextError::new(format!("the environment variable {name}={text:?}: {problem}")))?;
        *self = Self::Ip(ip);
        Ok(())
    }
}

impl FromText for AdvertiseIp {
    fn from_text(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("auto") {
            return Ok(Self::Auto);
        }
        if let Some(name) = text.strip_prefix("env:").map(str::trim).filter(|name| !name.is_empty()) {
            return Ok(Self::Variable(name.to_owned()));
        }
        if text.parse::<IpAddr>().is_err() {
            return Err(TextError::new(
                "expected an IP address such as 10.1.2.3, or auto, or env:NAME for the address in a variable",
            ));
        }
        HostIp::from_text(text).map(|HostIp(ip)| Self::Ip(ip))
    }
}

impl fmt::Display for AdvertiseIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Ip(ip) => fmt::Display::fmt(ip, f),
            Self::Variable(name) => write!(f, "env:{name}"),
        }
    }
}

/// An address that one host can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HostIp(IpAddr);

impl FromText for HostIp {
    fn from_text(text: &str) -> Result<Self, TextError> {
        AdvertisedAddress::check_ip(IpAddr::from_text(text)?)
            .map(Self)
            .map_err(|problem| TextError::new(problem.to_string()))
    }
}

impl fmt::Display for HostIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

serde_as_text!(AdvertiseIp, HostIp);
