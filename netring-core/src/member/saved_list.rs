use crate::model::{Member, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Most bytes of a saved list that are read: more than ten times what the largest one takes.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// The form of the file. One of another version is not read.
const VERSION: u32 = 1;

/// The file in which a member keeps its list of members over a restart.
#[derive(Debug, Clone)]
pub(super) struct SavedList {
    file: PathBuf,
}

/// What was saved.
#[derive(Debug)]
pub(super) struct Saved {
    /// When the list was true.
    pub(super) as_of: Timestamp,
    pub(super) members: Vec<Member>,
    /// How many more there are that make no sense.
    pub(super) left_out: usize,
}

/// What the file holds.
#[derive(Debug, Serialize, Deserialize)]
struct Content<M> {
    version: u32,
    as_of: Timestamp,
    members: M,
}

/// A member, or nothing where there is one that makes no sense: it does not hide the others.
struct Entry(Option<Member>);

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(serde_json::from_value(serde_json::Value::deserialize(deserializer)?).ok()))
    }
}

impl SavedList {
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self { file: folder.join("members.json") }
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// The list that was saved. `None` where nothing was saved yet; [`io::ErrorKind::InvalidData`] where what is there is no
    /// list.
    pub(super) async fn read(&self) -> io::Result<Option<Saved>> {
        let file = self.file.clone();
        off_the_runtime(move || read(&file)).await
    }

    /// Gives a file that is no list another name, which it returns: it may be somebody's, and the next list would replace it.
    pub(super) async fn set_aside(&self) -> io::Result<PathBuf> {
        let (file, aside) = (self.file.clone(), self.file.with_extension("json.bad"));
        off_the_runtime(move || fs::rename(file, &aside).map(|()| aside)).await
    }

    /// Saves `members`, which were the list at `as_of`. Whoever reads meanwhile, also after a crash or a power cut, finds the
    /// old list or the new one.
    pub(super) async fn write(&self, as_of: Timestamp, members: Arc<[Member]>) -> io::Result<()> {
        let file = self.file.clone();
        off_the_runtime(move || write(&file, as_of, &members)).await
    }
}

/// A disk may hang; the probes are not to hang with it.
async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

fn read(path: &Path) -> io::Result<Option<Saved>> {
    let invalid = |problem: String| io::Error::new(io::ErrorKind::InvalidData, problem);
    match fs::metadata(path) {
        // To open a pipe would wait for somebody to write to it.
        Ok(metadata) if !metadata.is_file() => return Err(invalid("it is no file".to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        _ => {}
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(invalid(format!("it is larger than {MAX_BYTES} bytes")));
    }
    let content: Content<Vec<Entry>> = serde_json::from_slice(&bytes).map_err(|error| invalid(error.to_string()))?;
    if content.version != VERSION {
        return Err(invalid(format!("it is of version {}, and this release knows {VERSION}", content.version)));
    }
    let listed = content.members.len();
    let members: Vec<_> = content.members.into_iter().filter_map(|Entry(member)| member).collect();
    if members.is_empty() && listed > 0 {
        return Err(invalid("none of its members makes sense".to_owned()));
    }
    Ok(Some(Saved { as_of: content.as_of, left_out: listed - members.len(), members }))
}

fn write(path: &Path, as_of: Timestamp, members: &[Member]) -> io::Result<()> {
    let content = serde_json::to_vec(&Content { version: VERSION, as_of, members })?;
    let temporary = path.with_extension("json.new");
    // One may be left over from a crash. A link or a pipe of that name is not to be written through.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
    file.write_all(&content)?;
    // Some file systems put a new name on the disk before what stands in the file.
    file.sync_all()?;
    fs::rename(&temporary, path)
}

/// Whether two lists are the same but for when each member was last heard of.
pub(super) fn same_but_for_last_seen(a: &[Member], b: &[Member]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| {
            // Every field is named, so that a new one is not forgotten here.
            let Member {
                instance_id,
                location,
                address,
                heartbeat_interval,
                udp_echo,
                registered_at,
                last_seen: _,
                deregistered_at,
            } = a;
            (instance_id, location, address) == (&b.instance_id, &b.location, &b.address)
                && (heartbeat_interval, udp_echo, registered_at, deregistered_at)
                    == (&b.heartbeat_interval, &b.udp_echo, &b.registered_at, &b.deregistered_at)
        })
}
