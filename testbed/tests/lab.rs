//! The lab itself: what a link is asked to do, it does.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod udp;

use netring_testbed::{
    PATIENCE, eventually,
    lab::{self, Counts, Host, Lab, LinkSpec, Loss},
};
use nix::{
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::socket::{ControlMessageOwned, MsgFlags, SockaddrIn, SockaddrIn6, recvmsg, setsockopt, sockopt},
};
use std::{
    io::{IoSliceMut, Read},
    net::{IpAddr, SocketAddr, UdpSocket},
    os::fd::{AsFd, AsRawFd},
    thread,
    time::{Duration, Instant},
};
use udp::{echo, round_trips, unspecified};

const MS: Duration = Duration::from_millis(1);

/// Sends `count` packets from one host to the other, and gives the numbers of those that arrive. The last one has to.
async fn arrivals(from: &Host, to: &Host, address: IpAddr, count: u32) -> Vec<u32> {
    let receiver = to.call(move || UdpSocket::bind((address, 0)).unwrap());
    let target = receiver.local_addr().unwrap();
    from.call(move || {
        let socket = UdpSocket::bind(unspecified(target)).unwrap();
        (0..count).for_each(|number| assert_eq!(socket.send_to(&number.to_be_bytes(), target).unwrap(), 4));
    });
    receiver.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut arrived = Vec::new();
    while arrived.last() != Some(&(count - 1)) {
        let mut buffer = [0; 4];
        receiver.recv(&mut buffer).unwrap();
        arrived.push(u32::from_be_bytes(buffer));
    }
    arrived
}

#[test]
fn a_round_trip_takes_twice_the_delay() {
    lab::test(async || {
        let mut lab = Lab::new();
        let (a, b) = (lab.host("a"), lab.host("b"));
        let link = lab.link(&a, &b, &LinkSpec::delayed(10 * MS));
        for address in link.addresses(&b).all() {
            link.forget();
            let trips = round_trips(&a, echo(&b, address).await, 20).await;
            let best = *trips.iter().min().unwrap();
            assert!(best >= 20 * MS, "{trips:?}");
            // One of twenty finds the machine awake.
            assert!(best < 30 * MS, "{trips:?}");
            let (there, back) = (link.holds_towards(&b), link.holds_towards(&a));
            assert_eq!((there.count(), back.count()), (20, 20));
            assert!(there.min().unwrap() >= 10 * MS && back.min().unwrap() >= 10 * MS, "{there:?} {back:?}");
            for (trip, (there, back)) in trips.iter().zip(there.latest().iter().zip(back.latest())) {
                assert!(*trip >= 20 * MS && *there + back >= 20 * MS, "{trip:?} {there:?} {back:?}");
            }
        }
        link.set_delay(25 * MS);
        let trips = round_trips(&a, echo(&b, link.addresses(&b).v4.into()).await, 3).await;
        assert!(trips.iter().all(|trip| *trip >= 50 * MS), "{trips:?}");
    });
}

#[test]
fn a_link_loses_exactly_what_it_is_told_to() {
    lab::test(async || {
        let mut lab = Lab::new();
        let (a, b) = (lab.host("a"), lab.host("b"));
        let link = lab.link(&a, &b, &LinkSpec::programmed());
        for address in link.addresses(&b).all() {
            link.forget();
            link.set_loss(&Loss::EveryNth(3));
            assert_eq!(arrivals(&a, &b, address, 8).await, [0, 1, 3, 4, 6, 7]);
            let lost = Counts { arrived: 8, delivered: 6, lost: 2, ..Counts::default() };
            assert_eq!((link.counts_towards(&b), link.counts_towards(&a)), (lost, Counts::default()));

            link.set_loss_towards(&b, Loss::Pattern(vec![true, false, false, true, false]));
            assert_eq!(arrivals(&a, &b, address, 10).await, [1, 2, 4, 6, 7, 9]);
            // The other direction has the loss it had before.
            let back = link.addresses(&a).all().into_iter().find(|back| back.is_ipv4() == address.is_ipv4()).unwrap();
            assert_eq!(arrivals(&b, &a, back, 4).await, [0, 1, 3]);
        }
        link.set_loss(&Loss::None);
        assert_eq!(arrivals(&a, &b, link.addresses(&b).v4.into(), 100).await, Vec::from_iter(0..100));
    });
}

#[test]
fn a_link_that_is_cut_carries_nothing_until_it_is_mended() {
    lab::test(async || {
        let mut lab = Lab::new();
        let (a, b) = (lab.host("a"), lab.host("b"));
        let link = lab.link(&a, &b, &LinkSpec::programmed());
        let target = echo(&b, link.addresses(&b).v4.into()).await;
        link.set_down();
        let socket = a.call(move || UdpSocket::bind(unspecified(target)).unwrap());
        socket.send_to(b"lost", target).unwrap();
        eventually("the packet at the link", async || (link.counts_towards(&b).cut == 1).then_some(())).await;
        link.set_up();
        assert_eq!(round_trips(&a, target, 3).await.len(), 3);
        let counts = link.counts_towards(&b);
        assert_eq!(counts, Counts { arrived: 4, delivered: 3, cut: 1, ..Counts::default() });
    });
}

