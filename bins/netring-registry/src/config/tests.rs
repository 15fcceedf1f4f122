mod expected;
mod judging;
mod webhooks;

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
    assert_eq!(known, wanted.len() + 2, "each flag but --check and --healthcheck sets a key");
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
        ("NETRING_DASHBOARD_ENABLED", "false"),
    ];
    let config = load_all("", &variables, &[]).unwrap().config;
    assert_eq!(
        config,
        load_yaml(
            "registry:\n  server: {host: '::1', port: 0}\n  member_ttl: 600\n  cleanup_interval: 500ms\n  \
             heartbeat_interval: 15s\n  log_level: debug\n  log_format: json\n  dashboard: {enabled: false}\n"
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
        (
            "registry: {redis: {hots: x}}",
            &[],
            "there is no key `hots` here, only url, host, port, db, password, prefix, timeout, ca_file\n --> ",
        ),
        ("registry: {redis: 6379}", &[], "expected a block of keys, such as `port: 8756`\n --> "),
        (
            "registry: {redis: {url: 'http://x'}}",
            &[],
            "expected redis://HOST:PORT/DB, rediss:// for TLS, redis+sentinel://HOST,HOST/SERVICE or \
             redis+cluster://HOST,HOST\n --> ",
        ),
        (
            "",
            &[("NETRING_REDIS_URL", "redis://:hunter2@x:0")],
            "NETRING_REDIS_URL=\"redis://:********@x:0\": a port is a number from 1 to 65535",
        ),
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
fn no_password_in_a_url_is_shown() {
    let loaded =
        load_all("", &[("NETRING_REDIS_URL", "redis+sentinel://:pw1@a/m?sentinel_password=pw2")], &[]).unwrap();
    for shown in [loaded.explain(), format!("{:?}", loaded.config)] {
        assert!(!shown.contains("pw1") && !shown.contains("pw2"), "{shown}");
    }
    let explained = loaded.explain();
    assert!(explained.contains("redis+sentinel://:********@a/m?sentinel_password=********"), "{explained}");
}

#[test]
fn the_password_is_read_and_never_shown() {
    let loaded = load_all("registry: {redis: {password: 1234}}", &[], &[]).unwrap();
    assert!(!loaded.explain().contains("1234") && loaded.explain().contains("password: \"********\""));
    assert!(!format!("{:?}", loaded.config).contains("1234"));
    assert_eq!(loaded.config.redis.unwrap().password.unwrap().expose(), "1234");
}

#[test]
fn redis_is_told_by_url_or_by_parts() {
    let address = |yaml: &str, variables: &[(&str, &str)]| {
        let config = load_all(yaml, variables, &[]).unwrap().config;
        config.redis.map(|redis| redis.store().unwrap().address().to_string())
    };
    for (yaml, variables, wanted) in [
        ("", &[][..], None),
        ("registry: {redis: {}}", &[], Some("redis://localhost:6379")),
        ("registry: {redis: {host: a, port: 1, db: 2}}", &[], Some("redis://a:1/2")),
        ("registry: {redis: {host: a, url: 'redis://b'}}", &[], Some("redis://b:6379")),
        ("registry: {redis: {host: a}}", &[("NETRING_REDIS_URL", "rediss://b/1")], Some("rediss://b:6379/1")),
        ("", &[("NETRING_REDIS_URL", "redis+sentinel://:pw@a,b/main")], Some("redis+sentinel://a:26379,b:26379/main")),
        ("", &[("NETRING_REDIS_PASSWORD", "pw")], Some("redis://localhost:6379")),
    ] {
        assert_eq!(address(yaml, variables).as_deref(), wanted, "{yaml} {variables:?}");
    }
}

#[test]
fn what_no_store_can_be_made_of_is_told_before_the_start() {
    for (redis, said) in [
        ("host: 'a b'", "registry.redis.host"),
        ("host: 'a:6379'", "registry.redis.host"),
        ("port: 0", "registry.redis.port"),
        ("timeout: 9s", "registry.redis.timeout"),
        ("timeout: 50ms", "registry.redis.timeout"),
        ("ca_file: Cargo.toml, url: 'redis://a'", "registry.redis.ca_file"),
        ("prefix: 'a b'", "registry.redis.prefix"),
        ("ca_file: nowhere.pem, url: 'rediss://a'", "registry.redis.ca_file"),
        ("ca_file: Cargo.toml, url: 'rediss://a'", "registry.redis.ca_file"),
    ] {
        let error = load_all(&format!("registry: {{redis: {{{redis}}}}}"), &[], &[]).unwrap_err().to_string();
        assert!(error.contains(said), "{redis}: {error}");
    }
}
