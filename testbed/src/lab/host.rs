use super::{
    command,
    process::{self, Process},
};
use nix::{
    sched::{CloneFlags, unshare},
    unistd::gettid,
};
use std::{
    fmt, fs, panic,
    process::{Command, Output, Stdio},
    sync::{Arc, Mutex, mpsc as blocking},
    thread::{self, JoinHandle},
};
use tokio::{
    runtime,
    sync::{mpsc, oneshot},
    task::{LocalSet, spawn_local},
};

type Job = Box<dyn FnOnce() + Send>;

/// A network namespace with a thread in it. Whatever is run here sees the network of this host alone.
///
/// The thread has a runtime of tokio of its own. What is spawned on it goes on until the lab is dropped.
#[derive(Clone)]
pub struct Host {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    index: usize,
    forwards: bool,
    /// The thread's id, which `ip` takes for its namespace.
    thread_id: i32,
    jobs: Mutex<Option<mpsc::UnboundedSender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    processes: process::All,
}

impl Host {
    pub(super) fn start(name: &str, index: usize, forwards: bool) -> Self {
        let (sender, jobs) = mpsc::unbounded_channel();
        let (tell, told) = blocking::channel();
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
            let begun = unshare(CloneFlags::CLONE_NEWNET);
            let ready = begun.is_ok();
            let _ = tell.send(begun.map(|()| gettid().as_raw()));
            if ready {
                serve(jobs);
            }
        });
        let thread = thread.expect("the system has a thread");
        let thread_id = told.recv().expect("the thread answers");
        let thread_id = thread_id.unwrap_or_else(|error| panic!("no network namespace for {name}: {error}"));
        let inner = Inner {
            name: name.to_owned(),
            index,
            forwards,
            thread_id,
            jobs: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
            processes: process::All::default(),
        };
        let host = Self { inner: Arc::new(inner) };
        host.call(move || set_up(forwards));
        host
    }

    /// Its name, as given to the lab.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Runs the future that `work` makes in this host, and gives what it comes to. The future is dropped when this is.
    ///
    /// What it spawns by [`tokio::spawn`] or [`spawn_local`] stays: a server can be started so.
    ///
    /// # Panics
    /// Where the work panics, with the same words, or where the lab is gone.
    pub async fn run<T, F>(&self, work: impl FnOnce() -> F + Send + 'static) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + 'static,
    {
        let (mut tell, told) = oneshot::channel();
        self.send(Box::new(move || {
            let mut task = spawn_local(async move { work().await });
            spawn_local(async move {
                tokio::select! {
                    done = &mut task => drop(tell.send(done)),
                    () = tell.closed() => task.abort(),
                }
            });
        }));
        match told.await {
            Ok(Ok(value)) => value,
            Ok(Err(error)) if error.is_panic() => panic::resume_unwind(error.into_panic()),
            _ => panic!("the lab of {} is gone", self.name()),
        }
    }

    /// Runs `work` in this host, and blocks this thread until it is done. Not to be called from the host itself.
    ///
    /// # Panics
    /// Where the work panics, with the same words, or where the lab is gone.
    pub fn call<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let (tell, told) = blocking::channel();
        self.send(Box::new(move || {
            let _ = tell.send(panic::catch_unwind(panic::AssertUnwindSafe(work)));
        }));
        match told.recv() {
            Ok(Ok(value)) => value,
            Ok(Err(panic)) => panic::resume_unwind(panic),
            Err(_) => panic!("the lab of {} is gone", self.name()),
        }
    }

    /// Starts a process in this host. It is killed when the lab is dropped, if not before.
    ///
    /// # Panics
    /// Where it cannot be started.
    #[must_use]
    pub fn spawn_process(&self, mut command: Command) -> Process {
        let child = self.call(move || {
            command.spawn().unwrap_or_else(|error| panic!("cannot start {}: {error}", command.get_program().display()))
        });
        self.inner.processes.add(child)
    }

    /// Runs a process in this host to its end, and gives what it wrote. Blocks this thread, not the host.
    ///
    /// # Panics
    /// Where it cannot be started.
    #[must_use]
    pub fn output(&self, mut command: Command) -> Output {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = self.call(move || {
            command.spawn().unwrap_or_else(|error| panic!("cannot start {}: {error}", command.get_program().display()))
        });
        child.wait_with_output().expect("a child can be waited for")
    }

    /// Runs a program in this host with the words of `line`, such as `nft add table ip t`.
    ///
    /// # Panics
    /// Where it is missing or fails.
    pub fn command(&self, line: &str) {
        let line = line.to_owned();
        self.call(move || command::run(&line));
    }

    /// Sets a variable of the kernel for this host, such as `net.ipv4.icmp_ratelimit`.
    ///
    /// # Panics
    /// Where there is none of that name, or it does not take the value.
    pub fn sysctl(&self, name: &str, value: &str) {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.call(move || {
            set_sysctl(&name, &value).unwrap_or_else(|error| panic!("sysctl {name} = {value}: {error}"));
        });
    }

    pub(super) fn index(&self) -> usize {
        self.inner.index
    }

    pub(super) fn forwards(&self) -> bool {
        self.inner.forwards
    }

    pub(super) fn thread_id(&self) -> i32 {
        self.inner.thread_id
    }

    pub(super) fn kill_processes(&self) {
        self.inner.processes.kill();
    }

    /// Ends the thread, and with it the namespace.
    pub(super) fn stop(&self) {
        drop(self.inner.jobs.lock().expect("no holder panics").take());
        let thread = self.inner.thread.lock().expect("no holder panics").take();
        if let Some(thread) = thread {
            // Work that panicked was reported to whoever had asked for it.
            let _ = thread.join();
        }
    }

    fn send(&self, job: Job) {
        let jobs = self.inner.jobs.lock().expect("no holder panics");
        let sent = jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        assert!(sent, "the lab of {} is gone", self.name());
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("name", &self.inner.name).finish_non_exhaustive()
    }
}

