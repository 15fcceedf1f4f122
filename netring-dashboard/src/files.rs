//! The files of the page.

use rust_embed::Embed;
use std::{borrow::Cow, fmt::Write};

/// The page itself; all else is asked for by it.
pub(crate) const PAGE: &str = "index.html";
/// So many bytes of the hash tell two versions of a file apart.
const TAG_BYTES: usize = 16;

#[derive(Debug, Embed)]
#[folder = "assets/"]
pub(crate) struct Files;

/// One file.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) bytes: Cow<'static, [u8]>,
    /// The beginning of the SHA-256 of its bytes, in hexadecimal.
    pub(crate) tag: String,
}

/// The file at `path`, below the folder and nowhere else.
pub(crate) fn file(path: &str) -> Option<File> {
    // A debug build reads from the disk: it is not left to the system to say what a path means.
    if !path.split('/').all(is_plain) {
        return None;
    }
    let file = Files::get(path)?;
    let tag = file.metadata.sha256_hash().iter().take(TAG_BYTES).fold(String::new(), |mut tag, byte| {
        // Writing to a String does not fail.
        let _ = write!(tag, "{byte:02x}");
        tag
    });
    Some(File { bytes: file.data, tag })
}

/// Whether it is the name of a file or of a folder, and no way out of one.
fn is_plain(segment: &str) -> bool {
    !segment.starts_with('.')
        && !segment.is_empty()
        && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}
