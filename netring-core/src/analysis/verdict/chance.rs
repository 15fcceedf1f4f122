//! Whether something can be mere chance.

/// The natural logarithm of the probability that of `n` results `bad` or more are bad, where each is with the
/// probability `q` and none depends on another: the upper tail of the binomial distribution (W. Feller, An Introduction
/// to Probability Theory and Its Applications, volume 1, section VI.2).
///
/// In the lower half of the distribution, where nothing is to be proved, it is 0, that is, certain.
pub(super) fn ln_binomial_tail(bad: u64, n: u64, q: f64) -> f64 {
    let (bad, q) = (bad.min(n), q.clamp(1e-12, 1.0 - 1e-12));
    if bad == 0 || bad as f64 <= n as f64 * q {
        return 0.0;
    }
    let (k, total) = (bad as f64, n as f64);
    let ln_first =
        ln_factorial(total) - ln_factorial(k) - ln_factorial(total - k) + k * q.ln() + (total - k) * (-q).ln_1p();
    // Each further term is the one before times a ratio below 1 that falls; what is left is below a geometric series.
    let odds = q / (1.0 - q);
    let (mut sum, mut term, mut i) = (1.0f64, 1.0f64, k);
    while i < total {
        let ratio = (total - i) / (i + 1.0) * odds;
        term *= ratio;
        sum += term;
        i += 1.0;
        if term < sum * 1e-12 * (1.0 - ratio).max(1e-3) {
            break;
        }
    }
    (ln_first + sum.ln()).min(0.0)
}

/// The logarithm of n!, by the series of Stirling; off by less than one part in a billion.
fn ln_factorial(n: f64) -> f64 {
    // The series is for large numbers: below 16 the product is taken.
    if n < 16.0 {
        return (2..=n as u32).map(|i| f64::from(i).ln()).sum();
    }
    let inverse = 1.0 / n;
    n * n.ln() - n + 0.5 * (std::f64::consts::TAU * n).ln() + inverse / 12.0 - inverse.powi(3) / 360.0
        + inverse.powi(5) / 1260.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Term by term, in the plain.
    fn tail(bad: u64, n: u64, q: f64) -> f64 {
        let choose = |k: u64| (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64);
        (bad..=n).map(|k| choose(k) * q.powi(k as i32) * (1.0 - q).powi((n - k) as i32)).sum()
    }

    #[test]
    fn the_tail_is_what_the_sum_says() {
        for (bad, n, q) in [(3, 3, 0.01), (2, 3, 0.01), (6, 6, 0.002), (20, 100, 0.05), (5, 10, 0.4), (90, 100, 0.3)] {
            let (is, should) = (ln_binomial_tail(bad, n, q).exp(), tail(bad, n, q));
            assert!((is / should - 1.0).abs() < 1e-6, "{bad} of {n} at {q}: {is} and not {should}");
        }
    }

    #[test]
    fn what_is_usual_is_certain_and_what_is_extreme_stays_a_number() {
        assert_eq!(ln_binomial_tail(0, 0, 0.01), 0.0);
        assert_eq!(ln_binomial_tail(1, 100, 0.01), 0.0);
        for q in [0.0, 0.002, 0.5, 1.0, f64::MIN_POSITIVE] {
            for (bad, n) in [(6_000_000, 6_000_000), (3_000_001, 6_000_000), (5, 3)] {
                let ln = ln_binomial_tail(bad, n, q);
                assert!(ln.is_finite() && ln <= 0.0, "{bad} of {n} at {q}: {ln}");
            }
        }
    }
}
