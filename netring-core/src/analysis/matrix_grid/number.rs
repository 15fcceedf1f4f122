/// `value` with at most four significant digits: more say nothing in a picture, and are most of its bytes.
pub(in crate::analysis) fn rounded(value: f64) -> f64 {
    /// Where a power of ten that makes four digits of a number is exact.
    const EXACT: std::ops::Range<f64> = 1e-15..1e20;
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    if !EXACT.contains(&value.abs()) {
        return format!("{value:.3e}").parse().unwrap_or(value);
    }
    let places = 3 - value.abs().log10().floor() as i32;
    if places >= 0 {
        let factor = 10_f64.powi(places);
        (value * factor).round() / factor
    } else {
        let factor = 10_f64.powi(-places);
        (value / factor).round() * factor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How many digits it takes to write `value`, but for zeros at either end.
    fn digits(value: f64) -> usize {
        let text = format!("{value:e}");
        let (digits, _) = text.split_once('e').unwrap();
        digits.trim_start_matches('-').replace('.', "").trim_end_matches('0').len()
    }

    #[test]
    fn four_digits_are_left() {
        for (value, expected) in [
            (0.0, 0.0),
            (0.083605, 0.08361),
            (0.0836, 0.0836),
            (12.0, 12.0),
            (93_512_345.0, 93_510_000.0),
            (0.000_001, 0.000_001),
            (0.001, 0.001),
            (1_000.0, 1_000.0),
            (9_999.6, 10_000.0),
            (1.0 / 3.0, 0.3333),
            (1e300 / 3.0, 3.333e299),
            (1e-300 / 3.0, 3.333e-301),
        ] {
            assert_eq!(rounded(value), expected, "{value}");
        }
    }

    proptest! {
        #[test]
        fn no_number_has_more_than_four_digits_nor_is_far_off(
            value in prop_oneof![prop::num::f64::NORMAL, 1e-9..1e9, (0..1_000_000_u32).prop_map(f64::from)],
        ) {
            let rounded = rounded(value);
            prop_assert!(digits(rounded) <= 4, "{value} is {rounded}");
            prop_assert!((rounded - value).abs() <= 5.000_1e-4 * value.abs(), "{value} is {rounded}");
        }
    }
}
