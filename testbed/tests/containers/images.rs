//! What is in the images.

use crate::{
    Machine,
    base::{IMAGES, builder_name},
    machine::{repository, said},
};
use netring_testbed::lab;
use serde_json::json;
use std::fs;

/// In bytes.
const MOST: u64 = 25_000_000;

fn dockerfiles() -> Vec<String> {
    IMAGES.iter().map(|(_, file)| fs::read_to_string(repository().join(file)).unwrap()).collect()
}

#[test]
fn they_are_small() {
    lab::test(async || {
        let machine = Machine::turn();
        for (image, _) in IMAGES {
            let size = machine.inspect(image)["Size"].as_u64().unwrap();
            println!("{image}: {:.1} MB", size as f64 / 1e6);
            assert!((1_000_000..=MOST).contains(&size), "{image} has {size} bytes");
        }
    });
}

#[test]
fn they_say_what_they_are_and_how_they_are_run() {
    lab::test(async || {
        let machine = Machine::turn();
        for (image, _) in IMAGES {
            let name = image.replace('/', "-");
            let inspected = machine.inspect(image);
            let config = &inspected["Config"];
            assert_eq!(config["User"], "65532:65532", "{image}");
            assert_eq!(config["Entrypoint"], json!([format!("/{name}")]), "{image}");
            assert_eq!(config["WorkingDir"], "/app", "{image}");
            assert_eq!(config["StopSignal"], "SIGTERM", "{image}");
            let check = &inspected["Healthcheck"]["Test"];
            assert_eq!(check, &json!(["CMD", format!("/{name}"), "--healthcheck"]), "{image}");
            let label =
                |name: &str| config["Labels"][format!("org.opencontainers.image.{name}")].as_str().unwrap_or("");
            assert_eq!(label("title"), name);
            assert_eq!(label("version"), netring_core::VERSION, "the version in the file is not the one of the crates");
            assert_eq!(label("licenses"), "MIT OR Apache-2.0");
            let manifest = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
            assert!(manifest.contains(&format!("repository = \"{}\"", label("source"))), "{config}");
            assert!(!label("description").is_empty() && !label("revision").is_empty(), "{config}");
        }
    });
}

/// A program that is not there cannot be used against anybody.
#[test]
fn there_is_one_program_in_each_and_nothing_else() {
    lab::test(async || {
        let machine = Machine::turn();
        for (image, _) in IMAGES {
            let program = image.replace('/', "-");
            machine.podman(&["create", "--name", "looked-at", image]);
            let mut list = machine.command("sh");
            list.args(["-c", "podman export looked-at | tar -t"]);
            let listed = said(&machine.output(list));
            // The engine makes these places for what it mounts.
            let of_engine =
                ["dev/", "proc/", "sys/", "run/", "etc/hosts", "etc/hostname", "etc/resolv.conf", "etc/mtab"];
            let files: Vec<_> = listed
                .lines()
                .filter(|line| !line.ends_with('/') && !of_engine.iter().any(|start| line.starts_with(start)))
                .collect();
            assert_eq!(files, ["etc/nsswitch.conf", "licenses/LICENSE-APACHE", "licenses/LICENSE-MIT", &program]);
            machine.podman(&["rm", "looked-at"]);
        }
    });
}

#[test]
fn both_come_from_one_build() {
    let [registry, member] = <[String; 2]>::try_from(dockerfiles()).unwrap();
    let build = |text: &str| {
        let begin = text.find("FROM ").unwrap();
        text[begin..text.find("FROM scratch").unwrap()].to_owned()
    };
    // What differs by a letter is built twice.
    assert_eq!(build(&registry), build(&member));
    assert!(builder_name(&member).starts_with("docker.io/library/rust:"));
}

#[test]
fn what_is_sent_to_be_built_is_the_sources_alone() {
    lab::test(async || {
        let machine = Machine::turn();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("Dockerfile");
        fs::write(&file, "FROM scratch\nCOPY . .\n").unwrap();
        machine.podman(&["build", "--file", file.to_str().unwrap(), "--tag", "sent", "."]);
        machine.podman(&["create", "--name", "looked-at", "sent", "nothing"]);
        let mut list = machine.command("sh");
        list.args(["-c", "podman export looked-at | tar -t"]);
        let listed = said(&machine.output(list));
        let top: std::collections::BTreeSet<_> =
            listed.lines().filter_map(|line| line.split('/').next()).filter(|name| !name.is_empty()).collect();
        for unwanted in ["target", ".git", "docs", "deploy"] {
            assert!(!top.contains(unwanted), "{top:?}");
        }
        assert!(top.contains("Cargo.lock") && top.contains("netring-core"), "{top:?}");
        let size = machine.inspect("localhost/sent")["Size"].as_u64().unwrap();
        assert!(size < 20_000_000, "{size} bytes are sent");
        machine.podman(&["rm", "looked-at"]);
        machine.podman(&["rmi", "localhost/sent"]);
    });
}
