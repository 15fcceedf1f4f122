use super::{log::EchoStamp, message::Datagram};

/// What the packets of a burst look like. Bytes in, values out: nothing here touches a socket.
pub(crate) trait Protocol: Send {
    /// The packet `sequence`, which is about to be sent; `realtime` is the system's clock in nanoseconds.
    fn request(&mut self, sequence: u16, realtime: u64) -> &[u8];

    /// What `bytes` are, which arrived as `datagram`.
    fn reply(&self, datagram: &Datagram, bytes: &[u8]) -> Reply;

    /// Whether `quoted`, the start of a packet that could not be delivered, may be one of this burst.
    fn sent(&self, quoted: &[u8]) -> bool;
}

/// What arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A packet of this burst, back again.
    Ours {
        /// Which.
        sequence: u16,
        /// What the target's echo wrote on it.
        echo: Option<EchoStamp>,
    },
    /// Anything else.
    Foreign,
}
