//! A test that is dropped half-way.

use crate::server::{AMPLE, Server, only, say, success, until_closed};
use netring_core::Prober;
use netring_probes::Directions;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

#[tokio::test]
async fn its_connection_is_closed_and_the_next_one_works() {
    let (sender, mut seen) = mpsc::unbounded_channel();
    let server = Server::start(move |head, mut stream| {
        let sender = sender.clone();
        async move {
            if head.starts_with("GET") {
                say(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhello").await;
            }
            sender.send("half-way").unwrap();
            until_closed(&mut stream).await;
            sender.send("closed").unwrap();
        }
    })
    .await;
    for directions in [Directions::Download, Directions::Upload] {
        let prober = only(directions).build();
        tokio::select! {
            report = prober.probe(&server.target, Instant::now() + AMPLE) => panic!("it has not ended: {report:?}"),
            half_way = seen.recv() => assert_eq!(half_way, Some("half-way")),
        }
        assert_eq!(timeout(AMPLE, seen.recv()).await.expect("the connection is left open"), Some("closed"));
    }
    let member = Server::member(|router| router.max_bandwidth_tests(1)).await;
    let prober = only(Directions::Download).max_bytes(1_000).build();
    for polls in 0..20 {
        let mut dropped = Box::pin(prober.probe(&member.target, Instant::now() + AMPLE));
        for _ in 0..polls {
            tokio::select! {
                biased;
                _ = &mut dropped => break,
                () = tokio::task::yield_now() => {}
            }
        }
        drop(dropped);
    }
    // The member may take a moment to see that those before have gone.
    let last = async {
        loop {
            if let Ok(report) = prober.probe(&member.target, Instant::now() + AMPLE).await {
                return report;
            }
            tokio::task::yield_now().await;
        }
    };
    success(&timeout(AMPLE, last).await.expect("the places are free again"));
}
