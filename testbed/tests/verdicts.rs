//! What a registry says is at fault, with real members in a network that is broken on purpose: the right fault, and at no time
//! a wrong one.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use netring_testbed::{
    PATIENCE,
    lab::{self, Loss, Sites, name_of},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

const LOCATIONS: [&str; 3] = ["asia1", "eu1", "us1"];

/// The fault `expected` opens, and no other while it is open, nor before; gives how long that took.
async fn only(ring: &Sites, expected: &Value) -> Duration {
    let expected = BTreeSet::from([name_of(expected)]);
    let begun = Instant::now();
    let mut opened = None;
    // Some rounds more: a wrong one may come later.
    while opened.is_none_or(|opened: Duration| begun.elapsed() < opened + Duration::from_secs(4)) {
        let open = ring.open().await;
        assert!(open.is_subset(&expected), "{expected:?} is at fault, and not {open:?}: {:?}", why(ring).await);
        if open == expected && opened.is_none() {
            opened = Some(begun.elapsed());
        }
        assert!(opened.is_none() || open == expected, "{expected:?} closed: {:?}", why(ring).await);
        assert!(begun.elapsed() < PATIENCE, "{expected:?} does not open: {:?}", why(ring).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    opened.unwrap()
}

async fn why(ring: &Sites) -> Option<Value> {
    Some(
        json!({"faults": ring.ask("/api/v1/faults").await?, "matrix": ring.ask("/api/v1/matrix?state=down,degraded,unknown").await?}),
    )
}

#[test]
fn what_is_broken_is_named_and_nothing_else() {
    lab::test(async || {
        let mut ring = Sites::start(&LOCATIONS);
        ring.healthy().await;
        // The usual round trip is known by then.
        tokio::time::sleep(Duration::from_secs(12)).await;
        let mut took = Vec::new();

        // A link is cut.
        ring.between[&(0, 1)].set_loss(&Loss::All);
        let fault = json!({"scope": "location_pair", "locations": ["asia1", "eu1"], "symptom": "unreachable"});
        took.push(("a link that is cut", only(&ring, &fault).await));
        ring.between[&(0, 1)].set_loss(&Loss::None);
        ring.healthy().await;

        // A member is killed.
        ring.members.remove("us1-2");
        let fault = json!({"scope": "target", "instance_id": "us1-2", "location": "us1", "symptom": "unreachable"});
        took.push(("a member that is killed", only(&ring, &fault).await));
        ring.start_member("us1-2");
        ring.healthy().await;

        // A firewall lets nobody in one location begin anything with those in another.
        let (router, device) = (&ring.routers[1], ring.between[&(1, 2)].device().to_owned());
        router.command("nft add table inet wall");
        router.command("nft add chain inet wall way { type filter hook forward priority 0 ; }");
        for begins in ["tcp flags & (syn|ack) == syn", "udp dport 8757", "icmp type echo-request"] {
            router.command(&format!("nft add rule inet wall way oifname {device} {begins} drop"));
        }
        let fault = json!({
            "scope": "direction", "source_location": "eu1", "target_location": "us1", "symptom": "unreachable"
        });
        took.push(("a direction that is blocked", only(&ring, &fault).await));
        router.command("nft delete table inet wall");
        ring.healthy().await;

        // A detour takes 100 ms more, there and back together.
        tokio::time::sleep(Duration::from_secs(5)).await;
        ring.between[&(0, 2)].set_delay(Duration::from_millis(50));
        let fault = json!({"scope": "location_pair", "locations": ["asia1", "us1"], "symptom": "slow"});
        took.push(("100 ms more", only(&ring, &fault).await));
        ring.between[&(0, 2)].set_delay(Duration::ZERO);
        ring.healthy().await;

        for (what, took) in took {
            println!("{what} was named after {:.1} s", took.as_secs_f64());
        }
    });
}
