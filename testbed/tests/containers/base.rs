//! The images that others are made from, under the names that the files in deploy/ use, of what this machine has: no registry
//! of images has to be reached. Then the images of netring, from the files that ship.

use crate::machine::{Machine, repository, said};
use std::{
    env, fs,
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
    process::Command,
};

/// The images of netring, and the files that they are made from.
pub(crate) const IMAGES: [(&str, &str); 2] =
    [("netring/registry", "deploy/docker/Dockerfile.registry"), ("netring/member", "deploy/docker/Dockerfile.member")];

/// The folders of this machine that a compiler needs.
const OF_SYSTEM: [&str; 7] =
    ["/usr/bin", "/usr/lib", "/usr/lib64", "/usr/libexec", "/usr/include", "/usr/share", "/etc/alternatives"];

pub(crate) fn make(machine: &Machine) {
    builder(machine);
    redis(machine);
    for (image, file) in IMAGES {
        let mut build = machine.command("podman");
        // As others build it, but for what stands in for the files of the real base image, and without a network.
        build.args(["build", "--format", "docker", "--network", "none", "--layers"]);
        for volume in volumes() {
            build.args(["--volume", &volume]);
        }
        build.args(["--file", file, "--tag", image, "."]);
        said(&machine.output(build));
    }
}

/// What the file says that the image is made from at first.
pub(crate) fn builder_name(dockerfile: &str) -> &str {
    let from = dockerfile.lines().find_map(|line| line.strip_prefix("FROM ")).unwrap();
    from.split(' ').next().unwrap()
}

/// An image with this machine's toolchain. Its folders are empty: they are mounted while something is built.
fn builder(machine: &Machine) {
    let dockerfile = fs::read_to_string(repository().join(IMAGES[0].1)).unwrap();
    let version = run("rustc", &["-vV"]);
    let root = tempfile::tempdir().unwrap();
    for folder in OF_SYSTEM.iter().copied().chain(["/toolchain", "/cargo/registry", "/root", "/tmp", "/var/tmp"]) {
        fs::create_dir_all(root.path().join(folder.trim_start_matches('/'))).unwrap();
    }
    fs::set_permissions(root.path().join("tmp"), fs::Permissions::from_mode(0o1777)).unwrap();
    for folder in ["bin", "lib", "lib64"] {
        symlink(format!("usr/{folder}"), root.path().join(folder)).unwrap();
    }
    let settings = ["ENV PATH=/toolchain/bin:/usr/bin:/bin", "ENV CARGO_HOME=/cargo", "ENV CARGO_NET_OFFLINE=true"];
    import(machine, builder_name(&dockerfile), version.lines().next().unwrap(), root.path(), &settings);
}

fn volumes() -> Vec<String> {
    let toolchain = run("rustc", &["--print", "sysroot"]);
    let cargo = env::var_os("CARGO_HOME")
        .map_or_else(|| PathBuf::from(env::var_os("HOME").unwrap()).join(".cargo"), PathBuf::from);
    // Not all of /usr: /usr/local is where the real base image has things of its own.
    let mut volumes: Vec<_> = OF_SYSTEM
        .iter()
        .filter(|folder| Path::new(folder).is_dir())
        .map(|folder| format!("{folder}:{folder}:ro"))
        .collect();
    volumes.push(format!("{}:/toolchain:ro", toolchain.trim()));
    // Cargo locks it; what it writes there is thrown away.
    volumes.push(format!("{}:/cargo/registry:O", cargo.join("registry").display()));
    volumes
}

/// Redis with the libraries that it needs.
fn redis(machine: &Machine) {
    let compose = fs::read_to_string(repository().join("deploy/docker-compose.yml")).unwrap();
    let name =
        compose.lines().find_map(|line| line.trim().strip_prefix("image: ").filter(|name| name.contains("redis")));
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("usr/local/bin")).unwrap();
    for program in ["redis-server", "redis-cli"] {
        let found = run("sh", &["-c", &format!("readlink -f \"$(command -v {program})\"")]);
        fs::copy(found.trim(), root.path().join("usr/local/bin").join(program)).unwrap();
        for library in run("ldd", &[found.trim()]).split_whitespace().filter(|word| word.starts_with('/')) {
            let target = root.path().join(library.trim_start_matches('/'));
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(library, target).unwrap();
        }
    }
    // As in the real one: the data are of a user of Redis's own.
    let data = root.path().join("data");
    fs::create_dir(&data).unwrap();
    chown(&data, Some(999), Some(999)).unwrap();
    let settings = ["ENV PATH=/usr/local/bin", "WORKDIR /data", "VOLUME /data", "CMD [\"redis-server\"]"];
    import(machine, name.unwrap(), run("redis-server", &["--version"]).trim(), root.path(), &settings);
}

/// Makes the image `name` of the folder `root`, where there is none of that version yet: a new one would make what was built
/// on it anew.
fn import(machine: &Machine, name: &str, version: &str, root: &Path, settings: &[&str]) {
    let there = machine.try_podman(&["image", "inspect", "--format", "{{.Labels.made_of}}", name]);
    if there.status.success() && String::from_utf8_lossy(&there.stdout).trim() == version {
        return;
    }
    let archive = machine.folder().join("tmp/base.tar");
    run("tar", &["-C", root.to_str().unwrap(), "-cf", archive.to_str().unwrap(), "."]);
    let label = format!("LABEL made_of=\"{version}\"");
    let mut arguments = vec!["import", "--change", &label];
    arguments.extend(settings.iter().flat_map(|setting| ["--change", *setting]));
    arguments.extend([archive.to_str().unwrap(), name]);
    machine.podman(&arguments);
    fs::remove_file(archive).unwrap();
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(repository()).output();
    said(&output.unwrap_or_else(|error| panic!("cannot run {program}: {error}: run scripts/requirements")))
}
