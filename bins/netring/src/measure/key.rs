use netring_probes::RingKey;
use std::{env, fs, path::Path};

/// The variable that members have the key from, too.
const VARIABLE: &str = "NETRING_RING_KEY";

/// The key of the ring: from `file` where one is named, else from the environment. It is never an argument, which everybody
/// on the host could read.
pub(super) fn ring_key(file: Option<&Path>) -> Result<Option<RingKey>, String> {
    let (text, source) = match file {
        Some(file) => {
            let text = fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            (text.trim_end_matches(['\r', '\n']).to_owned(), file.display().to_string())
        }
        None => match env::var(VARIABLE) {
            Ok(text) if !text.is_empty() => (text, VARIABLE.to_owned()),
            Err(env::VarError::NotUnicode(_)) => return Err(format!("{VARIABLE}: it is not UTF-8")),
            _ => return Ok(None),
        },
    };
    RingKey::new(&text).map(Some).map_err(|error| format!("{source}: {error}"))
}
