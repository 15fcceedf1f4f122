//! An echo over UDP in a host of the lab, and who asks it.

use netring_testbed::{PATIENCE, lab::Host};
use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// An echo over UDP at `address` of `host`.
pub(crate) async fn echo(host: &Host, address: IpAddr) -> SocketAddr {
    host.run(async move || {
        let socket = tokio::net::UdpSocket::bind((address, 0)).await.unwrap();
        let bound = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 2048];
            loop {
                let (length, peer) = socket.recv_from(&mut buffer).await.unwrap();
                socket.send_to(&buffer[..length], peer).await.unwrap();
            }
        });
        bound
    })
    .await
}

/// Any port of any address of the family of `address`.
pub(crate) fn unspecified(address: SocketAddr) -> SocketAddr {
    if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" }.parse().unwrap()
}

/// The round trips of `count` packets to an echo, one after another, each of which has to be answered.
pub(crate) async fn round_trips(host: &Host, target: SocketAddr, count: u32) -> Vec<Duration> {
    host.run(async move || {
        let socket = tokio::net::UdpSocket::bind(unspecified(target)).await.unwrap();
        socket.connect(target).await.unwrap();
        let mut trips = Vec::new();
        for number in 0..count {
            let begun = Instant::now();
            socket.send(&number.to_be_bytes()).await.unwrap();
            let mut buffer = [0; 4];
            timeout(PATIENCE, socket.recv(&mut buffer)).await.expect("an answer").unwrap();
            trips.push(begun.elapsed());
            assert_eq!(buffer, number.to_be_bytes());
        }
        trips
    })
    .await
}
