//! A machine for containers: podman with its storage, and a network, of the test's own.

use crate::base;
use netring_testbed::{
    Answer, eventually, get,
    lab::{Host, Lab, Process},
};
use serde_json::Value;
use std::{
    env, fs,
    fs::File,
    net::{Ipv4Addr, SocketAddr},
    ops::Deref,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

/// The address of the machine in its network.
pub(crate) const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 1, 0, 145);

/// Ends with the test program, by the end of its input, and all that runs in its namespaces ends with it.
const HOLD: &str = "mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /dev/shm && echo ready && exec cat";

static MACHINE: LazyLock<Machine> = LazyLock::new(Machine::start);
/// Containers have names and ports that are promised, so one test runs at a time.
static TURN: Mutex<()> = Mutex::new(());

pub(crate) struct Machine {
    host: Host,
    holder: Process,
    folder: PathBuf,
    _lab: Lab,
    /// Another test program on the same folder waits for this one.
    _lock: File,
}

/// The machine for one test. It has no containers before, and none after it.
pub(crate) struct Turn {
    machine: &'static Machine,
    _turn: MutexGuard<'static, ()>,
}

impl Machine {
    /// Waits until nobody else has it.
    pub(crate) fn turn() -> Turn {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = Turn { machine: &MACHINE, _turn: turn };
        turn.clean();
        turn
    }

    fn start() -> Self {
        assert!(
            nix::unistd::geteuid().is_root() && whole_system(),
            "containers with users of their own need root: run this as root, or leave it out by NETRING_TEST_UNPRIVILEGED=1"
        );
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("containers");
        for part in ["tmp", "networks"] {
            fs::create_dir_all(folder.join(part)).unwrap();
        }
        let lock = File::create(folder.join("lock")).unwrap();
        lock.lock().unwrap();
        let path = folder.to_str().unwrap();
        // No limits but those of this process: whoever runs this may not be allowed to raise them.
        let engine = format!(
            "[engine]\nruntime = \"runc\"\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\n\n\
             [containers]\ndefault_ulimits = []\nlog_driver = \"k8s-file\"\npids_limit = 0\n\n\
             [network]\nnetwork_backend = \"netavark\"\nnetwork_config_dir = \"{path}/networks\"\n"
        );
        let storage = format!(
            "[storage]\ndriver = \"overlay\"\ngraphroot = \"{path}/storage\"\nrunroot = \"/run/containers/storage\"\n"
        );
        fs::write(folder.join("containers.conf"), engine).unwrap();
        fs::write(folder.join("storage.conf"), storage).unwrap();

        let mut lab = Lab::new();
        let host = lab.host("containers");
        host.command("ip link add lan0 type veth peer name cable");
        host.command("ip link set cable up");
        host.command(&format!("ip addr add {ADDRESS}/24 dev lan0"));
        host.command("ip link set lan0 up");
        host.command("ip route add default via 10.1.0.1");
        let mut command = Command::new("unshare");
        command.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", HOLD]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let holder = host.spawn_process(command);
        let mut said = [0; 6];
        std::io::Read::read_exact(&mut holder.stdout().unwrap(), &mut said).expect("the namespaces are made");
        let machine = Self { host, holder, folder, _lab: lab, _lock: lock };
        base::make(&machine);
        machine
    }

    /// `program` on this machine, in the repository.
    pub(crate) fn command(&self, program: &str) -> Command {
        self.command_in(repository(), program)
    }

    /// `program` on this machine, in `folder`.
    pub(crate) fn command_in(&self, folder: &Path, program: &str) -> Command {
        let namespaces = format!("/proc/{}/ns", self.holder.id());
        let mut command = Command::new("nsenter");
        command.arg(format!("--mount={namespaces}/mnt")).arg(format!("--pid={namespaces}/pid_for_children"));
        // Whoever enters a namespace of mounts is at its top.
        command.args(["--", "sh", "-c", "cd \"$0\" && exec \"$@\""]).arg(folder).arg(program);
        command.env("CONTAINERS_CONF", self.folder.join("containers.conf"));
        command.env("CONTAINERS_STORAGE_CONF", self.folder.join("storage.conf"));
        command.env("TMPDIR", self.folder.join("tmp"));
        command
    }

