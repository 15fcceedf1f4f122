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
mod describe;
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
pub use file::{document, file_in_folder};
pub use key::Key;
pub use layers::{Flag, Loaded, load};
pub use text::{FromText, TextError, or_default, text, text_option};
pub use value::{HttpUrl, LogFilter, LogFormat, Period, Ratio, Secret, Whole};

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

/// Collects environment variables for [`load`]: `environment::<C>(std::env::vars_os())`. A variable that is not UTF-8
/// and that no key takes is left out, because a stranger's variable must not keep a daemon from starting.
///
/// # Errors
/// Where the value of a variable that a key takes is not UTF-8, also where a stronger one is set.
pub fn environment<C: Configuration>(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<BTreeMap<String, String>, ConfigError> {
    let mut environment = BTreeMap::new();
    for (name, value) in variables {
        let Ok(name) = name.into_string() else { continue };
        match value.into_string() {
            Ok(value) => _ = environment.insert(name, value),
            Err(value) => {
                if let Some(key) = C::KEYS.iter().find(|key| key.variable_names().any(|known| known == name)) {
                    let problem = TextError::new("expected text in UTF-8");
                    return Err(layers::refused(key, &format!("{name}="), &value.to_string_lossy(), problem));
                }
            }
        }
    }
    Ok(environment)
}
