use super::TextError;
use std::{io, path::PathBuf};

/// Why there is no configuration. The message is meant for the person who wrote it, and shows no secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file that was asked for does not exist.
    #[error(
        "there is no configuration file {path:?}: give the path of one that exists, or none at all, for every key has a default"
    )]
    NotThere {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The file exists and cannot be read.
    #[error("cannot read the configuration file {path:?}: {cause}")]
    Unreadable {
        /// The path as it was given.
        path: PathBuf,
        /// What the system said. It is part of the message already, hence no `source`.
        cause: io::Error,
    },
    /// The file is too large to be a configuration.
    #[error("the configuration file {path:?} is larger than {most} bytes")]
    TooLarge {
        /// The path as it was given.
        path: PathBuf,
        /// Most bytes that are taken.
        most: u64,
    },
    /// The file is no YAML, or has a key or a value that is not taken.
    #[error("{message}")]
    Yaml {
        /// What is wrong, then file, line and column, then the line itself with a caret under the place.
        message: String,
    },
    /// A value from outside the file is not taken.
    #[error("{place}: {problem}")]
    Value {
        /// The variable or flag, with its value: `NETRING_CHECK_INTERVAL="abc"`.
        place: String,
        /// What was expected instead.
        problem: TextError,
    },
    /// The layers do not fit together, each being right by itself: a fault in a daemon's table of keys.
    #[error("the configuration cannot be put together: {message}")]
    Merge {
        /// What the merge said.
        message: String,
    },
}
