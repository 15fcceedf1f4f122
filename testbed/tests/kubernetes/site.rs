//! What kustomize makes of a site.

use crate::object::Object;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// What changes what the sites have.
pub(crate) const COMPONENTS: [&str; 4] = ["daemonset", "host-network", "net-raw", "zone-as-location"];

/// A site, as it would be applied.
#[derive(Debug)]
pub(crate) struct Site {
    /// Which overlay, with what.
    pub(crate) name: String,
    pub(crate) components: Vec<&'static str>,
    pub(crate) objects: Vec<Object>,
    /// As it was rendered.
    pub(crate) text: String,
}

impl Site {
    pub(crate) fn has(&self, component: &str) -> bool {
        self.components.contains(&component)
    }

    pub(crate) fn is_primary(&self) -> bool {
        self.name.contains("primary")
    }

    /// The one object of this kind and name.
    pub(crate) fn object(&self, kind: &str, name: &str) -> Option<&Object> {
        let mut found = self.objects.iter().filter(|object| object.kind() == kind && object.name() == name);
        let object = found.next();
        assert!(found.next().is_none(), "{}: two of {kind} {name}", self.name);
        object
    }

    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Object> {
        self.objects.iter().filter(move |object| object.kind() == kind)
    }

    /// Whatever has pods, with the template of these.
    pub(crate) fn workloads(&self) -> impl Iterator<Item = (&Object, &Value)> {
        self.objects.iter().filter_map(|object| Some((object, object.template()?)))
    }

    /// The workload of this name.
    pub(crate) fn workload(&self, name: &str) -> (&Object, &Value) {
        self.workloads().find(|(object, _)| object.name() == name).unwrap_or_else(|| panic!("{}: no {name}", self.name))
    }
}

/// The folder with the manifests.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/k8s")
}

/// A program that scripts/kubernetes-tools installs.
pub(crate) fn tool(name: &str) -> Command {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/kubernetes-tools/bin").join(name);
    assert!(path.exists(), "{} is not there: run scripts/requirements", path.display());
    Command::new(path)
}

/// What `kubectl kustomize` makes of `folder`.
pub(crate) fn render(folder: &Path) -> String {
    let output = tool("kubectl").arg("kustomize").arg(folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    // It warns of what is out of date.
    assert!(output.status.success() && said.is_empty(), "{}: {said}", folder.display());
    String::from_utf8(output.stdout).unwrap()
}

/// Each overlay, plain, with each component, and with all.
pub(crate) fn sites() -> &'static [Site] {
    static SITES: OnceLock<Vec<Site>> = OnceLock::new();
    SITES.get_or_init(|| {
        let mut choices = vec![vec![], COMPONENTS.to_vec()];
        choices.extend(COMPONENTS.map(|component| vec![component]));
        let sites = ["primary", "secondary"].into_iter();
        sites.flat_map(|overlay| choices.iter().map(move |components| site(overlay, components))).collect()
    })
}

/// An overlay with these components.
pub(crate) fn site(overlay: &str, components: &[&'static str]) -> Site {
    let text = if components.is_empty() {
        render(&folder().join("overlays").join(overlay))
    } else {
        // An overlay over ours, as a user writes one. Kustomize takes relative paths alone.
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
        let own = tempfile::tempdir_in(target).unwrap();
        let ours = "../../deploy/k8s";
        let lines = components.iter().map(|component| format!("  - {ours}/components/{component}\n"));
        let kustomization = format!(
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - {ours}/overlays/{overlay}\n\
             components:\n{}",
            lines.collect::<String>()
        );
        fs::write(own.path().join("kustomization.yaml"), kustomization).unwrap();
        render(own.path())
    };
    let name = format!("{overlay} with {components:?}");
    Site { name, components: components.to_vec(), objects: Object::all(&text), text }
}
