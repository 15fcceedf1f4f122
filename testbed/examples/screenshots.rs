//! Writes pictures of the page of a demonstration ring to a folder:
//!
//! ```text
//! cargo build -p netring-cli
//! cargo run -p netring-testbed --features browser --example screenshots -- target/screenshots [NAME …]
//! ```
//!
//! With names, only those are made.

use netring_testbed::{
    ReservedPort, binary,
    browser::{Page, Size},
    eventually, get,
};
use std::{
    env, fs,
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A picture: its name, what is behind the `#` of the address, how wide and how high it is, and in which colours.
type Shot = (&'static str, &'static str, u32, u32, &'static str);

const SHOTS: [Shot; 12] = [
    ("ring", "view=ring", 1280, 800, "dark"),
    ("ring-light", "view=ring", 1280, 800, "light"),
    ("matrix", "view=matrix", 1280, 800, "dark"),
    ("matrix-light", "view=matrix", 1280, 800, "light"),
    ("matrix-locations", "view=matrix&by=location", 1280, 800, "dark"),
    ("pair", "view=matrix&source=eu1-a&target=us1-a", 1280, 900, "dark"),
    ("topology", "view=topology", 1280, 800, "dark"),
    ("topology-light", "view=topology", 1280, 800, "light"),
    ("events", "view=events", 1280, 800, "dark"),
    ("expected", "view=expected", 1280, 800, "dark"),
    ("phone-ring", "view=ring", 360, 740, "dark"),
    ("phone-matrix", "view=matrix", 360, 740, "dark"),
];

/// Curves and the graph need a moment to come to rest.
const MOMENT: Duration = Duration::from_secs(2);

/// The demonstration. It ends when this is dropped.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do then.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or_else(|| io::Error::other("give a folder to write to"))?);
    let wanted: Vec<_> = arguments.collect();
    fs::create_dir_all(&folder)?;

    let port = ReservedPort::new()?;
    let registry_port = port.port().to_string();
    let arguments = ["demo", "--registry-port", &registry_port, "--member-port", "0", "--interval", "1s"];
    let mut command = Command::new(binary("netring"));
    let demo = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let _demo = Demo(demo);
    let registry = SocketAddr::from((Ipv4Addr::LOCALHOST, port.port()));
    eventually("a path in the topology, which is the last thing to be there", || async {
        let topology = get(registry, "/api/v1/topology").await.ok()?;
        let topology = (topology.status == 200).then(|| topology.json())?;
        topology["edges"].as_array().filter(|edges| !edges.is_empty()).map(drop)
    })
    .await;
    eventually("a fault of what is far away, which is a while after the first of all", || async {
        let faults = get(registry, "/api/v1/faults").await.ok()?.json();
        faults["open"].as_array()?.iter().any(|fault| fault["symptom"] == "lossy").then_some(())
    })
    .await;

    for (name, hash, width, height, theme) in SHOTS {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
            continue;
        }
        let page = Page::open(registry, &format!("/#{hash}&theme={theme}"), Size { width, height }).await;
        page.until("something on the page", "document.querySelector('#page')?.innerText").await;
        tokio::time::sleep(MOMENT).await;
        let file = folder.join(format!("{name}.png"));
        page.screenshot(&file).await;
        let bad: Vec<_> = page.said().await.into_iter().filter(|said| said.is_bad()).collect();
        writeln!(
            io::stdout(),
            "{}{}",
            file.display(),
            if bad.is_empty() { "" } else { ", with errors on the console" }
        )?;
        for said in bad {
            writeln!(io::stdout(), "  {}: {}", said.level, said.message)?;
        }
        page.close().await;
    }
    Ok(())
}
