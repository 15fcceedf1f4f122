use axum::{extract::ConnectInfo, http::Extensions};
use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What may be had at once, of which an address gets a part: else a single host could keep all others away.
#[derive(Debug, Clone)]
pub(super) struct Places {
    free: Arc<Semaphore>,
    /// Who holds each place, where it is known.
    holders: Arc<Mutex<Vec<IpAddr>>>,
    of_an_address: usize,
}

/// One of the [`Places`]; it is free again once this is gone.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    _holder: Option<Holder>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// All are taken.
    All,
    /// The address has its part already.
    Address,
}

impl Places {
    /// So many places, of which an address gets `of_an_address`.
    pub(super) fn new(places: usize, of_an_address: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
            holders: Arc::default(),
            of_an_address,
        }
    }

    /// A place for `peer`; where it is not known who that is, any that is free.
    pub(super) fn take(&self, peer: Option<IpAddr>) -> Result<Place, Full> {
        let permit = Arc::clone(&self.free).try_acquire_owned().map_err(|_| Full::All)?;
        let holder = match peer {
            Some(peer) => Some(self.holder(one_host(peer)).ok_or(Full::Address)?),
            None => None,
        };
        Ok(Place { _permit: permit, _holder: holder })
    }

    fn holder(&self, host: IpAddr) -> Option<Holder> {
        let mut list = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        if list.iter().filter(|holder| **holder == host).count() >= self.of_an_address {
            return None;
        }
        list.push(host);
        Some(Holder { holders: Arc::clone(&self.holders), host })
    }
}

/// Who asks. Whoever serves the router may not say.
pub(super) fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip())
}

/// What counts as one address: an IPv4 address, or the /64 that an IPv6 host can move about in at will.
fn one_host(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6((u128::from(ip) >> 64 << 64).into()),
        ip @ IpAddr::V4(_) => ip,
    }
}

#[derive(Debug)]
struct Holder {
    holders: Arc<Mutex<Vec<IpAddr>>>,
    host: IpAddr,
}

impl Drop for Holder {
    fn drop(&mut self) {
        let mut list = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = list.iter().position(|host| *host == self.host) {
            list.swap_remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_gets_its_part() {
        let ip = |ip: &str| Some(ip.parse::<IpAddr>().unwrap());
        for (one, other, same) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("2001:db8::1", "2001:db8::2:3:4:5", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
        ] {
            let places = Places::new(2, 1);
            let held = places.take(ip(one)).unwrap();
            let second = places.take(ip(other));
            assert_eq!(second.as_ref().err().copied(), same.then_some(Full::Address), "{one} {other}");
            drop((held, second));
            assert!(places.take(ip(other)).is_ok(), "it is free again: {one} {other}");
        }
    }

    #[test]
    fn nobody_is_told_apart_where_nobody_is_known_or_there_is_one_place() {
        let places = Places::new(2, 1);
        let held = [places.take(None).unwrap(), places.take(None).unwrap()];
        assert_eq!(places.take(None).unwrap_err(), Full::All);
        drop(held);
        let (one, peer) = (Places::new(1, 1), "192.0.2.1".parse().ok());
        let held = one.take(peer).unwrap();
        assert_eq!(one.take(peer).unwrap_err(), Full::All);
        drop(held);
        assert!(one.take(peer).is_ok());
    }

    #[test]
    fn a_part_may_be_several_places() {
        let [peer, other] = ["192.0.2.1", "192.0.2.2"].map(|ip| ip.parse().ok());
        let places = Places::new(4, 2);
        let mut held = vec![places.take(peer).unwrap(), places.take(peer).unwrap()];
        assert_eq!(places.take(peer).unwrap_err(), Full::Address);
        held.push(places.take(other).unwrap());
        drop(held.remove(0));
        held.push(places.take(peer).unwrap());
        assert_eq!(places.take(peer).unwrap_err(), Full::Address, "one of the two is free, and taken again");
    }
}
