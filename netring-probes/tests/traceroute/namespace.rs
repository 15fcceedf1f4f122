//! Network namespaces.

use nix::{
    sched::{CloneFlags, unshare},
    unistd::gettid,
};
use std::{process::Command, sync::mpsc, thread};

type Job = Box<dyn FnOnce() + Send>;

/// A network namespace: a thread that has one of its own. It is gone when the thread is.
pub(crate) struct Namespace {
    jobs: mpsc::Sender<Job>,
    path: String,
}

impl Namespace {
    pub(crate) fn new() -> Self {
        let (jobs, todo) = mpsc::channel::<Job>();
        let (tell, path) = mpsc::channel();
        thread::spawn(move || {
            unshare(CloneFlags::CLONE_NEWNET).expect("CAP_SYS_ADMIN, to make network namespaces");
            tell.send(format!("/proc/{}/task/{}/ns/net", std::process::id(), gettid())).unwrap();
            todo.into_iter().for_each(|job| job());
        });
        let namespace = Self { jobs, path: path.recv().unwrap() };
        namespace.ip("link set lo up");
        namespace
    }

    /// A name of it that `ip` takes.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Does `job` inside.
    pub(crate) fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        let (tell, result) = mpsc::channel();
        self.jobs.send(Box::new(move || drop(tell.send(job())))).unwrap();
        result.recv().expect("the job did not panic")
    }

    /// Does `future` inside.
    pub(crate) fn block_on<F>(&self, future: F) -> F::Output
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.run(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future))
    }

    /// Runs `command` of words inside.
    pub(crate) fn command(&self, program: &'static str, words: &str) -> String {
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        self.run(move || {
            let output = Command::new(program).args(&words).output().unwrap();
            let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "{program} {words:?}: {err}");
            out
        })
    }

    pub(crate) fn ip(&self, words: &str) {
        self.command("ip", words);
    }

    /// Sets what `path` below /proc/sys/net names.
    pub(crate) fn set(&self, path: &str, value: &'static str) {
        let path = format!("/proc/sys/net/{path}");
        self.run(move || std::fs::write(&path, value).unwrap_or_else(|error| panic!("{path}: {error}")));
    }
}
