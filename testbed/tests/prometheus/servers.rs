//! A real Prometheus and a real Alertmanager, beside the registry of a ring, with what ships.

use crate::shipped;
use netring_testbed::lab::{Host, Process, Sites};
use serde_json::Value;
use std::{
    fmt::Write as _,
    fs::{self, File},
    net::SocketAddr,
    process::{Command, Stdio},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The host of the registry is a network of its own, where these ports are free.
const PROMETHEUS: u16 = 9090;
const ALERTMANAGER: u16 = 9093;

pub(crate) struct Servers {
    host: Host,
    /// They end before their folder is removed.
    _processes: [Process; 2],
    folder: TempDir,
}

impl Servers {
    /// Starts both on the host of the registry of `ring`.
    pub(crate) fn start(ring: &Sites) -> Self {
        let folder = tempfile::tempdir().unwrap();
        shipped::lay_out(folder.path());
        let host = ring.registry.0.clone();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let run = |program: &str, arguments: &[String]| {
            let log = File::create(folder.path().join(format!("{program}.log"))).unwrap();
            let mut command = Command::new(program);
            command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
            host.spawn_process(command)
        };
        let alertmanager = run(
            "prometheus-alertmanager",
            &[
                format!("--config.file={}", path("alertmanager.yml")),
                format!("--storage.path={}", path("alertmanager-data")),
                format!("--web.listen-address=127.0.0.1:{ALERTMANAGER}"),
                // No others to agree with.
                "--cluster.listen-address=".to_owned(),
            ],
        );
        let prometheus = run(
            "prometheus",
            &[
                format!("--config.file={}", path("prometheus.yml")),
                format!("--storage.tsdb.path={}", path("prometheus-data")),
                format!("--web.listen-address=127.0.0.1:{PROMETHEUS}"),
            ],
        );
        Self { host, _processes: [alertmanager, prometheus], folder }
    }

    /// The result of a query now: each series that has a number.
    pub(crate) async fn query(&self, expr: &str) -> Option<Vec<Value>> {
        let answer = self.prometheus(&format!("/api/v1/query?query={}", encoded(expr))).await?;
        let data = &answer["data"];
        let series =
            if data["resultType"] == "vector" { data["result"].as_array()?.clone() } else { vec![data.clone()] };
        Some(series.into_iter().filter(|series| series["value"][1] != "NaN").collect())
    }

    /// What Prometheus answers, where it does with success.
    pub(crate) async fn prometheus(&self, path: &str) -> Option<Value> {
        let (status, answer) = self.ask(PROMETHEUS, path).await?;
        assert!(status != 400 && status != 422, "{path}: {answer}");
        (answer["status"] == "success").then_some(answer)
    }

    /// The alerts that Alertmanager has, with what it does about them.
    pub(crate) async fn alerts(&self) -> Option<Vec<Value>> {
        let (status, answer) = self.ask(ALERTMANAGER, "/api/v2/alerts").await?;
        (status == 200).then(|| answer.as_array().unwrap().clone())
    }

    /// By HTTP/1.0, so that the body comes in one piece and ends with the connection.
    async fn ask(&self, port: u16, path: &str) -> Option<(u16, Value)> {
        let request = format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n");
        let answer = self.host.run(async move || {
            let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await.ok()?;
            stream.write_all(request.as_bytes()).await.ok()?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.ok()?;
            Some(answer)
        });
        let answer = answer.await?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, serde_json::from_str(body).ok()?))
    }
}

impl Drop for Servers {
    #[expect(clippy::print_stderr, reason = "where a test fails, its output is the place for this")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            for name in ["prometheus", "prometheus-alertmanager"] {
                let log = fs::read_to_string(self.folder.path().join(format!("{name}.log")));
                eprintln!("the log of {name}:\n{}", log.unwrap_or_default());
            }
        }
    }
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        write!(all, "%{byte:02X}").unwrap();
        all
    })
}
