//! The arrows between the crates, and what must never be. `make lint` runs this too.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The names of the packages that `package` depends on, with these flags of `cargo tree`, itself not counted.
fn dependencies(package: &str, flags: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "-p", package, "-e", "normal", "--prefix", "none", "--format", "{p}"])
        .args(flags)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let names: BTreeSet<_> = tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert!(names.contains(package), "cargo tree shows no {package}: {tree}");
    names.into_iter().filter(|name| name != package).collect()
}

fn ours(package: &str) -> Vec<String> {
    dependencies(package, &["--all-features"]).into_iter().filter(|name| name.starts_with("netring")).collect()
}

/// Every Rust file below `folder`, with its text, but for its tests.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("tests") && !path.ends_with("benches") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
                found.push((path, code));
            }
        }
    }
    assert!(!found.is_empty(), "there are no sources in {folder}");
    found
}

/// The lines of code, comments left out, that have one of `words` in them.
fn lines_with(folder: &str, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources(folder) {
        for (number, line) in text.lines().enumerate() {
            if !line.trim_start().starts_with("//") && words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    found
}

#[test]
fn core_depends_on_no_other_crate_of_ours() {
    assert_eq!(ours("netring-core"), [] as [&str; 0]);
}

#[test]
fn probers_depend_on_core_alone() {
    assert_eq!(ours("netring-probes"), ["netring-core"]);
}

#[test]
fn the_redis_store_depends_on_core_alone() {
    assert_eq!(ours("netring-registry-store"), ["netring-core"]);
}

#[test]
fn the_page_depends_on_nothing_of_ours() {
    assert_eq!(ours("netring-dashboard"), [] as [&str; 0]);
}

#[test]
fn tls_to_redis_has_cryptography_without_the_rest_of_the_workspace() {
    for package in ["netring-registry-store", "netring-registry"] {
        assert!(dependencies(package, &[]).contains("ring"), "{package}: each connection by TLS would panic");
    }
}

#[test]
fn nothing_that_ships_depends_on_the_testbed() {
    for package in [
        "netring-core",
        "netring-probes",
        "netring-registry-store",
        "netring-dashboard",
        "netring-daemon",
        "netring-registry",
        "netring-member",
        "netring-cli",
    ] {
        assert!(!ours(package).iter().any(|name| name == "netring-testbed"), "{package}");
    }
}

#[test]
fn core_by_default_is_light() {
    let dependencies = dependencies("netring-core", &["--no-default-features"]);
    for heavy in ["axum", "hyper", "reqwest", "redis", "prometheus", "etherparse", "mockall", "rustls"] {
        assert!(!dependencies.contains(heavy), "{heavy} is among {dependencies:?}");
    }
}

#[test]
fn a_feature_of_core_brings_in_no_other() {
    let features = [("http", "axum"), ("client", "reqwest"), ("prometheus", "prometheus"), ("mock", "mockall")];
    for (feature, own) in features {
        let dependencies = dependencies("netring-core", &["--no-default-features", "--features", feature]);
        assert!(dependencies.contains(own), "{feature} has no {own}");
        for (_, other) in features.iter().filter(|(name, _)| *name != feature) {
            assert!(!dependencies.contains(*other), "{feature} brings in {other}");
        }
    }
}

#[test]
fn http_client_and_prometheus_do_not_know_each_other() {
    for (module, others) in [
        ("netring-core/src/http", ["crate::client", "crate::prometheus", "client::", "prometheus::"]),
        ("netring-core/src/prometheus", ["crate::client", "crate::http", "client::", "http::"]),
        ("netring-core/src/client", ["crate::http", "crate::prometheus", "http::", "prometheus::"]),
    ] {
        assert_eq!(lines_with(module, &others), [] as [&str; 0]);
    }
}

#[test]
fn analysis_does_no_io() {
    let io = ["tokio", "async ", ".await", "std::net::Tcp", "std::fs", "SystemClock", "Instant::now", "SystemTime"];
    assert_eq!(lines_with("netring-core/src/analysis", &io), [] as [&str; 0]);
}

#[test]
fn a_library_leaves_the_process_alone() {
    let process = [
        "std::env::",
        "env::var",
        "env::args",
        "use std::env",
        "tokio::signal",
        "signal::unix",
        "tracing_subscriber",
        "anyhow",
        "println!",
        "std::process",
        "set_global_default",
        "install_default",
    ];
    for library in ["netring-core/src", "netring-probes/src", "netring-registry-store/src", "netring-dashboard/src"] {
        assert_eq!(lines_with(library, &process), [] as [&str; 0]);
    }
}

#[test]
fn a_path_and_a_metric_are_spelled_once() {
    for (folder, words) in [
        ("netring-core/src", &["\"/register\"", "\"/heartbeat\"", "\"/report_metrics\"", "\"/bandwidth_test\""][..]),
        ("netring-core/src", &["\"netring_connectivity_tcp\"", "\"netring_members_total\""][..]),
    ] {
        for word in words {
            assert_eq!(lines_with(folder, &[word]).len(), 1, "{word}");
        }
    }
    for folder in ["bins", "netring-probes/src", "netring-registry-store/src"] {
        assert_eq!(lines_with(folder, &["\"netring_", "\"/register\"", "\"/members\""]), [] as [&str; 0]);
    }
}

#[test]
fn a_redis_key_is_spelled_once() {
    for (path, text) in sources("netring-registry-store/src") {
        if !path.ends_with("keys.rs") {
            for name in ["\"members\"", "\"seen\"", "\"left\"", "\"revision\"", "\"reports\"", "\"report_versions\""] {
                assert!(!text.contains(name), "{} spells {name}", path.display());
            }
        }
    }
}
