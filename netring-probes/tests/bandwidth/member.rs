//! Members, of this release and as 1.x.

use crate::server::{AMPLE, MIB, Server, measured, only, probe, say, success, try_probe};
use netring_core::{
    FailureReason, Outcome, ProbeError,
    model::{BandwidthMode, Limit},
};
use netring_probes::{BandwidthProber, Direction, Directions, TestMode};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{io::AsyncReadExt, time::Instant};

#[tokio::test]
async fn both_ways_are_measured() {
    let member = Server::member(|router| router).await;
    let report = probe(&BandwidthProber::builder().max_bytes(8 * MIB).build(), &member.target).await;
    let both = success(&report);
    assert_eq!(both.mode, BandwidthMode::Adaptive);
    for way in [both.download.unwrap(), both.upload.unwrap()] {
        assert!(way.bits_per_second > 0.0 && way.bits_per_second.is_finite(), "{way:?}");
        assert!(way.bytes > 0 && way.duration > Duration::ZERO && way.duration < report.duration, "{way:?}");
        assert_eq!(way.settled, way.limited_by.is_none(), "{way:?}");
        assert!(!cfg!(target_os = "linux") || way.round_trip_time.is_some(), "{way:?}");
    }
    assert_eq!(report.ip, Some([127, 0, 0, 1].into()));
}

#[tokio::test]
async fn one_place_is_enough_for_both_ways() {
    let member = Server::member(|router| router.max_bandwidth_tests(1)).await;
    let report = probe(&BandwidthProber::builder().max_bytes(MIB).build(), &member.target).await;
    let both = success(&report);
    assert!(both.download.is_some() && both.upload.is_some(), "{both:?}");
}

#[tokio::test]
async fn a_fixed_size_is_exact_and_never_settles() {
    let member = Server::member(|router| router).await;
    let prober = BandwidthProber::builder().mode(TestMode::Fixed { size_mib: 3 }).build();
    let both = success(&probe(&prober, &member.target).await);
    assert_eq!(both.mode, BandwidthMode::Fixed);
    for way in [both.download.unwrap(), both.upload.unwrap()] {
        assert_eq!((way.bytes, way.settled, way.limited_by), (3 * MIB, false, Some(Limit::FixedSize)));
        let rate = way.bytes as f64 * 8.0 / way.duration.as_secs_f64();
        assert!((way.bits_per_second / rate - 1.0).abs() < 0.01, "of all of it: {way:?}");
    }
}

#[tokio::test]
async fn only_the_ways_asked_for_are_gone() {
    let member = Server::member(|router| router).await;
    for (directions, download, upload) in [(Directions::Download, true, false), (Directions::Upload, false, true)] {
        let one = success(&probe(&only(directions).max_bytes(MIB).build(), &member.target).await);
        assert_eq!((one.download.is_some(), one.upload.is_some()), (download, upload));
    }
}

#[tokio::test]
async fn a_member_that_allows_less_ends_the_test() {
    let member = Server::member(|router| router.max_bandwidth_test_mib(2)).await;
    let both = success(&probe(&BandwidthProber::default(), &member.target).await);
    let (download, upload) = (both.download.unwrap(), both.upload.unwrap());
    assert_eq!((download.bytes, download.limited_by), (2 * MIB, Some(Limit::Target)));
    assert!(upload.bytes > 0 && !upload.settled, "{upload:?}");
}

#[tokio::test]
async fn a_full_member_asks_to_come_back() {
    let member = Server::member(|router| router.max_bandwidth_tests(0)).await;
    for directions in [Directions::Both, Directions::Upload] {
        let error = try_probe(&only(directions).build(), &member.target).await.unwrap_err();
        let ProbeError::Busy { retry_after, .. } = error else { panic!("{error}") };
        assert_eq!(retry_after, Duration::from_secs(1));
    }
}

#[tokio::test]
async fn a_member_of_1x_is_measured_one_way() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let member = Server::start(move |head, mut stream| {
        seen.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
        async move {
            if head.starts_with("GET") {
                say(&mut stream, format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 10 * MIB)).await;
                say(&mut stream, vec![b'.'; 10 * MIB as usize]).await;
            } else {
                // And closes, while an upload is on its way.
                say(&mut stream, "HTTP/1.0 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n").await;
            }
        }
    })
    .await;
    let both = success(&probe(&BandwidthProber::default(), &member.target).await);
    let download = both.download.unwrap();
    assert_eq!((download.bytes, download.settled, download.limited_by), (10 * MIB, false, Some(Limit::Target)));
    assert_eq!(both.upload, None);
    let asked_for = ["GET /bandwidth_test?size=64 HTTP/1.1", "POST /bandwidth_test HTTP/1.1"];
    assert_eq!(*asked.lock().unwrap(), asked_for);

    let report = probe(&only(Directions::Upload).build(), &member.target).await;
    crate::server::assert_failure(&report, FailureReason::UnexpectedStatus, "upload");
}

#[tokio::test]
async fn an_upload_that_is_refused_after_all_of_it_came_is_none() {
    let member = Server::start(|_, mut stream| async move {
        let mut rest = [0; 64 * 1024];
        let mut end = Vec::new();
        while !end.ends_with(b"\r\n0\r\n\r\n") {
            let read = stream.read(&mut rest).await.unwrap();
            end.extend_from_slice(&rest[..read]);
        }
        say(&mut stream, "HTTP/1.1 503 Full\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n").await;
    })
    .await;
    let error = try_probe(&only(Directions::Upload).max_bytes(1_000).build(), &member.target).await.unwrap_err();
    let ProbeError::Busy { retry_after, .. } = error else { panic!("{error}") };
    assert_eq!(retry_after, Duration::from_secs(7));
}

#[tokio::test]
async fn the_second_way_waits_for_its_place() {
    let uploads = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&uploads);
    let member = Server::start(move |head, mut stream| {
        let count = Arc::clone(&count);
        async move {
            if head.starts_with("GET") {
                say(&mut stream, format!("HTTP/1.1 200 OK\r\nContent-Length: {MIB}\r\n\r\n")).await;
                say(&mut stream, vec![b'.'; MIB as usize]).await;
            } else if count.fetch_add(1, Ordering::Relaxed) == 0 {
                say(&mut stream, "HTTP/1.1 503 Full\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n").await;
            } else {
                say(&mut stream, "HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n").await;
            }
        }
    })
    .await;
    assert!(success(&probe(&BandwidthProber::default(), &member.target).await).download.is_some());
    assert_eq!(uploads.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn whoever_watches_is_told() {
    let member = Server::member(|router| router).await;
    let told = Mutex::new(Vec::new());
    let prober = BandwidthProber::builder().max_bytes(4 * MIB).build();
    let report = prober
        .probe_with(&member.target, Instant::now() + AMPLE, &|progress| told.lock().unwrap().push(progress))
        .await
        .unwrap();
    assert_eq!(report.outcome, Outcome::Success);
    let both = measured(&report).unwrap();
    let told = told.into_inner().unwrap();
    for (direction, way) in [(Direction::Download, both.download), (Direction::Upload, both.upload)] {
        let told: Vec<_> = told.iter().filter(|progress| progress.direction == direction).collect();
        assert_eq!(told.last().unwrap().bytes, way.unwrap().bytes, "the last word is of all of it");
        assert!(told.is_sorted_by_key(|progress| (progress.elapsed, progress.bytes)), "{told:?}");
    }
}
