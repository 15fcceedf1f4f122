use std::{
    io,
    process::{Child, ChildStdout, ExitStatus},
    sync::{Arc, Mutex},
};

/// A process in a [`Host`](super::Host). It is killed when this is dropped, or the lab.
#[derive(Debug)]
pub struct Process {
    child: Arc<Mutex<Child>>,
}

impl Process {
    /// Its process id.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.lock().expect("no holder panics").id()
    }

    /// Its standard output, where that is piped and was not taken before.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn stdout(&self) -> Option<ChildStdout> {
        self.child.lock().expect("no holder panics").stdout.take()
    }

    /// How it ended, once it has.
    ///
    /// # Errors
    /// Where it cannot be waited for.
    ///
    /// # Panics
    /// Never.
    pub fn try_wait(&self) -> io::Result<Option<ExitStatus>> {
        self.child.lock().expect("no holder panics").try_wait()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        kill(&self.child);
    }
}

/// Every process of a host.
#[derive(Debug, Default)]
pub(super) struct All {
    children: Mutex<Vec<Arc<Mutex<Child>>>>,
}

impl All {
    pub(super) fn add(&self, child: Child) -> Process {
        let child = Arc::new(Mutex::new(child));
        self.children.lock().expect("no holder panics").push(Arc::clone(&child));
        Process { child }
    }

    pub(super) fn kill(&self) {
        for child in self.children.lock().expect("no holder panics").drain(..) {
            kill(&child);
        }
    }
}

fn kill(child: &Mutex<Child>) {
    let mut child = child.lock().expect("no holder panics");
    // It may have ended by itself; there is nothing to do then.
    let _ = child.kill();
    let _ = child.wait();
}