/// What the thread of a host does.
fn serve(mut jobs: mpsc::UnboundedReceiver<Job>) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("the system has an epoll");
    let tasks = LocalSet::new();
    tasks.block_on(&runtime, async move {
        while let Some(job) = jobs.recv().await {
            job();
        }
    });
    drop(tasks);
    // What blocks a thread of the pool must not hold the lab up.
    runtime.shutdown_background();
}

/// Makes a new namespace fit for tests.
fn set_up(forwards: bool) {
    command::run("ip link set dev lo up");
    let must = [
        ("net.ipv4.conf.all.rp_filter", "0"),
        ("net.ipv4.conf.default.rp_filter", "0"),
        ("net.ipv6.conf.all.accept_dad", "0"),
        ("net.ipv6.conf.default.accept_dad", "0"),
        ("net.ipv6.conf.default.accept_ra", "0"),
        ("net.ipv6.conf.default.router_solicitations", "0"),
        // A single TCP connection has to fill a link of 500 Mbit/s and 100 ms.
        ("net.ipv4.tcp_rmem", "4096 131072 33554432"),
        ("net.ipv4.tcp_wmem", "4096 65536 33554432"),
        // What is measured now must not depend on what was measured before.
        ("net.ipv4.tcp_no_metrics_save", "1"),
    ];
    for (name, value) in must {
        set_sysctl(name, value).unwrap_or_else(|error| panic!("sysctl {name} = {value}: {error}"));
    }
    if forwards {
        for name in ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding", "net.ipv6.conf.default.forwarding"] {
            set_sysctl(name, "1").unwrap_or_else(|error| panic!("sysctl {name} = 1: {error}"));
        }
    }
    // A test that wants the limits of the kernel sets them again.
    for name in ["net.ipv4.icmp_ratelimit", "net.ipv6.icmp.ratelimit"] {
        set_sysctl(name, "0").unwrap_or_else(|error| panic!("sysctl {name} = 0: {error}"));
    }
    for name in ["net.ipv4.icmp_msgs_per_sec", "net.ipv4.icmp_msgs_burst"] {
        // Older kernels have these for the whole machine, and not in a namespace.
        let _ = set_sysctl(name, "1000000");
    }
}

fn set_sysctl(name: &str, value: &str) -> std::io::Result<()> {
    fs::write(format!("/proc/sys/{}", name.replace('.', "/")), value)
}
