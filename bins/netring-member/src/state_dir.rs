use std::{
    fs::{self, File},
    path::Path,
};

/// Makes the folder in which the member is to keep its list, and tries whether it can be written to: whoever configures one
/// counts on it, and is to learn now, not at a restart while the registry is away, that nothing was kept.
pub(crate) fn prepare(folder: &Path) -> Result<(), String> {
    let attempt = folder.join("members.json.new");
    fs::create_dir_all(folder).and_then(|()| File::create(&attempt)).and_then(|_| fs::remove_file(&attempt)).map_err(
        |error| {
            format!(
                "cannot keep anything in the folder {folder:?}: {error}: give this member a folder that it may write to \
                 (member.state_dir, NETRING_STATE_DIR or --state-dir), or none"
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_with_those_above_it_and_stays_empty() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("a/b");
        for _ in 0..2 {
            prepare(&folder).unwrap();
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        }
    }

    #[test]
    fn a_folder_that_cannot_be_used_says_so_and_what_to_do() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        fs::write(&file, "").unwrap();
        for folder in [file.clone(), file.join("below")] {
            let error = prepare(&folder).unwrap_err();
            assert!(error.starts_with(&format!("cannot keep anything in the folder {folder:?}: ")), "{error}");
            assert!(error.ends_with("(member.state_dir, NETRING_STATE_DIR or --state-dir), or none"), "{error}");
        }
    }
}
