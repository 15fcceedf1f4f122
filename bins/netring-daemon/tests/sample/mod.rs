//! A configuration with one key of every kind, and ways to load it.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "every test takes what it needs of it")]

use netring_core::{Endpoint, Location};
use netring_daemon::config::{self, Configuration, Flag, Key, Loaded, Period, Secret, TextError, or_default, text};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
};
use tempfile::TempDir;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shop {
    #[serde(deserialize_with = "text")]
    pub name: Location,
    pub every: Period,
    #[serde(deserialize_with = "or_default")]
    pub door: Door,
    pub paths: Vec<Endpoint>,
    pub till: Option<Till>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Door {
    #[serde(deserialize_with = "text")]
    pub ip: IpAddr,
    #[serde(deserialize_with = "text")]
    pub port: u16,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Till {
    pub url: String,
    pub password: Option<Secret>,
}

impl Default for Shop {
    fn default() -> Self {
        Self {
            name: Location::new("nobody").expect("it is a location"),
            every: Period::from_secs(60),
            door: Door::default(),
            paths: ["/health", "/metrics"].map(|path| Endpoint::new(path).expect("it is a path")).to_vec(),
            till: None,
        }
    }
}

impl Default for Door {
    fn default() -> Self {
        Self { ip: Ipv4Addr::UNSPECIFIED.into(), port: 80 }
    }
}

impl Configuration for Shop {
    const ROOT: &'static str = "shop";

    const KEYS: &'static [Key<Self>] = &[
        Key::new::<Location>("shop.name").variables(&["SHOP_NAME", "OLD_NAME"]).flag("--name"),
        Key::new::<Period>("shop.every").variables(&["SHOP_EVERY"]),
        Key::new::<IpAddr>("shop.door.ip").variables(&["SHOP_IP"]),
        Key::new::<u16>("shop.door.port").variables(&["SHOP_PORT"]).flag("--port"),
        Key::new::<Vec<Endpoint>>("shop.paths").variables(&["SHOP_PATHS"]),
        Key::new::<String>("shop.till.url").variables(&["TILL_URL"]),
        Key::secret("shop.till.password", |shop: &Self| shop.till.as_ref()?.password.as_ref())
            .variables(&["TILL_PASSWORD"]),
    ];

    fn resolve(&mut self, environment: &BTreeMap<String, String>) -> Result<(), (&'static str, TextError)> {
        if let Some(name) = self.name.as_str().strip_prefix('$') {
            let said = environment.get(name).and_then(|name| Location::new(name).ok());
            self.name = said.ok_or(("shop.name", TextError::new(format!("{name} is not set"))))?;
        }
        Ok(())
    }
}

pub fn environment(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A folder with `yaml` in the file `shop.yaml`.
pub fn file(yaml: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    std::fs::write(folder.path().join("shop.yaml"), yaml).expect("there is room for a file");
    folder
}

/// Loads the layers; sources and messages call the file `shop.yaml`, whatever folder it is in.
pub fn load(yaml: &str, variables: &[(&str, &str)], flags: &[Flag]) -> Result<Loaded<Shop>, String> {
    let folder = file(yaml);
    let path = folder.path().join("shop.yaml");
    let plain = |text: String| text.replace(&format!("{}/", folder.path().display()), "");
    match config::load(Some(&path), &environment(variables), flags) {
        Ok(loaded) => Ok(loaded),
        Err(error) => Err(plain(error.to_string())),
    }
}

pub fn message(yaml: &str, variables: &[(&str, &str)], flags: &[Flag]) -> String {
    load(yaml, variables, flags).expect_err("it is a mistake")
}
