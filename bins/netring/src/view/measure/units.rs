//! Numbers with their units.

use super::super::pair::milliseconds;
use std::time::Duration;

/// `0 %`, `0.5 %`, `10 %`: what is not all is never rounded to all, nor something to nothing.
pub(super) fn percent(ratio: f64) -> String {
    let percent = ratio * 100.0;
    if (percent - percent.round()).abs() < 1e-9 {
        format!("{percent:.0} %")
    } else {
        format!("{:.1} %", percent.clamp(0.1, 99.9))
    }
}

/// `0.004 ms`, `0.21 ms`, `21.4 ms`, `214 ms`, `2.14 s`.
pub(super) fn time(duration: Duration) -> String {
    match duration.as_nanos() {
        ns @ 1..99_500 => format!("{:.3} ms", ns as f64 / 1e6),
        999_500_000.. => format!("{:.2} s", duration.as_secs_f64()),
        _ => milliseconds(duration),
    }
}

/// `9.41 Mbit/s`, `94.1 Mbit/s`, `941 Mbit/s`.
pub(super) fn rate(bits_per_second: f64) -> String {
    let mbps = bits_per_second / 1e6;
    match mbps {
        ..9.995 => format!("{mbps:.2} Mbit/s"),
        ..99.95 => format!("{mbps:.1} Mbit/s"),
        _ => format!("{mbps:.0} Mbit/s"),
    }
}

/// `512 B`, `9.4 KiB`, `64 MiB`.
pub(super) fn bytes(bytes: u64) -> String {
    let mut size = bytes as f64;
    let mut unit = "B";
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        if size < 1023.5 {
            break;
        }
        size /= 1024.0;
        unit = larger;
    }
    let tenths = (size * 10.0).round() / 10.0;
    if tenths.fract() == 0.0 || size >= 99.95 { format!("{size:.0} {unit}") } else { format!("{tenths:.1} {unit}") }
}

/// `1 packet`, `2 packets`.
pub(super) fn count(n: impl Into<u64>, noun: &str) -> String {
    match n.into() {
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits() {
        for (ns, expected) in [
            (0, "0.00 ms"),
            (4_200, "0.004 ms"),
            (99_400, "0.099 ms"),
            (99_600, "0.10 ms"),
            (21_420_000, "21.4 ms"),
            (999_400_000, "999 ms"),
            (999_600_000, "1.00 s"),
            (5_000_000_000, "5.00 s"),
        ] {
            assert_eq!(time(Duration::from_nanos(ns)), expected);
        }
    }

    #[test]
    fn numbers_have_units() {
        for (ratio, expected) in
            [(0.0, "0 %"), (0.1, "10 %"), (1.0, "100 %"), (1.0 / 3.0, "33.3 %"), (0.0001, "0.1 %"), (0.9999, "99.9 %")]
        {
            assert_eq!(percent(ratio), expected);
        }
        for (bits, expected) in [(0.0, "0.00 Mbit/s"), (94.14e6, "94.1 Mbit/s"), (9.412e8, "941 Mbit/s")] {
            assert_eq!(rate(bits), expected);
        }
        for (n, expected) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1 KiB"),
            (1_536, "1.5 KiB"),
            (64 << 20, "64 MiB"),
            ((1 << 20) - 1, "1 MiB"),
            (u64::MAX, "16777216 TiB"),
        ] {
            assert_eq!(bytes(n), expected);
        }
        assert_eq!((count(1_u32, "packet"), count(0_u32, "packet")), ("1 packet".to_owned(), "0 packets".to_owned()));
    }
}
