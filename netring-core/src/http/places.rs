use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The tests that may run at once, both ways together: they share the link, and the processor.
#[derive(Debug, Clone)]
pub(super) struct Places {
    free: Arc<Semaphore>,
    /// Who holds places, where it is one place an address.
    holders: Option<Arc<Mutex<Vec<IpAddr>>>>,
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
    /// The address has one already.
    Address,
}

impl Places {
    /// Where there is more than one, an address gets one of them: else a single host could keep all others away.
    pub(super) fn new(places: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
            holders: (places > 1).then(Arc::default),
        }
    }

    /// A place for `peer`; where it is not known who that is, any that is free.
    pub(super) fn take(&self, peer: Option<IpAddr>) -> Result<Place, Full> {
        let permit = Arc::clone(&self.free).try_acquire_owned().map_err(|_| Full::All)?;
        let holder = match (&self.holders, peer) {
            (Some(holders), Some(peer)) => Some(Holder::new(holders, one_host(peer)).ok_or(Full::Address)?),
            _ => None,
        };
        Ok(Place { _permit: permit, _holder: holder })
    }
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

impl Holder {
    fn new(holders: &Arc<Mutex<Vec<IpAddr>>>, host: IpAddr) -> Option<Self> {
        let mut list = holders.lock().unwrap_or_else(PoisonError::into_inner);
        if list.contains(&host) {
            return None;
        }
        list.push(host);
        Some(Self { holders: Arc::clone(holders), host })
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.holders.lock().unwrap_or_else(PoisonError::into_inner).retain(|host| *host != self.host);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_gets_one_place() {
        let ip = |ip: &str| Some(ip.parse::<IpAddr>().unwrap());
        for (one, other, same) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("2001:db8::1", "2001:db8::2:3:4:5", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
        ] {
            let places = Places::new(2);
            let held = places.take(ip(one)).unwrap();
            let second = places.take(ip(other));
            assert_eq!(second.as_ref().err().copied(), same.then_some(Full::Address), "{one} {other}");
            drop((held, second));
            assert!(places.take(ip(other)).is_ok(), "it is free again: {one} {other}");
        }
    }

    #[test]
    fn nobody_is_told_apart_where_nobody_is_known_or_there_is_one_place() {
        let places = Places::new(2);
        let held = [places.take(None).unwrap(), places.take(None).unwrap()];
        assert_eq!(places.take(None).unwrap_err(), Full::All);
        drop(held);
        let (one, peer) = (Places::new(1), "192.0.2.1".parse().ok());
        let held = one.take(peer).unwrap();
        assert_eq!(one.take(peer).unwrap_err(), Full::All);
        drop(held);
        assert!(one.take(peer).is_ok());
    }
}
