use std::{fmt, ops::RangeInclusive, str::FromStr, sync::Arc};

/// Which HTTP statuses are a good answer: a list such as `2xx, 304, 400-404`. By default `2xx, 3xx`.
///
/// ```
/// use netring_probes::ExpectedStatuses;
///
/// let expected: ExpectedStatuses = "2xx, 401".parse()?;
/// assert!(expected.contains(204) && expected.contains(401) && !expected.contains(503));
/// assert_eq!(ExpectedStatuses::default().to_string(), "2xx, 3xx");
/// # Ok::<(), netring_probes::InvalidStatuses>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExpectedStatuses(Arc<[RangeInclusive<u16>]>);

impl ExpectedStatuses {
    /// Every status there is (RFC 9110, section 15).
    const ALL: RangeInclusive<u16> = 100..=599;

    /// Whether `status` is a good answer.
    #[must_use]
    pub fn contains(&self, status: u16) -> bool {
        self.0.iter().any(|range| range.contains(&status))
    }
}

impl Default for ExpectedStatuses {
    fn default() -> Self {
        Self(Arc::new([200..=299, 300..=399]))
    }
}

impl FromStr for ExpectedStatuses {
    type Err = InvalidStatuses;

    /// Takes a list with commas of statuses (`204`), classes (`2xx`) and ranges with both ends in them (`200-399`).
    fn from_str(list: &str) -> Result<Self, InvalidStatuses> {
        if list.trim().is_empty() {
            return Err(InvalidStatuses::Empty);
        }
        list.split(',').map(|item| range(item.trim())).collect::<Result<_, _>>().map(Self)
    }
}

fn range(item: &str) -> Result<RangeInclusive<u16>, InvalidStatuses> {
    if let [class @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] = item.as_bytes() {
        let first = u16::from(class - b'0') * 100;
        return Ok(first..=first + 99);
    }
    let (first, last) = item.split_once('-').unwrap_or((item, item));
    let status = |text: &str| match text.trim() {
        digits if digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse::<u16>().ok(),
        _ => None,
    };
    let (Some(first), Some(last)) = (status(first), status(last)) else {
        return Err(InvalidStatuses::NoStatus(item.to_owned()));
    };
    if let Some(outside) = [first, last].into_iter().find(|status| !ExpectedStatuses::ALL.contains(status)) {
        return Err(InvalidStatuses::OutOfRange(outside));
    }
    if first > last {
        return Err(InvalidStatuses::Backwards(first, last));
    }
    Ok(first..=last)
}

impl fmt::Display for ExpectedStatuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.0.iter().enumerate() {
            let (first, last) = (*range.start(), *range.end());
            f.write_str(if index == 0 { "" } else { ", " })?;
            match (first % 100, last - first) {
                (0, 99) => write!(f, "{}xx", first / 100)?,
                (_, 0) => write!(f, "{first}")?,
                _ => write!(f, "{first}-{last}")?,
            }
        }
        Ok(())
    }
}

/// A list of expected statuses that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidStatuses {
    /// Nothing would be expected.
    #[error("the expected statuses must name at least one, such as 2xx")]
    Empty,
    /// An item is none of the three forms.
    #[error("{0:?} is no expected status: write 204, 2xx or 200-399")]
    NoStatus(String),
    /// A number is no HTTP status.
    #[error("{0} is no HTTP status: they go from 100 to 599")]
    OutOfRange(u16),
    /// A range ends before it starts.
    #[error("the expected statuses {0}-{1} go backwards")]
    Backwards(u16, u16),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_and_written() {
        for (list, written, good, bad) in [
            ("2xx", "2xx", &[200, 299][..], &[199, 300][..]),
            ("204", "204", &[204], &[200, 203, 205]),
            ("200-399", "200-399", &[200, 301, 399], &[199, 400]),
            ("200-299", "2xx", &[200], &[300]),
            (" 2XX ,301 - 302,404", "2xx, 301-302, 404", &[250, 301, 302, 404], &[300, 303, 403, 405]),
            ("100-599", "100-599", &[100, 599], &[99, 600, 0, 999]),
            ("101,5xx", "101, 5xx", &[101, 500, 599], &[100, 200]),
        ] {
            let statuses: ExpectedStatuses = list.parse().unwrap();
            assert_eq!(statuses.to_string(), written, "{list:?}");
            assert_eq!(written.parse(), Ok(statuses.clone()), "{list:?}");
            assert!(good.iter().all(|&status| statuses.contains(status)), "{list:?}");
            assert!(!bad.iter().any(|&status| statuses.contains(status)), "{list:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (list, said) in [
            ("", "the expected statuses must name at least one, such as 2xx"),
            (" ", "the expected statuses must name at least one, such as 2xx"),
            ("2xx,", "\"\" is no expected status: write 204, 2xx or 200-399"),
            ("ok", "\"ok\" is no expected status: write 204, 2xx or 200-399"),
            ("6xx", "\"6xx\" is no expected status: write 204, 2xx or 200-399"),
            ("+200", "\"+200\" is no expected status: write 204, 2xx or 200-399"),
            ("200-", "\"200-\" is no expected status: write 204, 2xx or 200-399"),
            ("2xx-3xx", "\"2xx-3xx\" is no expected status: write 204, 2xx or 200-399"),
            ("99999", "\"99999\" is no expected status: write 204, 2xx or 200-399"),
            ("600", "600 is no HTTP status: they go from 100 to 599"),
            ("099", "99 is no HTTP status: they go from 100 to 599"),
            ("399-200", "the expected statuses 399-200 go backwards"),
        ] {
            assert_eq!(list.parse::<ExpectedStatuses>().unwrap_err().to_string(), said, "{list:?}");
        }
    }
}
