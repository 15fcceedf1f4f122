use crate::model::InvalidValue;
use std::fmt;

/// What a webhook knows its callers by: sent as `Authorization: Bearer …`, and never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken(String);

impl BearerToken {
    /// Most bytes that are taken.
    pub const MAX_BYTES: usize = 4_096;

    /// Checks `token` and takes it.
    ///
    /// # Errors
    /// Where it is empty, too long, or has characters that a header cannot carry (RFC 6750 has letters, digits and some signs).
    /// The error does not tell the token.
    pub fn new(token: impl Into<String>) -> Result<Self, InvalidValue> {
        let token = token.into();
        if !(1..=Self::MAX_BYTES).contains(&token.len()) || !token.bytes().all(|b| b.is_ascii_graphic()) {
            let problem = format!("must be 1 to {} printable ASCII characters without blanks", Self::MAX_BYTES);
            return Err(InvalidValue::new("webhook bearer_token", problem));
        }
        Ok(Self(token))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_checked_and_never_shown() {
        let token = BearerToken::new("s3cr3t.-~+/=").unwrap();
        assert_eq!(format!("{token:?}"), "BearerToken(***)");
        for bad in ["", "s3cr3t ", "s3cr3t\n", "s3cr3t\u{e4}", &"s3cr3t".repeat(1_000)] {
            let error = BearerToken::new(bad).expect_err("bad");
            assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error}");
        }
    }
}
