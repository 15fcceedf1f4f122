use super::*;
use crate::cli::Cli;
use clap::{CommandFactory, Parser};
use netring_daemon::config::{ConfigError, Flag, Loaded, check_document, check_table, load};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// A file of this repository.
fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

fn load_all(yaml: &str, variables: &[(&str, &str)], flags: &[Flag]) -> Result<Loaded<RegistryConfig>, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.yaml");
    std::fs::write(&path, yaml).unwrap();
    let environment = variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    load(Some(&path), &environment, flags)
}

fn load_yaml(yaml: &str) -> RegistryConfig {
    load_all(yaml, &[], &[]).unwrap().config
}

#[test]
fn the_table_has_every_field() {
    check_table(&RegistryConfig { redis: Some(RedisConfig::default()), ..RegistryConfig::default() }).unwrap();
}

#[test]
fn the_document_has_every_key_with_its_names_and_its_default() {
    let defaults = load_all("registry: {redis: {}}", &[], &[]).unwrap();
    check_document(&file("docs/configuration.md"), &defaults).unwrap();
}

#[test]
fn the_command_line_has_the_flags_of_the_table() {
    let wanted: Vec<_> = RegistryConfig::KEYS.iter().filter_map(Key::flag_name).collect();
    let arguments = wanted.iter().flat_map(|name| [name, "8"]).collect::<Vec<_>>();
    let given = Cli::parse_from([&["netring-registry"], &arguments[..]].concat()).flags.given();
    assert_eq!(given.iter().map(|flag| flag.name).collect::<BTreeSet<_>>(), wanted.iter().copied().collect());
    let loaded = load_all("", &[], &[]).unwrap();
    for key in RegistryConfig::KEYS.iter().filter(|key| key.flag_name().is_some()) {
        let entry = loaded.entries().iter().find(|entry| entry.path == key.path()).unwrap();
        let default = entry.value.replace("\", \"", ",").replace(['[', ']', '"'], "");
        let command = Cli::command();
        let flag = command
            .get_arguments()
            .find(|flag| flag.get_long().map(|name| format!("--{name}")).as_deref() == key.flag_name());
        let help = flag.unwrap().get_help().unwrap().to_string();
        assert!(default == "null" || help.ends_with(&format!(" [default: {default}]")), "{}: {help}", key.path());
    }
    let known = Cli::command().get_arguments().filter(|argument| argument.get_long().is_some()).count();
    assert_eq!(known, wanted.len() + 1, "each flag but --check sets a key");
}

#[test]
fn the_example_has_every_key_with_its_default() {
    let text = file("deploy/config/registry.yaml");
    let loaded = load_all(&text, &[], &[]).unwrap();
    assert_eq!(loaded.config, RegistryConfig::default());
    assert!(loaded.entries().iter().all(|entry| entry.source.starts_with("file ")), "{}", loaded.explain());

    let (before, after) = text.split_once("  redis: null\n").unwrap();
    let with_redis: String =
        after.lines().map(|line| line.replacen("  # ", "  ", usize::from(is_redis(line))) + "\n").collect();
    let loaded = load_all(&format!("{before}{with_redis}"), &[], &[]).unwrap();
    assert_eq!(loaded.config, RegistryConfig { redis: Some(RedisConfig::default()), ..RegistryConfig::default() });
    assert_eq!(loaded.entries().len(), RegistryConfig::KEYS.len());
    assert!(loaded.entries().iter().all(|entry| entry.source.starts_with("file ")), "{}", loaded.explain());
}

fn is_redis(line: &str) -> bool {
    line == "  # redis:" || line.starts_with("  #   ")
}

#[test]
fn a_file_of_1_3_is_taken_as_it_stands() {
    let config = load_yaml(include_str!("../../tests/data/registry-1.3.yaml"));
    let redis = RedisConfig { host: "redis.us1.company.com".to_owned(), ..RedisConfig::default() };
    assert_eq!(config, RegistryConfig { redis: Some(redis), ..RegistryConfig::default() });
}

#[test]
fn variables_and_flags_reach_their_keys() {
    let variables = [
        ("NETRING_SERVER_HOST", "::1"),
        ("NETRING_SERVER_PORT", "0"),
        ("NETRING_MEMBER_TTL", "10m"),
        ("NETRING_CLEANUP_INTERVAL", "0.5"),
        ("NETRING_HEARTBEAT_INTERVAL", "15"),
        ("LOG_LEVEL", "DEBUG"),
        ("NETRING_LOG_FORMAT", "json"),
    ];
    let config = load_all("", &variables, &[]).unwrap().config;
    assert_eq!(
        config,
        load_yaml(
            "registry:\n  server: {host: '::1', port: 0}\n  member_ttl: 600\n  cleanup_interval: 500ms\n  \
             heartbeat_interval: 15s\n  log_level: debug\n  log_format: json\n"
        )
    );
    let flags = Cli::parse_from(["netring-registry", "--port", "9", "--member-ttl", "7"]).flags.given();
    let loaded = load_all("", &variables, &flags).unwrap();
    assert_eq!((loaded.config.server.port, loaded.config.member_ttl), (9, Period::from_secs(7)));
    assert!(loaded.explain().contains("# flag --member-ttl"));
}

#[test]
fn the_newer_name_of_the_log_level_wins() {
    let variables = [("NETRING_LOG_LEVEL", "WARNING"), ("LOG_LEVEL", "DEBUG")];
    assert_eq!(load_all("", &variables, &[]).unwrap().config.log_level.as_str(), "warn");
}

#[test]
fn mistakes_are_told() {
    for (yaml, variables, said) in [
        ("member: {}", &[][..], "there is no key `member` here, only registry\n --> "),
        ("registry: {redis: {hots: x}}", &[], "there is no key `hots` here, only host, port, db, password\n --> "),
        ("registry: {redis: 6379}", &[], "expected a block of keys, such as `port: 8756`\n --> "),
        ("registry: {member_ttl: soon}", &[], "expected seconds such as 60, or a duration such as 30s or 5m\n --> "),
        ("registry: {log_format: xml}", &[], "expected text or json\n --> "),
        (
            "",
            &[("NETRING_SERVER_PORT", "http")],
            "NETRING_SERVER_PORT=\"http\": expected a whole number from 0 to 65535",
        ),
        ("", &[("NETRING_MEMBER_TTL", "0")], "NETRING_MEMBER_TTL=\"0\": expected more than 0 and at most 1 day"),
        ("", &[("LOG_LEVEL", "LOUD")], "LOG_LEVEL=\"LOUD\": expected trace, debug, info, warning, error or off"),
    ] {
        let error = load_all(yaml, variables, &[]).unwrap_err().to_string();
        assert!(error.starts_with(said), "{error}");
    }
    assert!(load::<RegistryConfig>(Some(Path::new("nowhere.yaml")), &BTreeMap::new(), &[]).is_err());
}

#[test]
fn the_password_is_read_and_never_shown() {
    let loaded = load_all("registry: {redis: {password: 1234}}", &[], &[]).unwrap();
    assert!(!loaded.explain().contains("1234") && loaded.explain().contains("password: \"********\""));
    assert!(!format!("{:?}", loaded.config).contains("1234"));
    assert_eq!(loaded.config.redis.unwrap().password.unwrap().expose(), "1234");
}
