use crate::{
    fakes::{Call, FakeProber, Log, ME, Mood, Ring, SECOND, builder, pass, run},
    logged::Logged,
};
use netring_core::MemberReport;
use tracing::Level;

fn reports(ring: &Ring) -> Vec<(f64, MemberReport)> {
    ring.calls(|call| match call {
        Call::Report(report) => Some(report.clone()),
        _ => None,
    })
}

#[tokio::test(start_paused = true)]
async fn the_newest_results_are_reported_soon_and_then_every_interval() {
    let (ring, prober, log) = (Ring::of(&[ME, "b", "c"]), FakeProber::new(SECOND / 10), Log::default().into());
    let _running = run(builder(&ring, &prober, &log));
    pass(50.0).await;
    let reports = reports(&ring);
    let times: Vec<_> = reports.iter().map(|(at, _)| at.round()).collect();
    assert_eq!(times, [6.0, 16.0, 26.0, 36.0, 46.0]);
    for (_, report) in reports {
        assert_eq!((report.instance_id.as_str(), report.check_interval), (ME, 10 * SECOND));
        let mut targets: Vec<_> = report.results.iter().map(|r| r.target.instance_id.to_string()).collect();
        targets.sort();
        assert_eq!(targets, ["b", "c"], "one result of each target, the newest");
    }
}

#[tokio::test(start_paused = true)]
async fn results_are_kept_while_the_registry_is_away_and_reported_when_it_returns() {
    let (ring, prober, log) = (Ring::of(&[ME, "b"]), FakeProber::new(SECOND / 10), Log::default().into());
    let _running = run(builder(&ring, &prober, &log));
    pass(20.0).await;
    ring.set_mood(Mood::Away);
    pass(100.0).await;
    ring.set_mood(Mood::Well);
    pass(15.0).await;
    let (at, report) = reports(&ring).pop().unwrap();
    assert!(at > 120.0 && report.results.len() == 1, "{at}: {report:?}");
}

#[tokio::test(start_paused = true)]
async fn a_report_of_an_unknown_member_makes_it_register_again() {
    let (ring, prober, log) = (Ring::of(&[ME]), FakeProber::new(SECOND / 10), Log::default().into());
    let _running = run(builder(&ring, &prober, &log));
    pass(15.0).await;
    ring.set_mood(Mood::Forgetful);
    pass(2.0).await;
    ring.set_mood(Mood::Well);
    let announced = ring.announced();
    assert!(announced.len() == 2 && (announced[1] - 16.0).abs() < 0.1, "{announced:?}");
    pass(6.0).await;
    let last = reports(&ring).pop().unwrap();
    assert!((last.0 - 22.0).abs() < 0.1, "what was reported is forgotten too, and said again soon: {}", last.0);
}

#[tokio::test(start_paused = true)]
async fn that_results_are_refused_is_told_once() {
    let (logged, _guard) = Logged::listen();
    let (ring, prober, log) = (Ring::of(&[ME, "b"]), FakeProber::new(SECOND / 10), Log::default().into());
    let _running = run(builder(&ring, &prober, &log));
    pass(20.0).await;
    let warnings = || logged.lines(Level::WARN, "does not take this member's results").len();
    for round in 1..=2 {
        ring.set_mood(Mood::Refusing);
        pass(300.0).await;
        assert_eq!(warnings(), round);
        ring.set_mood(Mood::Well);
        pass(30.0).await;
        assert_eq!(logged.lines(Level::INFO, "takes this member's results again").len(), round);
    }
}
