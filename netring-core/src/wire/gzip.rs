//! Bodies compressed by gzip (RFC 1952): a report names each target again and again, and shrinks to a tenth.

use std::io;

/// `bytes`, compressed.
pub(crate) fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    use flate2::{Compression, write::GzEncoder};
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 8), Compression::fast());
    io::Write::write_all(&mut encoder, bytes)?;
    encoder.finish()
}

/// The concatenation of `parts`, compressed by several cores: parts of one gzip member (RFC 1952, section 2.2), for many
/// programs read only the first of several. It blocks.
#[cfg(feature = "http")]
pub(crate) fn gzip_parts<T: AsRef<[u8]> + Sync>(parts: &[T]) -> io::Result<Vec<Vec<u8>>> {
    use flate2::{Compress, Compression, Crc, FlushCompress};
    /// What a sync flush ends with: an empty stored block (RFC 1951, section 3.2.4).
    const FLUSHED: [u8; 4] = [0, 0, 0xff, 0xff];
    /// A flush that finds nothing to write takes at most so many bytes: an empty block, and that one.
    const NOTHING: usize = 8;
    let compressed = crate::parallel::map(parts, |part| -> io::Result<_> {
        let part = part.as_ref();
        let mut crc = Crc::new();
        crc.update(part);
        if part.is_empty() {
            return Ok((Vec::new(), crc));
        }
        let mut deflate = Compress::new(Compression::fast(), false);
        let mut out = Vec::with_capacity(part.len() / 8 + 64);
        // One flush may leave something behind, and does not tell: it is over when another one finds nothing.
        loop {
            let before = out.len();
            let taken = usize::try_from(deflate.total_in()).unwrap_or(usize::MAX);
            let rest = part.get(taken..).unwrap_or_default();
            deflate.compress_vec(rest, &mut out, FlushCompress::Sync)?;
            if rest.is_empty() && out.len() < out.capacity() && out.len() - before <= NOTHING {
                if out.ends_with(&FLUSHED) {
                    return Ok((out, crc));
                } else if out.len() == before {
                    return Err(io::Error::other("the compressor does not end its block"));
                }
            }
            out.reserve(part.len() / 8 + 64);
        }
    });
    // No name, no time, made by whatever system.
    let mut whole = vec![vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff]];
    let mut crc = Crc::new();
    for part in compressed {
        let (part, of_part): (Vec<u8>, Crc) = part?;
        crc.combine(&of_part);
        whole.push(part);
    }
    // An empty last block, the check sum, and the length modulo 2^32, which is what `amount` counts.
    let mut tail = vec![3, 0];
    tail.extend(crc.sum().to_le_bytes());
    tail.extend(crc.amount().to_le_bytes());
    whole.push(tail);
    Ok(whole)
}

/// What `bytes` were before they were compressed, or `None` where that is more than `limit` bytes: a few compressed
/// bytes may stand for any number.
pub(crate) fn gunzip(bytes: &[u8], limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    let decoder = flate2::read::GzDecoder::new(bytes);
    io::Read::read_to_end(&mut io::Read::take(decoder, limit as u64 + 1), &mut body)?;
    Ok((body.len() <= limit).then_some(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_comes_back_and_no_more_of_it_than_allowed() {
        let bytes = b"netring ".repeat(1_000);
        let compressed = gzip(&bytes).unwrap();
        assert!(compressed.len() < bytes.len() / 10, "{}", compressed.len());
        assert_eq!(gunzip(&compressed, bytes.len()).unwrap().as_ref(), Some(&bytes));
        assert_eq!(gunzip(&compressed, bytes.len() - 1).unwrap(), None);
        assert!(gunzip(b"no gzip", 100).is_err());
        assert!(gunzip(&compressed[..compressed.len() / 2], bytes.len()).is_err());
    }

    #[cfg(feature = "http")]
    proptest::proptest! {
        #[test]
        fn parts_are_one_body(
            parts in proptest::collection::vec((0_usize..70_000, proptest::bool::ANY, proptest::num::u64::ANY), 0..6),
        ) {
            // Some shrinks, and some does not.
            let part = |&(length, random, seed): &(usize, bool, u64)| {
                let mut random = random.then(|| fastrand::Rng::with_seed(seed));
                (0..length).map(|i| random.as_mut().map_or((i % 7) as u8, |random| random.u8(..))).collect::<Vec<u8>>()
            };
            let parts: Vec<_> = parts.iter().map(part).collect();
            let compressed = gzip_parts(&parts).unwrap().concat();
            let whole = parts.concat();
            proptest::prop_assert!(gunzip(&compressed, whole.len()).unwrap() == Some(whole));
        }
    }
}
