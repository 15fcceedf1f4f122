//! Bodies compressed by gzip (RFC 1952): a report names each target again and again, and shrinks to a tenth.

use std::io;

/// `bytes`, compressed.
pub(crate) fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    use flate2::{Compression, write::GzEncoder};
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 8), Compression::fast());
    io::Write::write_all(&mut encoder, bytes)?;
    encoder.finish()
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
}
