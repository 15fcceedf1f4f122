//! What to make of the values of several rounds. Their number is odd, so that a median is a round that was measured.

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The median of what `values` are of `base`, round by round: what slows a whole round down is in both.
pub(crate) fn ratio(values: &[f64], base: &[f64]) -> f64 {
    median(values.iter().zip(base).map(|(value, base)| value / base).collect())
}
