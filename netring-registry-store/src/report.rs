//! What stands in the hash of reports: when the report came in, in microseconds since 1970, a space, and the report as JSON
//! compressed by zlib (RFC 1950). It names each target again and again, and shrinks to a tenth.

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use netring_core::{InstanceId, MemberReport, ReceivedReport};
use std::io::{self, Read};

/// A report that is longer is none of ours: a registry takes no more than 16 MiB.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// Writes `received` as it is kept.
pub(crate) fn write(received: &ReceivedReport) -> io::Result<Vec<u8>> {
    let head = format!("{} ", received.received_at.as_unix_micros());
    let mut encoder = ZlibEncoder::new(head.into_bytes(), Compression::fast());
    serde_json::to_writer(io::BufWriter::new(&mut encoder), &received.report)?;
    encoder.finish()
}

/// Reads what is kept of the member `id`; `None` where nobody of netring wrote it.
pub(crate) fn read(id: &InstanceId, value: &[u8]) -> Option<ReceivedReport> {
    let space = value.iter().take(32).position(|&byte| byte == b' ')?;
    let received_at = crate::record::time(std::str::from_utf8(&value[..space]).ok()?)?;
    let mut json = Vec::new();
    ZlibDecoder::new(&value[space + 1..]).take(MAX_BYTES + 1).read_to_end(&mut json).ok()?;
    if json.len() as u64 > MAX_BYTES {
        return None;
    }
    let report: MemberReport = serde_json::from_slice(&json).ok()?;
    (report.instance_id == *id).then_some(ReceivedReport { received_at, report })
}

#[cfg(test)]
mod tests {
    use super::*;
    use netring_core::{
        Outcome,
        testing::sample::{NOW, id, report, result},
    };

    #[test]
    fn a_report_comes_back_as_it_was_and_is_small() {
        let results = (0..100).map(|i| result(&format!("member-{i}"), Outcome::Success)).collect();
        let received = ReceivedReport { received_at: NOW, report: report("a", results) };
        let written = write(&received).unwrap();
        assert_eq!(read(&id("a"), &written).unwrap(), received);
        assert!(written.len() * 10 < serde_json::to_vec(&received.report).unwrap().len(), "{}", written.len());
    }

    #[test]
    fn what_somebody_else_wrote_is_no_report() {
        let written = write(&ReceivedReport { received_at: NOW, report: report("a", Vec::new()) }).unwrap();
        assert!(read(&id("b"), &written).is_none(), "somebody else's");
        for value in [&b""[..], b" ", b"hello", b"1 hello", &written[17..], &written[..written.len() / 2]] {
            assert!(read(&id("a"), value).is_none(), "{value:?}");
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let mut encoder = ZlibEncoder::new(b"1 ".to_vec(), Compression::best());
        io::copy(&mut io::repeat(b' ').take(MAX_BYTES + 1), &mut encoder).unwrap();
        let bomb = encoder.finish().unwrap();
        assert!(bomb.len() < 100_000, "{}", bomb.len());
        assert!(read(&id("a"), &bomb).is_none());
    }
}
