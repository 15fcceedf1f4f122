//! Whether Kubernetes would take the objects, by its own schemas.

use crate::site::{sites, tool};
use std::{fs, path::Path, process::Output, thread};

/// The first version that has all that the manifests use, and the newest whose schemas there are, with some between.
pub(crate) const VERSIONS: [&str; 4] = ["1.30", "1.33", "1.35", "1.37"];

pub(crate) fn validate(version: &str, files: &[impl AsRef<Path>]) -> Output {
    let mut command = tool("kubernetes-validate");
    command.args(["--strict", "--quiet", "--kubernetes-version", version]);
    command.args(files.iter().map(|file| file.as_ref().as_os_str())).output().unwrap()
}

#[test]
fn every_version_takes_every_object() {
    let folder = tempfile::tempdir().unwrap();
    let write = |(index, text): (usize, &String)| {
        let path = folder.path().join(format!("{index}.yaml"));
        fs::write(&path, text).unwrap();
        path
    };
    let files: Vec<_> = sites().iter().map(|site| &site.text).enumerate().map(write).collect();
    thread::scope(|scope| {
        for version in VERSIONS {
            let files = &files;
            scope.spawn(move || {
                let output = validate(version, files);
                let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success() && said.is_empty(), "{version}: {said}");
            });
        }
    });
}

/// Otherwise the test above says nothing.
#[test]
fn a_field_that_is_misspelled_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("site.yaml");
    for (right, wrong) in [("readinessProbe:", "readynessProbe:"), ("replicas: 1", "replicas: one")] {
        let text = sites()[0].text.replace(right, wrong);
        assert_ne!(text, sites()[0].text, "{right} is in it");
        fs::write(&file, text).unwrap();
        assert!(!validate(VERSIONS[3], &[&file]).status.success(), "{wrong} was taken");
    }
}
