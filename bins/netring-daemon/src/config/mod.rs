//! Configuration in layers: defaults, then a YAML file, then environment variables, then command-line flags. A later
//! layer wins, key by key, and every value knows where it came from.
//!
//! A daemon writes a struct with serde's `deny_unknown_fields` and `default`, whose `Default` is its only table of
//! defaults, and implements [`Configuration`] for it, whose [`Configuration::KEYS`] is its only table of names. Then
//! [`load`] does the rest:
//!
//! ```
//! use netring_daemon::config::{self, Configuration, Key, Period};
//! use serde::{Deserialize, Serialize};
//! use std::{collections::BTreeMap, time::Duration};
//!
//! #[derive(Serialize, Deserialize)]
//! #[serde(deny_unknown_fields, default)]
//! struct Baker {
//!     oven_time: Period,
//! }
//!
//! impl Default for Baker {
//!     fn default() -> Self {
//!         Self { oven_time: Period::from_secs(1800) }
//!     }
//! }
//!
//! impl Configuration for Baker {
//!     const ROOT: &'static str = "baker";
//!     const KEYS: &'static [Key<Self>] =
//!         &[Key::new::<Period>("baker.oven_time").variables(&["BAKER_OVEN_TIME"]).flag("--oven-time")];
//! }
//!
//! let environment = BTreeMap::from([("BAKER_OVEN_TIME".to_owned(), "40m".to_owned())]);
//! let loaded = config::load::<Baker>(None, &environment, &[])?;
//! assert_eq!(loaded.config.oven_time.get(), Duration::from_secs(2400));
//! assert!(loaded.explain().contains("oven_time: 2400s  # environment variable BAKER_OVEN_TIME"));
//! # Ok::<(), config::ConfigError>(())
//! ```
//!
//! Nothing here reads the process environment: the caller hands it in, by way of [`environment`] if it likes.

mod check;
mod error;
mod explain;
mod file;
mod key;
mod layers;
mod present;
mod text;
mod value;

pub use check::{check_document, check_table};
pub use error::ConfigError;
pub use explain::Entry;
pub use key::Key;
pub use layers::{Flag, Loaded, load};
pub use text::{FromText, TextError, or_default, text, text_option};
pub use value::{HttpUrl, LogFilter, LogFormat, Period, Secret, Whole};

use serde::{Serialize, de::DeserializeOwned};
use std::{collections::BTreeMap, ffi::OsString};

/// A daemon's configuration.
pub trait Configuration: Default + Serialize + DeserializeOwned + 'static {
    /// The one top key of the YAML file: everything else stands under it.
    const ROOT: &'static str;

    /// Every key, in the order in which [`Loaded::explain`] writes them.
    const KEYS: &'static [Key<Self>];

    /// Settles what a value says about the environment, once all layers are merged; does nothing unless implemented.
    ///
    /// # Errors
    /// The path of the key that cannot be settled, and why.
    fn resolve(&mut self, environment: &BTreeMap<String, String>) -> Result<(), (&'static str, TextError)> {
        let _ = environment;
        Ok(())
    }
}

/// Collects environment variables for [`load`]: `environment(std::env::vars_os())`. A variable whose name or value is
/// not UTF-8 is left out, because no key could take it, and a stranger's variable must not keep a daemon from starting.
pub fn environment(variables: impl IntoIterator<Item = (OsString, OsString)>) -> BTreeMap<String, String> {
    variables
        .into_iter()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
