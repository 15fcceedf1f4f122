use crate::support::{enter_namespace, write_sysctl};
use netring_core::{
    Prober,
    testing::{TargetFixture, net},
};
use netring_probes::{BurstSettings, IcmpProber, IcmpSocket};
use std::{cell::Cell, net::SocketAddr, sync::Arc};

pub(crate) const GOOD: &str = "127.0.0.1";
pub(crate) const UNREACHABLE: &str = "127.0.0.9";
pub(crate) const SILENT: &str = "127.0.0.8";

/// Puts this thread into a network where some addresses answer, if it is not there yet.
pub(crate) fn enter(socket: IcmpSocket) {
    thread_local!(static ENTERED: Cell<bool> = const { Cell::new(false) });
    if ENTERED.replace(true) {
        return;
    }
    enter_namespace(&[
        "nft add table inet router",
        "nft add chain inet router in { type filter hook input priority 0 ; }",
        "nft add rule inet router in ip daddr 127.0.0.8 icmp type echo-request drop",
        "nft add rule inet router in ip daddr 127.0.0.9 icmp type echo-request reject with icmp type host-unreachable",
    ]);
    let groups = match socket {
        IcmpSocket::Ping => "0 2147483647",
        IcmpSocket::Raw => "1 0",
    };
    write_sysctl("net/ipv4/ping_group_range", groups);
}

pub(crate) fn target(ip: &str) -> TargetFixture {
    // The port is nobody's: it plays no part.
    TargetFixture { target: net::target(SocketAddr::new(ip.parse().unwrap(), 9)), guard: Box::new(()) }
}

pub(crate) fn prober(socket: IcmpSocket) -> Arc<dyn Prober> {
    enter(socket);
    let prober = IcmpProber::open(BurstSettings::default()).unwrap();
    assert_eq!(prober.socket_kind(), socket);
    Arc::new(prober)
}

macro_rules! conformance_of {
    ($module:ident, $socket:ident) => {
        mod $module {
            use super::*;
            use async_trait::async_trait;
            use netring_core::testing::ProberHarness;

            struct Icmp;

            #[async_trait]
            impl ProberHarness for Icmp {
                fn prober(&self) -> Arc<dyn Prober> {
                    prober(IcmpSocket::$socket)
                }

                async fn good(&self) -> TargetFixture {
                    enter(IcmpSocket::$socket);
                    target(GOOD)
                }

                async fn bad(&self) -> TargetFixture {
                    enter(IcmpSocket::$socket);
                    target(UNREACHABLE)
                }

                async fn silent(&self) -> TargetFixture {
                    enter(IcmpSocket::$socket);
                    target(SILENT)
                }
            }

            netring_core::prober_conformance!(Icmp);
        }
    };
}

conformance_of!(over_ping_sockets, Ping);
conformance_of!(over_raw_sockets, Raw);
