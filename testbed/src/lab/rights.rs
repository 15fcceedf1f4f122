use super::{Host, Lab};
use nix::sched::{CloneFlags, unshare};
use std::{
    any, env,
    io::{self, Write as _},
    process::{Command, Stdio},
    thread,
};
use tokio::runtime;

/// Asks for the part of the tests that needs no rights.
const UNPRIVILEGED: &str = "NETRING_TEST_UNPRIVILEGED";
/// Set where this process was started again, for one test.
const AGAIN: &str = "NETRING_LAB_AGAIN";

/// Runs `test`, which makes a [`Lab`]: the whole body of a function with `#[test]`.
///
/// As root, or with the capabilities that network namespaces need, it runs here. Otherwise this one test is run again by
/// a process in an unprivileged user namespace. Where there can be none either, it fails and says what to do. It is left
/// out where `NETRING_TEST_UNPRIVILEGED=1` asks for that, and says so.
///
/// # Panics
/// Where the test does, or may not be run.
pub fn test<T: AsyncFnOnce()>(test: T) {
    if left_out::<T>() {
        return;
    }
    match permitted() {
        Ok(()) => run(test),
        Err(reason) => again_in_user_namespace(name_of::<T>(), &reason),
    }
}

/// The same for a test that needs a single host, in which it runs. `set_up` makes that ready.
///
/// # Panics
/// Where the test does, or may not be run.
pub fn test_on_host<T: AsyncFnOnce() + Send + 'static>(set_up: impl FnOnce(&Host), test: T) {
    if left_out::<T>() {
        return;
    }
    let on_host = async || {
        let mut lab = Lab::new();
        let host = lab.host("host");
        set_up(&host);
        host.run(move || async move { test().await }).await;
    };
    match permitted() {
        Ok(()) => run(on_host),
        Err(reason) => again_in_user_namespace(name_of::<T>(), &reason),
    }
}

/// As [`test()`], but always in a process of its own. While a process is being started, for another test, it has the
/// sockets of this one, and the ports of those that are closed meanwhile stay taken.
///
/// # Panics
/// Where the test does, or may not be run.
pub fn test_in_process<T: AsyncFnOnce()>(test: T) {
    if left_out::<T>() {
        return;
    }
    match permitted() {
        Ok(()) if env::var_os(AGAIN).is_some() => run(test),
        Ok(()) => again(this_program(), name_of::<T>(), "it is to be a process of its own"),
        Err(reason) => again_in_user_namespace(name_of::<T>(), &reason),
    }
}

/// As [`test()`], but always in a user namespace of its own, also as root.
///
/// # Panics
/// Where the test does, or may not be run.
pub fn test_in_user_namespace<T: AsyncFnOnce()>(test: T) {
    if left_out::<T>() {
        return;
    }
    if env::var_os(AGAIN).is_some() { run(test) } else { again_in_user_namespace(name_of::<T>(), "it is to be so") }
}

/// As [`test()`] for a program that is no test, such as a benchmark: where it lacks the rights, the whole program is run again
/// with the same arguments in a user namespace.
///
/// # Panics
/// Where the program may not be run, or fails.
pub fn program<T: AsyncFnOnce()>(program: T) {
    match permitted() {
        Ok(()) => run(program),
        Err(reason) => {
            let mut command = user_namespace(&reason);
            let status = command.args(env::args_os().skip(1)).status();
            assert!(
                status.as_ref().is_ok_and(|status| status.success()),
                "{}",
                advice(&format!("{reason}; {status:?}"))
            );
        }
    }
}

fn run(test: impl AsyncFnOnce()) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("the system has an epoll");
    runtime.block_on(test());
}

fn left_out<T>() -> bool {
    let asked = env::var_os(UNPRIVILEGED).is_some_and(|value| value == "1");
    if asked {
        // Not by a macro: what those write is hidden where a test passes.
        let line = format!("{} is left out: {UNPRIVILEGED}=1 asks so\n", name_of::<T>());
        let _ = io::stderr().write_all(line.as_bytes());
    }
    asked
}

/// The name under which the test harness knows the function in which the closure `T` was written.
fn name_of<T>() -> &'static str {
    let path = any::type_name::<T>().split("::{{closure}}").next().unwrap_or_default();
    path.split_once("::").map_or(path, |(_crate, name)| name)
}

/// Whether a namespace can be made here, and used; else why not.
fn permitted() -> Result<(), String> {
    let tried = thread::spawn(|| {
        unshare(CloneFlags::CLONE_NEWNET).map_err(|error| format!("a network namespace: {error}"))?;
        let output = Command::new("ip").args(["link", "set", "dev", "lo", "up"]).output();
        let output = output.map_err(|error| format!("ip (run scripts/requirements): {error}"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() { Ok(()) } else { Err(format!("a device in a network namespace: {}", said.trim())) }
    });
    tried.join().expect("nothing in it panics")
}

/// Runs the test `name` again. A process with threads cannot enter a user namespace, and a test harness has threads.
fn again_in_user_namespace(name: &str, reason: &str) {
    again(user_namespace(reason), name, reason);
}

/// Runs the test `name` again by `command`, which starts this program.
fn again(mut command: Command, name: &str, reason: &str) {
    command.args(["--exact", name, "--nocapture", "--include-ignored"]).stdin(Stdio::null());
    let output = command.output().unwrap_or_else(|error| panic!("{}", advice(&format!("{reason}; again: {error}"))));
    let (said, warned) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let entered = said.contains("running 1 test");
    assert!(entered, "{}", advice(&format!("{reason}; again: {} {}", said.trim(), warned.trim())));
    assert!(output.status.success(), "in a process of its own:\n{said}\n{warned}");
}

fn this_program() -> Command {
    let mut command = Command::new(env::current_exe().expect("a program has a path"));
    command.env(AGAIN, "1");
    command
}

/// This program in a user namespace in which it is root.
fn user_namespace(reason: &str) -> Command {
    assert!(env::var_os(AGAIN).is_none(), "{}", advice(&format!("{reason}, even in a user namespace")));
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "--kill-child", "--"]);
    command.arg(env::current_exe().expect("a program has a path")).env(AGAIN, "1");
    command
}

fn advice(reason: &str) -> String {
    format!(
        "this needs network namespaces, and may not have them. Do one of these:\n\
         - run it as root, or with CAP_SYS_ADMIN and CAP_NET_ADMIN\n\
         - allow unprivileged user namespaces: sysctl user.max_user_namespaces=10000, and where the system has them \
         kernel.unprivileged_userns_clone=1 and kernel.apparmor_restrict_unprivileged_userns=0\n\
         - set {UNPRIVILEGED}=1 to run the tests that need none of this, and leave out the others\n\
         What failed: {reason}"
    )
}
