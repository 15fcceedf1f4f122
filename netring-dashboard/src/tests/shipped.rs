use super::{paths, read};
use std::{collections::BTreeSet, fs, path::Path};

/// So that it is there at once on a slow line too.
const MAX_BYTES: usize = 300_000;

#[test]
fn everything_together_is_small() {
    let mut sizes: Vec<_> = paths().into_iter().map(|path| (read(&path).bytes.len(), path)).collect();
    let total: usize = sizes.iter().map(|(size, _)| size).sum();
    sizes.sort();
    assert!(total <= MAX_BYTES, "{total} bytes are more than {MAX_BYTES}: {sizes:#?}");
}

#[test]
fn what_is_embedded_is_what_is_in_the_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let (mut found, mut folders) = (BTreeSet::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                assert!(fs::read(&path).unwrap() == *read(&name).bytes, "{name}");
                found.insert(name);
            }
        }
    }
    assert_eq!(found, paths().into_iter().collect());
}

/// Whoever passes a library on has to pass its licence on too.
#[test]
fn every_library_has_its_licence() {
    let licences = paths().into_iter().find(|path| path.starts_with("lib/LICENSES"));
    let licences = licences.expect("assets/lib/LICENSES names each library and has the text of its licence");
    let text = String::from_utf8(read(&licences).bytes.into_owned()).unwrap();
    let parts: Vec<_> = text.split("\n======== ").skip(1).filter_map(|part| part.split_once('\n')).collect();
    for path in paths().iter().filter(|path| path.starts_with("lib/") && **path != licences) {
        let name = path.strip_prefix("lib/").unwrap();
        let own: Vec<_> = parts.iter().filter(|(heading, _)| heading.contains(name)).collect();
        assert!(!own.is_empty(), "{licences} has no part for {name}: ======== {name}: …");
        for (heading, text) in own {
            let is_licence = text.contains("Copyright") && (text.contains("Permission") || text.contains("permission"));
            assert!(is_licence && text.len() > 500, "{licences}: this is no licence: {heading}");
        }
    }
}
