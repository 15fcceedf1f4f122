use std::{
    fs::{self, OpenOptions},
    io,
    path::Path,
    time::Duration,
};
use tokio::{task::spawn_blocking, time::timeout};

/// How long the start waits for the disk.
const PATIENCE: Duration = Duration::from_secs(5);
const WHAT_TO_DO: &str =
    "give this member a folder that it may write to (member.state_dir, NETRING_STATE_DIR or --state-dir), or none";

/// How far a folder is of use.
#[derive(Debug)]
enum Use {
    Full,
    /// What is in it can be read, but nothing can be kept.
    ReadOnly(io::Error),
    None(io::Error),
}

/// Makes the folder in which the member is to keep its list, and tries whether it can be written to: whoever configures one
/// counts on it, and is to learn now, not at a restart while the registry is away, that nothing was kept. A folder that can be
/// read alone may have a good list in it, and a disk that hangs now may come back, so both are worth a warning only.
pub(crate) async fn prepare(folder: &Path) -> Result<(), String> {
    let owned = folder.to_owned();
    prepare_by(folder, PATIENCE, move || try_folder(&owned)).await
}

async fn prepare_by(
    folder: &Path,
    patience: Duration,
    try_folder: impl FnOnce() -> Use + Send + 'static,
) -> Result<(), String> {
    let tried = timeout(patience, spawn_blocking(try_folder)).await;
    match tried.map(|joined| joined.unwrap_or_else(|error| Use::None(io::Error::other(error)))) {
        Ok(Use::Full) => {}
        Ok(Use::ReadOnly(error)) => {
            tracing::warn!(?folder, %error, "the list of members cannot be kept, and a restart would lose it: {WHAT_TO_DO}");
        }
        Ok(Use::None(error)) => {
            return Err(format!("cannot keep anything in the folder {folder:?}: {error}: {WHAT_TO_DO}"));
        }
        Err(_) => {
            tracing::warn!(
                ?folder,
                "the folder does not answer within {patience:?}; going on without it: {WHAT_TO_DO}"
            );
        }
    }
    Ok(())
}

fn try_folder(folder: &Path) -> Use {
    match fs::create_dir_all(folder).and_then(|()| write_into(folder)) {
        Ok(()) => Use::Full,
        Err(error) if fs::read_dir(folder).is_ok() => Use::ReadOnly(error),
        Err(error) => Use::None(error),
    }
}

/// Writes under the name that the member itself uses, and as it does: what has this name already is left over from a crash, or
/// a link or a pipe that is not to be written through.
fn write_into(folder: &Path) -> io::Result<()> {
    let attempt = folder.join("members.json.new");
    match fs::remove_file(&attempt) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).open(&attempt)?;
    fs::remove_file(&attempt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn a_folder_is_made_with_those_above_it_and_stays_empty() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("a/b");
        for _ in 0..2 {
            prepare(&folder).await.unwrap();
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        }
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_used_says_so_and_what_to_do() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        fs::write(&file, "").unwrap();
        for folder in [file.clone(), file.join("below")] {
            let error = prepare(&folder).await.unwrap_err();
            assert!(error.starts_with(&format!("cannot keep anything in the folder {folder:?}: ")), "{error}");
            assert!(error.ends_with("(member.state_dir, NETRING_STATE_DIR or --state-dir), or none"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_folder_that_can_only_be_read_does_not_keep_the_member_from_starting() {
        let folder = tempfile::tempdir().unwrap();
        // A folder of that name cannot be removed as a file, not by root either.
        fs::create_dir(folder.path().join("members.json.new")).unwrap();
        assert!(matches!(try_folder(folder.path()), Use::ReadOnly(_)));
        prepare(folder.path()).await.unwrap();
    }

    #[tokio::test]
    async fn a_disk_that_hangs_does_not_keep_the_member_from_starting() {
        let (ends, hangs) = mpsc::channel::<()>();
        let folder = Path::new("/hangs");
        let prepared = prepare_by(folder, Duration::from_millis(20), move || {
            let _ = hangs.recv();
            Use::Full
        });
        prepared.await.unwrap();
        drop(ends);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nothing_is_written_through_a_link_or_a_pipe() {
        let parent = tempfile::tempdir().unwrap();
        let (folder, victim) = (parent.path().join("state"), parent.path().join("victim"));
        fs::create_dir(&folder).unwrap();
        fs::write(&victim, "precious").unwrap();
        let attempt = folder.join("members.json.new");
        std::os::unix::fs::symlink(&victim, &attempt).unwrap();
        prepare(&folder).await.unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
        assert!(std::process::Command::new("mkfifo").arg(&attempt).status().unwrap().success());
        assert!(matches!(try_folder(&folder), Use::Full));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    }
}