    /// Runs it to its end.
    pub(crate) fn output(&self, command: Command) -> Output {
        self.host.output(command)
    }

    /// What `podman ARGUMENTS` writes to its standard output.
    pub(crate) fn podman(&self, arguments: &[&str]) -> String {
        said(&self.try_podman(arguments))
    }

    /// The same where it may fail.
    pub(crate) fn try_podman(&self, arguments: &[&str]) -> Output {
        let mut command = self.command("podman");
        command.args(arguments);
        self.output(command)
    }

    /// Starts a container in the background: what stands behind `podman run -d` and may have spaces nowhere.
    pub(crate) fn run(&self, line: &str) {
        self.podman(&[&["run", "-d"], &line.split_whitespace().collect::<Vec<_>>()[..]].concat());
    }

    /// What `podman inspect` knows of something.
    pub(crate) fn inspect(&self, name: &str) -> Value {
        let all: Value = serde_json::from_str(&self.podman(&["inspect", name])).unwrap();
        all[0].clone()
    }

    /// Asks at a port of this machine, as its network sees it.
    pub(crate) async fn get(&self, port: u16, path: &str) -> Option<Answer> {
        self.get_from((ADDRESS, port).into(), path).await
    }

    /// Asks at any address of this machine or its containers.
    pub(crate) async fn get_from(&self, address: SocketAddr, path: &str) -> Option<Answer> {
        let path = path.to_owned();
        self.host.run(async move || get(address, &path).await.ok()).await
    }

    /// The JSON at a port, once it is as wanted.
    pub(crate) async fn eventually(&self, port: u16, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let what = format!("{path} of port {port}");
        let last = Mutex::new(String::new());
        let asked = eventually(&what, async || {
            let answer = self.get(port, path).await?;
            *last.lock().unwrap() = answer.body.clone();
            let value = serde_json::from_str(&answer.body).ok()?;
            wanted(&value).then_some(value)
        });
        asked.await
    }

    /// The address of a container.
    pub(crate) fn address_of(&self, container: &str) -> String {
        let inspected = self.inspect(container);
        let networks = inspected["NetworkSettings"]["Networks"].as_object().unwrap();
        networks.values().next().unwrap()["IPAddress"].as_str().unwrap().to_owned()
    }

    /// What a container has logged.
    pub(crate) fn logs(&self, container: &str) -> String {
        let output = self.try_podman(&["logs", container]);
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn clean(&self) {
        self.podman(&["rm", "--all", "--force", "--time", "0", "--volumes"]);
        self.podman(&["pod", "rm", "--all", "--force"]);
        self.podman(&["volume", "rm", "--all", "--force"]);
        self.podman(&["network", "prune", "--force"]);
    }
}

impl Deref for Turn {
    type Target = Machine;

    fn deref(&self) -> &Machine {
        self.machine
    }
}

impl Drop for Turn {
    #[expect(clippy::print_stderr, reason = "where a test fails, its output is the place for this")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let names = self.try_podman(&["ps", "--all", "--format", "{{.Names}}"]);
            for name in String::from_utf8_lossy(&names.stdout).split_whitespace() {
                eprintln!("the log of {name}:\n{}", self.logs(name));
            }
        } else {
            self.clean();
        }
    }
}

/// The top of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// What it wrote to its standard output.
///
/// # Panics
/// Where it failed.
pub(crate) fn said(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}:\n{out}\n{err}", output.status);
    out.into_owned()
}

/// The ids of `/members` with the state of each, in the order of the ids.
pub(crate) fn states(members: &Value) -> Vec<(&str, &str)> {
    let members = members["members"].as_array().map_or(&[][..], Vec::as_slice);
    members
        .iter()
        .map(|member| (member["instance_id"].as_str().unwrap_or("?"), member["state"].as_str().unwrap_or("?")))
        .collect()
}

/// Whether root here is root of all users, and not of one alone.
fn whole_system() -> bool {
    fs::read_to_string("/proc/self/uid_map").unwrap().split_whitespace().eq(["0", "0", "4294967295"])
}
