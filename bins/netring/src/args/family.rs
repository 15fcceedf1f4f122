use clap::Args;
use std::net::IpAddr;

/// Which of a name's addresses is taken.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct Family {
    /// Take an IPv4 address of the name
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    ipv4: bool,

    /// Take an IPv6 address of the name
    #[arg(short = '6', long)]
    ipv6: bool,
}

impl Family {
    pub(crate) fn takes(self, ip: IpAddr) -> bool {
        !(self.ipv4 && ip.is_ipv6() || self.ipv6 && ip.is_ipv4())
    }

    /// The family that was asked for.
    pub(crate) fn name(self) -> &'static str {
        match (self.ipv4, self.ipv6) {
            (true, _) => "IPv4",
            (_, true) => "IPv6",
            _ => "IP",
        }
    }
}
