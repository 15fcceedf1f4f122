use netring_testbed::{Answer, PATIENCE, binary, get};
use nix::sched::{CloneFlags, setns};
use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Targets that units name, and of which nothing is needed here.
const TARGETS: [&str; 6] = ["sysinit", "basic", "network-online", "shutdown", "umount", "multi-user"];

/// A real systemd, the first process of its own namespaces, that has started both units. All of it ends when this is
/// dropped.
#[derive(Debug)]
pub(crate) struct Booted {
    /// `unshare`, which is in the namespaces itself but for that of processes, and waits there for systemd.
    child: Child,
    stage: TempDir,
    cgroup: PathBuf,
}

/// The folder with the units.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/systemd")
}

impl Booted {
    /// With the units as they ship, `drop_ins` of the member's, and `variables` in its environment file.
    pub(crate) fn start(drop_ins: &[&str], variables: &str) -> Self {
        let stage = tempfile::tempdir().unwrap();
        let (units, etc) = (stage.path().join("units"), stage.path().join("netring"));
        fs::create_dir_all(units.join("netring-member.service.d")).unwrap();
        fs::create_dir_all(units.join("service.d")).unwrap();
        fs::create_dir(&etc).unwrap();
        for unit in ["netring-member.service", "netring-registry.service"] {
            fs::copy(folder().join(unit), units.join(unit)).unwrap();
        }
        for file in drop_ins {
            fs::copy(folder().join(file), units.join("netring-member.service.d").join(file)).unwrap();
        }
        // There is no journal.
        let log = "[Service]\nStandardOutput=append:/run/log-of-services\nStandardError=inherit\n";
        fs::write(units.join("service.d/log.conf"), log).unwrap();
        for target in TARGETS {
            let text = format!("[Unit]\nDescription={target}\nDefaultDependencies=no\n");
            fs::write(units.join(format!("{target}.target")), text).unwrap();
        }
        let boot = "[Unit]\nDescription=boot\nWants=netring-member.service netring-registry.service\n";
        fs::write(units.join("boot.target"), boot).unwrap();
        for file in ["member.yaml", "registry.yaml"] {
            fs::copy(folder().join("../config").join(file), etc.join(file)).unwrap();
        }
        fs::write(etc.join("member.env"), variables).unwrap();

        let cgroup = cgroup(stage.path());
        // With the thread of the test it ends too, as where the test is killed.
        let join = "echo $$ > \"$CGROUP/cgroup.procs\" && exec setpriv --pdeathsig KILL \
                    unshare --pid --fork --kill-child --mount --cgroup --uts --ipc --net sh \"$BOOT\"";
        let child = Command::new("sh")
            .args(["-c", join])
            .env("CGROUP", &cgroup)
            .env("BOOT", Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/systemd/boot.sh"))
            .env("STAGE", stage.path())
            .env("MEMBER", binary("netring-member"))
            .env("REGISTRY", binary("netring-registry"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(stage.path().join("boot.log")).unwrap())
            .spawn()
            .unwrap();
        Self { child, stage, cgroup }
    }

    /// A program that runs beside systemd.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let namespaces = format!("/proc/{}/ns", self.child.id());
        let mut command = Command::new("nsenter");
        for (option, name) in [
            ("mount", "mnt"),
            ("net", "net"),
            ("uts", "uts"),
            ("ipc", "ipc"),
            ("cgroup", "cgroup"),
            ("pid", "pid_for_children"),
        ] {
            command.arg(format!("--{option}={namespaces}/{name}"));
        }
        command.arg("--").arg(program.as_ref()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, line: &str) -> Output {
        let mut words = line.split(' ');
        let mut command = self.command(words.next().unwrap());
        command.args(words).output().unwrap()
    }

    /// What the program of this line says.
    pub(crate) fn said(&self, line: &str) -> String {
        let output = self.run(line);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// What a daemon in there answers.
    pub(crate) fn get(&self, port: u16, path: &str) -> Option<Answer> {
        let net = File::open(format!("/proc/{}/ns/net", self.child.id())).ok()?;
        let path = path.to_owned();
        // Of a thread of its own, for it stays in there.
        let asked = thread::spawn(move || {
            setns(net, CloneFlags::CLONE_NEWNET).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(get(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), &path)).ok()
        });
        asked.join().unwrap()
    }

    /// A property that systemd tells of a unit.
    pub(crate) fn property(&self, unit: &str, name: &str) -> String {
        self.said(&format!("systemctl show --value --property={name} {unit}"))
    }

    /// A line of what the kernel says of the main process of a unit.
    pub(crate) fn status(&self, unit: &str, line: &str) -> String {
        let status = self.said(&format!("cat /proc/{}/status", self.property(unit, "MainPID")));
        let found = status.lines().find_map(|of| of.strip_prefix(&format!("{line}:")));
        found.unwrap_or_else(|| panic!("no {line} in {status:?}")).trim().to_owned()
    }

    /// Whatever was logged, by whom ever.
    pub(crate) fn log(&self) -> String {
        let booted = fs::read_to_string(self.stage.path().join("boot.log")).unwrap_or_default();
        let units = self.said("systemctl --no-pager --full status netring-member netring-registry");
        format!("{booted}\n{units}\n{}", self.said("cat /run/log-of-services"))
    }
}

impl Drop for Booted {
    #[expect(clippy::print_stderr, reason = "where a test fails, its output is the place for this")]
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.log());
        }
        // It takes systemd along, and with the first process of its namespace goes every other.
        let _ = self.child.kill();
        let _ = self.child.wait();
        // They end in their own time, and it stays for as long as one is there.
        let begun = Instant::now();
        while !removed(&self.cgroup) && begun.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A group of processes in which systemd may make others.
fn cgroup(stage: &Path) -> PathBuf {
    let roots = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].map(Path::new);
    let root = roots.into_iter().find(|root| root.join("cgroup.controllers").exists());
    let root = root.expect("cgroup2 is mounted below /sys/fs/cgroup");
    let cgroup = root.join(format!("netring-test-{}", stage.file_name().unwrap().to_string_lossy()));
    fs::create_dir(&cgroup).unwrap_or_else(|error| panic!("{}: {error}", cgroup.display()));
    cgroup
}

/// A group can only be removed once there is none in it, and no process.
fn removed(cgroup: &Path) -> bool {
    for entry in fs::read_dir(cgroup).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            removed(&entry.path());
        }
    }
    fs::remove_dir(cgroup).is_ok()
}
