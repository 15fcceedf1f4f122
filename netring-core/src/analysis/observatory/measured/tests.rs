use super::*;
use crate::testing::sample;
use proptest::prelude::*;

#[test]
fn the_loss_of_a_burst_comes_back_as_it_was() {
    for packets in [1, 2, 5, 10, 20, 30, 50, 100, 1_000] {
        for lost in 0..=packets {
            let loss = f64::from(lost) / f64::from(packets);
            let back = loss_of(loss_code(loss)).unwrap();
            assert!((back - loss).abs() < 1e-12, "{lost} of {packets} came back as {back}");
        }
    }
    assert_eq!((loss_of(0), loss_of(loss_code(f64::NAN))), (None, None));
    assert_eq!((loss_of(loss_code(-1.0)), loss_of(loss_code(f64::INFINITY))), (Some(0.0), Some(1.0)));
}

#[test]
fn rates_that_make_no_sense_do_no_harm() {
    for (rate, back) in [
        (0.0, Some(0.0)),
        (-5.0, Some(0.0)),
        (4_095.0, Some(4_095.0)),
        (f64::NAN, None),
        (f64::NEG_INFINITY, Some(0.0)),
    ] {
        assert_eq!(rate_of(rate_code(rate)), back, "{rate}");
    }
    for rate in [5e12, 1e300, f64::INFINITY] {
        assert!(rate_of(rate_code(rate)).unwrap() > 4e12, "{rate}");
    }
    assert_eq!(rate_of(0), None);
}

proptest! {
    #[test]
    fn a_loss_and_a_rate_come_back_nearly(loss in 0.0..=1.0_f64, rate in prop_oneof![0.0..1e4_f64, 0.0..4e12_f64, 1e6..1e9]) {
        let back = loss_of(loss_code(loss)).unwrap();
        prop_assert!((back - loss).abs() <= 1e-5);
        let back = rate_of(rate_code(rate)).unwrap();
        prop_assert!((back - rate).abs() <= rate * 1e-3 + 0.5, "{rate} came back as {back}");
    }

    #[test]
    fn codes_have_the_order_of_what_they_stand_for(a in 0.0..5e12_f64, b in 0.0..5e12_f64) {
        prop_assert!(rate_code(a.min(b)) <= rate_code(a.max(b)));
        let (less, more) = (a.min(b) / 5e12, a.max(b) / 5e12);
        prop_assert!(loss_code(less) <= loss_code(more));
    }
}

#[test]
fn what_is_measured_is_what_the_probe_measures() {
    let figures = |probe: ProbeReport| Figures::of(&probe);
    assert_eq!(figures(sample::burst("b")), Some(Figures::Loss(0.1)));
    assert_eq!(figures(sample::bandwidth("b")), Some(Figures::Rates([Some(93.5e6), Some(40e6)])));
    assert_eq!(figures(sample::traceroute("b")), Some(Figures::Hops(3)));
    assert_eq!(figures(sample::result("b", crate::model::Outcome::Success)), None);
}

#[test]
fn a_tier_has_the_mean_of_losses_and_the_medians_of_rates() {
    let tier = |figures: &[Option<Figures>]| {
        let mut measured = Measured::new(figures.iter().flatten().copied().next().unwrap(), 0, 0);
        for figures in figures {
            measured.push(100);
            figures.iter().for_each(|&figures| measured.set_newest(figures));
        }
        let codes: Vec<_> = (0..figures.len()).map(|place| measured.sample(place)).collect();
        measured.told(measured.tier_of(codes.into_iter()))
    };
    let loss = |loss| Some(Figures::Loss(loss));
    let told = tier(&[loss(0.0), None, loss(0.1), loss(0.5)]);
    assert_eq!(told, Told { loss_ratio: Some(0.2), ..Told::default() });
    let rates = |download, upload| Some(Figures::Rates([download, upload]));
    let told = tier(&[rates(Some(100.0), None), rates(Some(300.0), Some(7.0)), None, rates(Some(200.0), None)]);
    let (download_bits_per_second, upload_bits_per_second) = (Some(200.0), Some(7.0));
    assert_eq!(told, Told { download_bits_per_second, upload_bits_per_second, ..Told::default() });
    assert_eq!(tier(&[Some(Figures::Hops(3)), Some(Figures::Hops(4))]), Told::default());
    assert_eq!(tier(&[rates(None, None)]), Told::default());
}

#[test]
fn what_is_of_another_kind_than_the_first_is_left_out() {
    let mut measured = Measured::new(Figures::Loss(0.1), 2, 0);
    measured.set_newest(Figures::Hops(9));
    assert_eq!(measured.told(measured.sample(1)), Told::default());
    measured.set_newest(Figures::Loss(0.1));
    assert_eq!(measured.told(measured.sample(1)).loss_ratio, Some(0.1));
    assert_eq!(measured.told(measured.sample(0)), Told::default());
}
