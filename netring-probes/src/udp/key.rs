use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::{fmt, str::FromStr};

/// The secret that the members of a ring share: an echo with a key answers only packets that were made with it.
///
/// ```
/// let key: netring_probes::RingKey = "correct horse battery staple".parse()?;
/// assert_eq!(format!("{key:?}"), "RingKey(..)");
/// # Ok::<(), netring_probes::InvalidRingKey>(())
/// ```
#[derive(Clone)]
pub struct RingKey(Hmac<Sha256>);

impl RingKey {
    /// Fewest bytes of a key.
    pub const MIN_BYTES: usize = 16;
    /// Most bytes of a key.
    pub const MAX_BYTES: usize = 1_024;

    /// The key that `text` is, byte by byte.
    ///
    /// # Errors
    /// Where it is too short to be a secret, or too long.
    pub fn new(text: &str) -> Result<Self, InvalidRingKey> {
        if !(Self::MIN_BYTES..=Self::MAX_BYTES).contains(&text.len()) {
            return Err(InvalidRingKey { bytes: text.len() });
        }
        Hmac::new_from_slice(text.as_bytes()).map(Self).map_err(|_| InvalidRingKey { bytes: text.len() })
    }

    /// An HMAC-SHA-256 (RFC 2104) with this key, of nothing yet.
    pub(super) fn mac(&self) -> Hmac<Sha256> {
        self.0.clone()
    }
}

impl FromStr for RingKey {
    type Err = InvalidRingKey;
    fn from_str(text: &str) -> Result<Self, InvalidRingKey> {
        Self::new(text)
    }
}

impl fmt::Debug for RingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RingKey(..)")
    }
}

/// A text that cannot be a [`RingKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key of a ring has from {} to {} bytes, this one has {bytes}", RingKey::MIN_BYTES, RingKey::MAX_BYTES)]
pub struct InvalidRingKey {
    bytes: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_16_bytes_or_more() {
        for (bytes, good) in [(0, false), (15, false), (16, true), (1_024, true), (1_025, false)] {
            assert_eq!(RingKey::new(&"k".repeat(bytes)).is_ok(), good, "{bytes}");
        }
        let error = RingKey::new("hunter2").unwrap_err().to_string();
        assert_eq!(error, "the key of a ring has from 16 to 1024 bytes, this one has 7");
    }
}
