use crate::{Daemon, post};
use serde_json::json;
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::SystemTime,
};

/// A registry of members that are but names: what they report is what a test says.
#[derive(Debug)]
pub struct Told {
    registry: Daemon,
    members: Vec<(String, String)>,
}

impl Told {
    /// Members by id and location.
    ///
    /// # Panics
    /// Where the registry does not take them.
    pub async fn start(members: &[(&str, &str)]) -> Self {
        let registry = Daemon::registry(&[]);
        let members: Vec<_> = members.iter().map(|&(id, location)| (id.to_owned(), location.to_owned())).collect();
        for (number, (id, location)) in (1_u32..).zip(&members) {
            let ip = Ipv4Addr::from_bits(0x0a00_0000 + number);
            let body = json!({"instance_id": id, "location": location, "ip": ip, "port": 8757});
            let answer = post(registry.address(), "/register", &body).await.expect("the registry answers");
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        Self { registry, members }
    }

    /// Where the registry answers.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.registry.address()
    }

    /// Everybody reports of everybody else: the round trip in milliseconds, or nothing where the target is down.
    ///
    /// # Panics
    /// Where the registry does not take a report.
    pub async fn report(&self, round_trip: impl Fn(&str, &str) -> Option<f64>) {
        let now =
            SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later than 1970").as_secs_f64();
        for (source, location) in &self.members {
            let results: Vec<_> = self
                .members
                .iter()
                .filter(|(target, _)| target != source)
                .map(|(target, place)| {
                    let seconds = round_trip(source, target).map(|milliseconds| milliseconds / 1_000.0);
                    let mut result = json!({
                        "target": {"instance_id": target, "location": place, "host": "10.0.0.1", "port": 8757},
                        "kind": "tcp", "started_at": now - 1.0, "duration_seconds": seconds.unwrap_or(0.5),
                        "outcome": "success", "interval_seconds": 60,
                    });
                    match seconds {
                        Some(seconds) => result["measurement"] = json!({"tcp": {"connect_seconds": seconds}}),
                        None => result["outcome"] = json!({"failure": {"reason": "timeout", "message": "no answer"}}),
                    }
                    result
                })
                .collect();
            let body = json!({
                "instance_id": source, "location": location, "sent_at": now, "check_interval_seconds": 60, "results": results,
            });
            let answer = post(self.address(), "/api/v1/report", &body).await.expect("the registry answers");
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
    }
}
