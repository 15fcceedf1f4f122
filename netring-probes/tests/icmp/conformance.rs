use netring_core::{
    Prober,
    testing::{TargetFixture, net},
};
use netring_probes::{BurstSettings, IcmpProber, IcmpSocket};
use netring_testbed::lab::{self, Host};
use nix::unistd::getegid;
use std::{net::SocketAddr, sync::Arc};

pub(crate) const GOOD: &str = "127.0.0.1";
pub(crate) const UNREACHABLE: &str = "127.0.0.9";
pub(crate) const SILENT: &str = "127.0.0.8";

/// Makes a host on which some addresses answer, and which allows this kind of socket.
pub(crate) fn set_up(host: &Host, socket: IcmpSocket) {
    host.command("nft add table inet router");
    host.command("nft add chain inet router in { type filter hook input priority 0 ; }");
    host.command("nft add rule inet router in ip daddr 127.0.0.8 icmp type echo-request drop");
    host.command(
        "nft add rule inet router in ip daddr 127.0.0.9 icmp type echo-request reject with icmp type host-unreachable",
    );
    if socket == IcmpSocket::Ping {
        // Not all groups: a user namespace has one, and takes no other. Without this a new namespace allows nobody.
        let group = getegid();
        host.sysctl("net.ipv4.ping_group_range", &format!("{group} {group}"));
    }
}

pub(crate) fn target(ip: &str) -> TargetFixture {
    // The port is nobody's: it plays no part.
    TargetFixture { target: net::target(SocketAddr::new(ip.parse().unwrap(), 9)), guard: Box::new(()) }
}

pub(crate) fn prober(socket: IcmpSocket) -> Arc<dyn Prober> {
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
                    target(GOOD)
                }

                async fn bad(&self) -> TargetFixture {
                    target(UNREACHABLE)
                }

                async fn silent(&self) -> TargetFixture {
                    target(SILENT)
                }
            }

            fn on_host<T: AsyncFnOnce() + Send + 'static>(case: T) {
                lab::test_on_host(|host| set_up(host, IcmpSocket::$socket), case);
            }

            netring_core::prober_conformance!(Icmp, on_host);
        }
    };
}

conformance_of!(over_ping_sockets, Ping);
conformance_of!(over_raw_sockets, Raw);
