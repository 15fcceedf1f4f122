//! What stands in the sorted set of events, each by its id: `7 1700000000000000 {"kind":"joined",…}`. That is the id, when it was
//! noticed, in microseconds since 1970, and what happened. By the id no two are the same text.

use netring_core::{
    Timestamp,
    analysis::{Occurrence, RingEvent},
};

/// An event as a script takes it: without the id, which only the script knows.
pub(crate) fn write(at: Timestamp, what: &Occurrence) -> serde_json::Result<Vec<u8>> {
    let mut written = format!("{} ", at.as_unix_micros()).into_bytes();
    serde_json::to_writer(&mut written, what)?;
    Ok(written)
}

/// The event that is kept under the score `id`; `None` where nobody of netring wrote it.
pub(crate) fn read(id: u64, value: &[u8]) -> Option<RingEvent> {
    let mut parts = std::str::from_utf8(value).ok()?.splitn(3, ' ');
    if parts.next()?.parse() != Ok(id) {
        return None;
    }
    let at = crate::record::time(parts.next()?)?;
    Some(RingEvent { id, at, what: serde_json::from_str(parts.next()?).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use netring_core::{
        Location,
        analysis::Whose,
        testing::sample::{NOW, id},
    };

    #[test]
    fn what_somebody_else_wrote_is_no_event() {
        let what = Occurrence::Joined(Whose { instance_id: id("a"), location: Location::new("eu1").unwrap() });
        let written = [b"7 ", &*write(NOW, &what).unwrap()].concat();
        assert_eq!(read(7, &written), Some(RingEvent { id: 7, at: NOW, what }));
        assert_eq!(read(8, &written), None, "under another id");
        for value in [&b""[..], b"7", b"7 ", b"7 1", b"7 1 ", b"7 1 {}", b"7 x {}", b"hello", b"7 \xff", &written[1..]]
        {
            assert_eq!(read(7, value), None, "{value:?}");
        }
        for end in 0..written.len() {
            assert_eq!(read(7, &written[..end]), None, "{end}");
        }
    }
}
