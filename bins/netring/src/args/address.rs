use netring_core::{AdvertisedAddress, Endpoint, Host, HostName};
use netring_probes::Scheme;
use std::net::{IpAddr, Ipv6Addr};

/// Where a member listens, unless something else is said.
const MEMBER_PORT: u16 = 8757;

/// A target as it stands on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) host: Host,
    pub(crate) port: u16,
    /// What a URL says more.
    pub(crate) url: Option<(Scheme, Endpoint)>,
}

/// Reads `HOST`, `HOST:PORT`, `::1` and `[::1]:PORT`.
pub(crate) fn host_and_port(text: &str) -> Result<Address, String> {
    if text.contains("://") {
        return Err("write HOST or HOST:PORT; URLs are for `netring probe`".to_owned());
    }
    let (host, port) = authority(text)?;
    Ok(Address { host, port: port.unwrap_or(MEMBER_PORT), url: None })
}

/// Reads the same, and `http://HOST:PORT/path` or `https://` likewise.
pub(crate) fn host_or_url(text: &str) -> Result<Address, String> {
    let Some((scheme, rest)) = text.split_once("://") else { return host_and_port(text) };
    let scheme: Scheme = scheme.to_ascii_lowercase().parse().map_err(|error| format!("{error}"))?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if host.contains('@') {
        return Err("a user name or password in the URL is not supported".to_owned());
    }
    let (host, port) = authority(host)?;
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let endpoint = Endpoint::new(path).map_err(|error| error.to_string())?;
    Ok(Address { host, port: port.unwrap_or(scheme.default_port()), url: Some((scheme, endpoint)) })
}

fn authority(text: &str) -> Result<(Host, Option<u16>), String> {
    if text.contains('%') {
        return Err("addresses with a zone (%) are not supported".to_owned());
    }
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Ok((address(ip)?, None));
    }
    if let Some(rest) = text.strip_prefix('[') {
        let bracketed = rest.split_once(']').and_then(|(ip, rest)| Some((ip.parse::<Ipv6Addr>().ok()?, rest)));
        return match bracketed {
            Some((ip, "")) => Ok((address(ip.into())?, None)),
            Some((ip, rest)) if rest.starts_with(':') => Ok((address(ip.into())?, Some(port(&rest[1..])?))),
            _ => Err("an IPv6 address with a port is written [2001:db8::1]:8757".to_owned()),
        };
    }
    let (host, port) = match text.split_once(':') {
        Some((_, rest)) if rest.contains(':') => {
            return Err("an IPv6 address with a port is written [2001:db8::1]:8757".to_owned());
        }
        Some((host, digits)) => (host, Some(port(digits)?)),
        None => (text, None),
    };
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok((address(ip)?, port));
    }
    if let Some(c) = host.chars().find(|&c| c.is_whitespace() || "/@?#[]\\\"'<>".contains(c)) {
        return Err(format!("a host name has no {c:?}"));
    }
    Ok((Host::Name(HostName::new(host).map_err(|error| error.to_string())?), port))
}

fn address(ip: IpAddr) -> Result<Host, String> {
    AdvertisedAddress::check_ip(ip).map(Host::Ip).map_err(|error| error.to_string())
}

fn port(digits: &str) -> Result<u16, String> {
    match digits.parse() {
        Ok(port) if port > 0 && digits.bytes().all(|b| b.is_ascii_digit()) => Ok(port),
        _ => Err(format!("the port must be a number from 1 to 65535, not {digits:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read() {
        for (text, host, port) in [
            ("web-1.example", "web-1.example", 8757),
            ("web-1.example:80", "web-1.example", 80),
            ("192.0.2.1", "192.0.2.1", 8757),
            ("192.0.2.1:65535", "192.0.2.1", 65_535),
            ("::1", "::1", 8757),
            ("[::1]", "::1", 8757),
            ("[2001:db8::1]:443", "2001:db8::1", 443),
            ("::ffff:192.0.2.1", "192.0.2.1", 8757),
        ] {
            let read = host_and_port(text).unwrap();
            assert_eq!((read.host.to_string().as_str(), read.port), (host, port), "{text}");
            assert_eq!(host_or_url(text), Ok(read));
        }
    }

    #[test]
    fn urls_are_read() {
        for (text, host, port, scheme, path) in [
            ("http://a", "a", 80, Scheme::Http, "/"),
            ("HTTPS://a", "a", 443, Scheme::Https, "/"),
            ("http://a:8080/x/y?z=1#part", "a", 8080, Scheme::Http, "/x/y?z=1"),
            ("http://a?z", "a", 80, Scheme::Http, "/?z"),
            ("https://[::1]:8443/health", "::1", 8443, Scheme::Https, "/health"),
        ] {
            let read = host_or_url(text).unwrap();
            assert_eq!((read.host.to_string().as_str(), read.port), (host, port), "{text}");
            assert_eq!(read.url, Some((scheme, Endpoint::new(path).unwrap())), "{text}");
        }
    }

    #[test]
    fn what_is_no_target_says_why() {
        for (text, said) in [
            ("", "must not be empty"),
            (":80", "must not be empty"),
            ("a:0", "from 1 to 65535"),
            ("a:65536", "from 1 to 65535"),
            ("a:+1", "from 1 to 65535"),
            ("a:", "from 1 to 65535"),
            ("1::2::3", "written [2001:db8::1]:8757"),
            ("[::1", "written [2001:db8::1]:8757"),
            ("[::1]80", "written [2001:db8::1]:8757"),
            ("[127.0.0.1]:80", "written [2001:db8::1]:8757"),
            ("fe80::1%eth0", "zone"),
            ("a b", "has no ' '"),
            ("a/b", "has no '/'"),
            ("a\u{1b}b", "control characters"),
            ("0.0.0.0", "unspecified"),
            ("224.0.0.1:80", "multicast"),
            ("ftp://a", "must be http or https"),
            ("http://", "must not be empty"),
            ("http://me:secret@a/", "not supported"),
            ("http://a/b c", "percent-encoded"),
        ] {
            let error = host_or_url(text).unwrap_err();
            assert!(error.contains(said) && !error.contains("secret"), "{text:?}: {error}");
        }
        assert!(host_and_port("http://a").unwrap_err().contains("netring probe"));
    }
}
