use serde::{Deserialize, Deserializer, de::Error};

/// Which packets something happens to: in a file `x` for one that it happens to and `.` for one that it does not, from the
/// first packet on, and from the start again at the end. `..x` is every third.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<bool>);

impl Pattern {
    /// Whether it happens to the packet of that number, counted from zero.
    #[must_use]
    pub fn holds(&self, number: u64) -> bool {
        let length = self.0.len() as u64;
        number.checked_rem(length).and_then(|at| self.0.get(usize::try_from(at).ok()?)).copied().unwrap_or(false)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let marks = text.chars().map(|mark| match mark {
            'x' => Ok(true),
            '.' => Ok(false),
            other => Err(D::Error::custom(format!("a pattern is of `x` and `.`, and has no `{other}`"))),
        });
        let marks: Vec<_> = marks.collect::<Result<_, _>>()?;
        if marks.is_empty() {
            return Err(D::Error::custom("a pattern has at least one `x` or `.`"));
        }
        Ok(Self(marks))
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_pattern_starts_again_at_its_end() {
        let pattern: Pattern = serde_saphyr::from_str("..x").unwrap();
        let held: Vec<_> = (0..7).map(|number| pattern.holds(number)).collect();
        assert_eq!(held, [false, false, true, false, false, true, false]);
    }

    #[test]
    fn other_letters_and_none_are_refused() {
        for text in ["..y", "\"\""] {
            serde_saphyr::from_str::<Pattern>(text).unwrap_err();
        }
    }
}
