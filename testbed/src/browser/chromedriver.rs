use nix::unistd::geteuid;
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::{OnceLock, mpsc},
    thread,
};

/// What it writes before its port.
const STARTED: &str = "started successfully on port ";

/// The address of the chromedriver of this program. The first to ask starts it, on a port that is free.
///
/// It ends with this program, however that ends, and takes every browser along: the kernel kills it once the thread that
/// started it is gone. As root it is the first process of a namespace, so that whatever it started is killed with it.
///
/// # Panics
/// Where it cannot be started.
pub(super) fn url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| {
        let (tell, told) = mpsc::channel();
        thread::spawn(move || run(&tell));
        let port = told.recv().expect("chromedriver tells its port; Debian has it in the package chromium-driver");
        format!("http://127.0.0.1:{port}/")
    })
}

fn run(tell: &mpsc::Sender<u16>) {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if geteuid().is_root() {
        command.args(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]);
    }
    command.args(["chromedriver", "--port=0", "--log-level=SEVERE"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("setpriv is there: Debian has it in the package util-linux");
    let stdout = child.stdout.take().expect("it is piped");
    // To the end, so that it never waits for a reader; and this thread has to live as long as it does.
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        let port = line.split_once(STARTED).and_then(|(_, port)| port.trim_end_matches('.').parse().ok());
        if let Some(port) = port {
            // Whoever asked waits for it.
            let _ = tell.send(port);
        }
    }
    // It has ended: there is nothing to be done about how.
    let _ = child.wait();
}
