//! The packets of the UDP echo. All numbers are big-endian; the whole header has [`HEADER`] bytes:
//!
//! | bytes | what |
//! |---|---|
//! | 0 to 3 | `NRUE` |
//! | 4 | the version, 1 |
//! | 5 | 1 for a request, 2 for a reply |
//! | 6, 7 | 0 |
//! | 8 to 15 | the session: a random number, one for each burst |
//! | 16 to 19 | the sequence number within the burst, from 0 |
//! | 20 to 23 | in a reply, how many different packets of this session the echo has got |
//! | 24 to 31 | the sender's time in nanoseconds since the Unix epoch, which comes back as it was; only with a key it matters |
//! | 32 to 39 | in a reply, when the request arrived, by the echo's clock in nanoseconds |
//! | 40 to 47 | in a reply, when it was sent, by the same clock |
//! | 48 to 63 | where the ring has a key, the first 16 bytes of an HMAC-SHA-256 of everything else; or 0 |
//!
//! Padding follows. A reply is exactly as long as its request. The echo's count and its two times are an idea of STAMP's
//! (RFC 8762), whose stateful reflector numbers what it sends.

use super::RingKey;
use crate::burst::{BurstSettings, EchoStamp};
use hmac::Mac;

/// Bytes of the header, and the fewest that a packet has.
pub(super) const HEADER: usize = BurstSettings::MIN_PAYLOAD_BYTES as usize;
/// The most that a packet has.
pub(super) const MAX: usize = BurstSettings::MAX_PAYLOAD_BYTES as usize;

const MAGIC: [u8; 4] = *b"NRUE";
const VERSION: u8 = 1;
const REQUEST: u8 = 1;
const REPLY: u8 = 2;
/// Where the tag is.
const TAG: std::ops::Range<usize> = 48..HEADER;

/// What a request says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) session: u64,
    pub(super) sequence: u16,
    pub(super) sent_at: u64,
}

impl Request {
    /// How old a request with a key may be, or how far ahead, by the clocks of its sender and of the echo, in nanoseconds.
    const STALE: u64 = 10 * 60 * 1_000_000_000;

    /// Whether it was sent long before `now`, or long after.
    pub(super) const fn is_stale(&self, now: u64) -> bool {
        self.sent_at.abs_diff(now) > Self::STALE
    }
}

/// What a reply says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) session: u64,
    pub(super) sequence: u16,
    pub(super) echo: EchoStamp,
}

/// Why bytes are not taken for a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// They are not of this format, or not of the kind that is awaited.
    Malformed,
    /// Whoever made them has not the key of the ring.
    Unauthenticated,
}

/// Writes a request over the start of `packet`, and its tag.
pub(super) fn write_request(packet: &mut [u8], request: &Request, key: Option<&RingKey>) {
    let echo = EchoStamp { received_at: 0, sent_at: 0, count: 0 };
    write(packet, REQUEST, request, &echo, key);
}

/// Makes `packet`, which is `request`, the reply to it.
pub(super) fn write_reply(packet: &mut [u8], request: &Request, echo: &EchoStamp, key: Option<&RingKey>) {
    write(packet, REPLY, request, echo, key);
}

fn write(packet: &mut [u8], kind: u8, request: &Request, echo: &EchoStamp, key: Option<&RingKey>) {
    let mut header = [0; HEADER];
    let fields: [&[u8]; 8] = [
        &MAGIC,
        &[VERSION, kind, 0, 0],
        &request.session.to_be_bytes(),
        &u32::from(request.sequence).to_be_bytes(),
        &echo.count.to_be_bytes(),
        &request.sent_at.to_be_bytes(),
        &echo.received_at.to_be_bytes(),
        &echo.sent_at.to_be_bytes(),
    ];
    for (to, from) in header.iter_mut().zip(fields.into_iter().flatten()) {
        *to = *from;
    }
    let Some((start, padding)) = packet.split_first_chunk_mut::<HEADER>() else { return };
    *start = header;
    if let Some(key) = key {
        let tag = mac(key, start, padding).finalize().into_bytes();
        for (to, from) in start[TAG].iter_mut().zip(tag) {
            *to = from;
        }
    }
}

/// Reads a request.
pub(super) fn read_request(packet: &[u8], key: Option<&RingKey>) -> Result<Request, Refused> {
    let (request, echo) = read(packet, REQUEST, key)?;
    let blank = EchoStamp { received_at: 0, sent_at: 0, count: 0 };
    if echo == blank { Ok(request) } else { Err(Refused::Malformed) }
}

/// Reads a reply.
pub(super) fn read_reply(packet: &[u8], key: Option<&RingKey>) -> Result<Reply, Refused> {
    let (Request { session, sequence, .. }, echo) = read(packet, REPLY, key)?;
    Ok(Reply { session, sequence, echo })
}

fn read(packet: &[u8], kind: u8, key: Option<&RingKey>) -> Result<(Request, EchoStamp), Refused> {
    let (header, padding) = packet.split_first_chunk::<HEADER>().ok_or(Refused::Malformed)?;
    let [magic @ .., version, found, 0, 0] = *header.first_chunk::<8>().ok_or(Refused::Malformed)? else {
        return Err(Refused::Malformed);
    };
    if (magic, version, found) != (MAGIC, VERSION, kind) || packet.len() > MAX {
        return Err(Refused::Malformed);
    }
    let sequence = u16::try_from(u32::from_be_bytes(field(header, 16)?)).map_err(|_| Refused::Malformed)?;
    if sequence >= BurstSettings::MAX_PACKETS {
        return Err(Refused::Malformed);
    }
    match key {
        // It takes the same time whatever the tag is.
        Some(key) => {
            mac(key, header, padding).verify_truncated_left(&header[TAG]).map_err(|_| Refused::Unauthenticated)?;
        }
        None if header[TAG].iter().any(|&byte| byte != 0) => return Err(Refused::Unauthenticated),
        None => {}
    }
    let session = u64::from_be_bytes(field(header, 8)?);
    let request = Request { session, sequence, sent_at: u64::from_be_bytes(field(header, 24)?) };
    let echo = EchoStamp {
        count: u32::from_be_bytes(field(header, 20)?),
        received_at: u64::from_be_bytes(field(header, 32)?),
        sent_at: u64::from_be_bytes(field(header, 40)?),
    };
    Ok((request, echo))
}

/// The `N` bytes from `start` on.
fn field<const N: usize>(header: &[u8; HEADER], start: usize) -> Result<[u8; N], Refused> {
    header.get(start..).and_then(|rest| rest.first_chunk()).copied().ok_or(Refused::Malformed)
}

/// The HMAC of everything but the tag.
fn mac(key: &RingKey, header: &[u8; HEADER], padding: &[u8]) -> hmac::Hmac<sha2::Sha256> {
    key.mac().chain_update(&header[..TAG.start]).chain_update(padding)
}

#[cfg(test)]
mod tests;