/// The router that says that a packet to `target` with this TTL has died.
fn refuser(target: SocketAddr, ttl: u8) -> IpAddr {
    let socket = UdpSocket::bind(unspecified(target)).unwrap();
    if target.is_ipv4() {
        setsockopt(&socket, sockopt::Ipv4RecvErr, &true).unwrap();
        setsockopt(&socket, sockopt::Ipv4Ttl, &i32::from(ttl)).unwrap();
    } else {
        setsockopt(&socket, sockopt::Ipv6RecvErr, &true).unwrap();
        setsockopt(&socket, sockopt::Ipv6Ttl, &i32::from(ttl)).unwrap();
    }
    socket.send_to(b"dies", target).unwrap();
    let mut waited = [PollFd::new(socket.as_fd(), PollFlags::empty())];
    let came = poll(&mut waited, PollTimeout::try_from(PATIENCE).unwrap()).unwrap();
    assert_eq!(came, 1, "no ICMP error for ttl {ttl} to {target}");
    let mut data = [0; 64];
    let mut parts = [IoSliceMut::new(&mut data)];
    let mut control = nix::cmsg_space!(nix::libc::sock_extended_err, nix::libc::sockaddr_in6);
    let flags = MsgFlags::MSG_ERRQUEUE;
    if target.is_ipv4() {
        let message = recvmsg::<SockaddrIn>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags).unwrap();
        match message.cmsgs().unwrap().next() {
            Some(ControlMessageOwned::Ipv4RecvErr(error, Some(from))) => {
                assert_eq!((error.ee_type, error.ee_code), (11, 0));
                SockaddrIn::from(from).ip().into()
            }
            other => panic!("{other:?}"),
        }
    } else {
        let message = recvmsg::<SockaddrIn6>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags).unwrap();
        match message.cmsgs().unwrap().next() {
            Some(ControlMessageOwned::Ipv6RecvErr(error, Some(from))) => {
                assert_eq!((error.ee_type, error.ee_code), (3, 0));
                SockaddrIn6::from(from).ip().into()
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn three_routers_forward_and_say_where_a_packet_dies() {
    lab::test(async || {
        let mut lab = Lab::new();
        let (a, b) = (lab.host("a"), lab.host("b"));
        let routers = [lab.router("r1"), lab.router("r2"), lab.router("r3")];
        let [r1, r2, r3] = &routers;
        let links = [
            lab.link(&a, r1, &LinkSpec::default()),
            lab.link(r1, r2, &LinkSpec::delayed(MS)),
            lab.link(r2, r3, &LinkSpec::programmed()),
            lab.link(r3, &b, &LinkSpec::default()),
        ];
        lab.route_all();
        for address in links[3].addresses(&b).all() {
            let target = echo(&b, address).await;
            round_trips(&a, target, 3).await;
            for (ttl, (router, link)) in (1..).zip(routers.iter().zip(&links)) {
                // Many at once, so that a limit on errors would show.
                for _ in 0..20 {
                    let from = a.call(move || refuser(target, ttl));
                    assert!(link.addresses(router).all().contains(&from), "ttl {ttl}: {from}");
                }
            }
        }
    });
}

#[test]
fn a_route_of_ones_own_goes_before_the_shortest() {
    lab::test(async || {
        let mut lab = Lab::new();
        let (a, b) = (lab.host("a"), lab.host("b"));
        let (r1, r2) = (lab.router("r1"), lab.router("r2"));
        let [first, second] = [&r1, &r2].map(|router| lab.link(&a, router, &LinkSpec::programmed()));
        let last = lab.link(&r1, &b, &LinkSpec::default());
        lab.link(&r2, &b, &LinkSpec::default());
        lab.route_all();
        let target = last.addresses(&b).v4;
        let echo = echo(&b, target.into()).await;
        round_trips(&a, echo, 2).await;
        assert_eq!([first.counts_towards(&r1).delivered, second.counts_towards(&r2).delivered], [2, 0]);
        lab.route(&a, (target.into(), 32), &second);
        round_trips(&a, echo, 3).await;
        assert_eq!([first.counts_towards(&r1).delivered, second.counts_towards(&r2).delivered], [2, 3]);
    });
}

/// Sends over TCP for a second, and gives the bits a second at which they arrived.
async fn throughput(from: &Host, to: &Host, address: IpAddr) -> f64 {
    let listener = to.call(move || std::net::TcpListener::bind((address, 0)).unwrap());
    let target = listener.local_addr().unwrap();
    let receiving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut buffer = vec![0; 1 << 16];
        let begun = Instant::now();
        let mut bytes = 0;
        while begun.elapsed() < Duration::from_secs(1) {
            bytes += stream.read(&mut buffer).unwrap();
        }
        bytes as f64 * 8.0 / begun.elapsed().as_secs_f64()
    });
    from.run(async move || {
        let mut stream = tokio::net::TcpStream::connect(target).await.unwrap();
        let block = vec![0; 1 << 16];
        // Until the receiver has seen enough and closes.
        while tokio::io::AsyncWriteExt::write_all(&mut stream, &block).await.is_ok() {}
    })
    .await;
    receiving.join().unwrap()
}

#[test]
fn a_rate_bounds_what_a_link_carries() {
    lab::test(async || {
        let mut lab = Lab::new();
        let (a, b) = (lab.host("a"), lab.host("b"));
        let rate = 20_000_000;
        let plain = LinkSpec { rate: Some(rate), ..LinkSpec::default() };
        let delayed = LinkSpec { rate: Some(rate), ..LinkSpec::delayed(5 * MS) };
        for spec in [plain, delayed] {
            let link = lab.link(&a, &b, &spec);
            for address in link.addresses(&b).all() {
                let measured = throughput(&a, &b, address).await;
                assert!(measured < rate as f64, "{measured} bits a second, {spec:?}");
                // TCP fills most of it; a busy machine less.
                assert!(measured > rate as f64 / 4.0, "{measured} bits a second, {spec:?}");
            }
        }
    });
}
