//! The files that `kubectl apply -f` takes one by one.

use crate::{
    object::{Object, text},
    site::{folder, render, sites},
};
use std::fs;

const FILES: [(&str, &str); 4] = [
    ("namespace.yaml", "base"),
    ("redis-deployment.yaml", "registry"),
    ("registry-deployment.yaml", "registry"),
    ("member-deployment.yaml", "base"),
];

fn sorted(mut objects: Vec<Object>) -> Vec<Object> {
    objects.sort_by_key(|object| (object.kind().to_owned(), object.name().to_owned()));
    objects
}

#[test]
fn one_by_one_they_are_what_kustomize_makes_of_them() {
    for part in ["base", "registry"] {
        let of_part = FILES.into_iter().filter(|(_, of)| *of == part);
        let objects = of_part.flat_map(|(file, _)| Object::all(&fs::read_to_string(folder().join(file)).unwrap()));
        assert_eq!(sorted(objects.collect()), sorted(Object::all(&render(&folder().join(part)))));
    }
}

#[test]
fn the_name_at_the_top_is_the_file_that_the_kustomization_takes() {
    for (file, part) in FILES {
        let path = folder().join(file);
        assert_eq!(fs::canonicalize(&path).unwrap(), fs::canonicalize(folder().join(part).join(file)).unwrap());
    }
}

#[test]
fn everything_is_in_the_namespace() {
    for site in sites() {
        for object in &site.objects {
            let namespace =
                if object.kind() == "Namespace" { object.name() } else { text(&object.0, "/metadata/namespace") };
            assert_eq!(namespace, "netring", "{}: {} {}", site.name, object.kind(), object.name());
            assert_eq!(object.labels()["app.kubernetes.io/part-of"], "netring");
        }
    }
}

#[test]
fn a_site_has_what_it_is_said_to_have() {
    for site in sites() {
        let mut has: Vec<_> = site.workloads().map(|(object, _)| (object.kind(), object.name())).collect();
        has.sort_unstable();
        let member = (if site.has("daemonset") { "DaemonSet" } else { "Deployment" }, "netring-member");
        let mut wanted = vec![member];
        if site.is_primary() {
            wanted.extend([("Deployment", "netring-registry"), ("StatefulSet", "redis")]);
        }
        wanted.sort_unstable();
        assert_eq!(has, wanted, "{}", site.name);
    }
}
