use super::*;
use crate::cli::Cli;
use clap::{CommandFactory, Parser};
use netring_daemon::config::{ConfigError, Flag, FromText, Loaded, check_document, check_table, load};
use std::{collections::BTreeSet, path::Path};

/// A file of this repository.
fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

fn load_all(yaml: &str, variables: &[(&str, &str)], flags: &[Flag]) -> Result<Loaded<MemberConfig>, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("member.yaml");
    std::fs::write(&path, yaml).unwrap();
    let environment = variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    load(Some(&path), &environment, flags)
}

fn load_yaml(yaml: &str) -> MemberConfig {
    load_all(yaml, &[], &[]).unwrap().config
}

fn load_variables(variables: &[(&str, &str)]) -> MemberConfig {
    load_all("", variables, &[]).unwrap().config
}

fn mistake(yaml: &str, variables: &[(&str, &str)]) -> String {
    load_all(yaml, variables, &[]).unwrap_err().to_string()
}

#[test]
fn the_table_has_every_field() {
    check_table(&MemberConfig::default()).unwrap();
}

#[test]
fn the_document_has_every_key_with_its_names_and_its_default() {
    check_document(&file("docs/configuration.md"), &load_all("", &[], &[]).unwrap()).unwrap();
}

#[test]
fn the_command_line_has_the_flags_of_the_table() {
    let wanted: Vec<_> = MemberConfig::KEYS.iter().filter_map(Key::flag_name).collect();
    let arguments = wanted.iter().flat_map(|name| [name, "8"]).collect::<Vec<_>>();
    let given = Cli::parse_from([&["netring-member"], &arguments[..]].concat()).flags.given();
    assert_eq!(given.iter().map(|flag| flag.name).collect::<BTreeSet<_>>(), wanted.iter().copied().collect());
    let loaded = load_all("", &[], &[]).unwrap();
    for key in MemberConfig::KEYS.iter().filter(|key| key.flag_name().is_some()) {
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
    let loaded = load_all(&file("deploy/config/member.yaml"), &[], &[]).unwrap();
    assert_eq!(loaded.config, MemberConfig::default());
    assert!(loaded.entries().iter().all(|entry| entry.source.starts_with("file ")), "{}", loaded.explain());
}

#[test]
fn a_file_of_1_3_is_taken_as_it_stands() {
    let loaded = load_all(include_str!("../../tests/data/member-1.3.yaml"), &[], &[]).unwrap();
    let registry = RegistryLink {
        url: RegistryUrls::from_text("http://registry.us1.company.com:8756").unwrap(),
        redis_host: Some("redis.us1.company.com".to_owned()),
        redis_port: Some(6379),
        redis_db: Some(0),
        redis_password: None,
    };
    let wanted = MemberConfig {
        location: Location::new("us1-k8s").unwrap(),
        registry,
        server: ServerConfig { port: 8756, ..ServerConfig::default() },
        ..MemberConfig::default()
    };
    assert_eq!(loaded.config, wanted);
}

#[test]
fn variables_reach_their_keys() {
    let variables = [
        ("NETRING_LOCATION", "eu1"),
        ("NETRING_INSTANCE_ID", "42"),
        ("NETRING_ADVERTISE_IP", "10.1.2.3"),
        ("NETRING_ADVERTISE_PORT", "18757"),
        ("NETRING_REGISTRY_URL", "https://registry.company.com"),
        ("NETRING_STATE_DIR", "/var/lib/netring"),
        ("NETRING_POLL_INTERVAL", "1"),
        ("NETRING_CHECK_INTERVAL", "2s"),
        ("NETRING_HEARTBEAT_INTERVAL", "3"),
        ("NETRING_BANDWIDTH_TEST_INTERVAL", "4m"),
        ("NETRING_BANDWIDTH_TEST_SIZE_MB", "10"),
        ("NETRING_TRACEROUTE_INTERVAL", "5"),
        ("NETRING_RING_KEY", "sesame open now please"),
        ("NETRING_PROBES", "tcp,udp"),
        ("NETRING_UDP_ECHO", "false"),
        ("NETRING_BURST_PACKETS", "5"),
        ("NETRING_BURST_SPACING", "10ms"),
        ("NETRING_BURST_TIMEOUT", "2"),
        ("NETRING_BANDWIDTH_TEST_MODE", "fixed"),
        ("NETRING_BANDWIDTH_TEST_MAX_MB", "32"),
        ("NETRING_BANDWIDTH_TEST_MAX_DURATION", "3"),
        ("NETRING_TRACEROUTE_MODE", "icmp"),
        ("NETRING_TRACEROUTE_FLOWS", "4"),
        ("NETRING_TRACEROUTE_MAX_HOPS", "20"),
        ("NETRING_TRACEROUTE_TIMEOUT", "4"),
        ("NETRING_TCP_TIMEOUT", "500ms"),
        ("NETRING_HTTP_TIMEOUT", "0.7"),
        ("NETRING_HTTP_ENDPOINTS", "/a,/b"),
        ("NETRING_SERVER_HOST", "127.0.0.1"),
        ("NETRING_SERVER_PORT", "9000"),
        ("LOG_LEVEL", "WARNING"),
        ("NETRING_LOG_FORMAT", "JSON"),
    ];
    let loaded = load_all("", &variables, &[]).unwrap();
    assert_eq!(
        loaded.config,
        load_yaml(
            "member:\n  location: eu1\n  instance_id: 42\n  advertise_ip: 10.1.2.3\n  advertise_port: 18757\n  \
             registry: {url: 'https://registry.company.com/'}\n  ring_key: sesame open now please\n  state_dir: /var/lib/netring\n  \
             intervals: {poll_interval: 1, check_interval: 2, heartbeat_interval: 3, bandwidth_test_interval: 240, \
             traceroute_interval: 5}\n  server: {host: 127.0.0.1, port: 9000, udp_echo: false}\n  \
             checks: {tcp_timeout: 0.5, http_timeout: 700ms, http_endpoints: [/a, /b], bandwidth_test_size_mb: 10, \
             probes: [tcp, udp], burst_packets: 5, burst_spacing: 0.01, burst_timeout: 2, bandwidth_test_mode: fixed, \
             bandwidth_test_max_mb: 32, bandwidth_test_max_duration: 3, traceroute_mode: icmp, traceroute_flows: 4, \
             traceroute_max_hops: 20, traceroute_timeout: 4}\n  \
             log_level: warn\n  log_format: json\n"
        )
    );
    for key in MemberConfig::KEYS.iter().filter(|key| key.variable_names().next().is_some()) {
        let entry = loaded.entries().iter().find(|entry| entry.path == key.path()).unwrap();
        assert!(entry.source.starts_with("environment variable "), "{entry:?}");
    }
}

#[test]
fn newer_names_win_over_older_ones() {
    let location = |variables| load_variables(variables).location.to_string();
    assert_eq!(location(&[("MEMBER_LOCATION", "old")]), "old");
    assert_eq!(location(&[("MEMBER_LOCATION", "old"), ("NETRING_LOCATION", "new")]), "new");
    assert_eq!(location(&[("MEMBER_LOCATION", "old"), ("NETRING_LOCATION", "")]), "old");
    let url = |variables| load_variables(variables).registry.url.iter().map(ToString::to_string).collect::<String>();
    assert_eq!(url(&[("REGISTRY_URL", "http://old")]), "http://old");
    assert_eq!(url(&[("REGISTRY_URL", "http://old"), ("NETRING_REGISTRY_URL", "http://new")]), "http://new");
}

#[test]
fn locations_that_look_like_something_else_stay_text() {
    for text in ["123", "true", "null", "1e3", "007"] {
        assert_eq!(load_variables(&[("NETRING_LOCATION", text)]).location.as_str(), text);
    }
    assert_eq!(load_yaml("member: {location: 007, instance_id: true}").location.as_str(), "007");
}

#[test]
fn the_advertised_address_has_three_forms() {
    let ip = |text: &str| AdvertiseIp::Ip(text.parse().unwrap());
    for (variables, advertised) in [
        (&[][..], AdvertiseIp::Auto),
        (&[("NETRING_ADVERTISE_IP", "auto")], AdvertiseIp::Auto),
        (&[("NETRING_ADVERTISE_IP", "AUTO"), ("HOST_IP", "10.0.0.1")], AdvertiseIp::Auto),
        (&[("NETRING_ADVERTISE_IP", "2001:db8::1")], ip("2001:db8::1")),
        (&[("NETRING_ADVERTISE_IP", "::ffff:10.0.0.1")], ip("10.0.0.1")),
        (&[("NETRING_ADVERTISE_IP", "env:MY_IP"), ("MY_IP", "10.0.0.2")], ip("10.0.0.2")),
        (&[("HOST_IP", "10.0.0.1"), ("POD_IP", "10.0.0.2")], ip("10.0.0.1")),
        (&[("HOST_IP", ""), ("POD_IP", "10.0.0.2")], ip("10.0.0.2")),
        (&[("NETRING_ADVERTISE_IP", ""), ("POD_IP", "10.0.0.2")], ip("10.0.0.2")),
    ] {
        assert_eq!(load_variables(variables).advertise_ip, advertised, "{variables:?}");
    }
    let loaded = load_all("member: {advertise_ip: 'env:MY_IP'}", &[("MY_IP", "10.0.0.3")], &[]).unwrap();
    assert_eq!(loaded.config.advertise_ip, ip("10.0.0.3"));
    assert!(loaded.explain().contains("advertise_ip: \"10.0.0.3\""), "{}", loaded.explain());
    assert_eq!(load_yaml("member: {advertise_ip: null}").advertise_ip, AdvertiseIp::Auto);
}

#[test]
fn mistakes_in_variables_are_told() {
    let advertised = "expected an IP address such as 10.1.2.3, or auto, or env:NAME for the address in a variable";
    for (variables, said) in [
        (
            &[("NETRING_CHECK_INTERVAL", "abc")][..],
            "NETRING_CHECK_INTERVAL=\"abc\": expected seconds such as 60, or a duration such as 30s or 5m",
        ),
        (&[("NETRING_ADVERTISE_IP", "me")], &format!("NETRING_ADVERTISE_IP=\"me\": {advertised}")),
        (&[("NETRING_ADVERTISE_IP", "env:")], &format!("NETRING_ADVERTISE_IP=\"env:\": {advertised}")),
        (
            &[("NETRING_ADVERTISE_IP", "0.0.0.0")],
            "NETRING_ADVERTISE_IP=\"0.0.0.0\": ip must be the address of one host, 0.0.0.0 is unspecified",
        ),
        (&[("POD_IP", "ff02::1")], "POD_IP=\"ff02::1\": ip must be the address of one host, ff02::1 is multicast"),
        (
            &[("HOST_IP", "255.255.255.255")],
            "HOST_IP=\"255.255.255.255\": ip must be the address of one host, 255.255.255.255 is broadcast",
        ),
        (
            &[("NETRING_BURST_SPACING", "5s")],
            "member.checks.burst_spacing is \"5s\" (environment variable NETRING_BURST_SPACING): the packets of a burst are \
             from 1ms to 1s apart, not 5s",
        ),
        (&[("HOST_IP", "auto")], "HOST_IP=\"auto\": expected an IP address such as 10.1.2.3 or 2001:db8::1"),
        (
            &[("NETRING_ADVERTISE_IP", "env:MY_IP")],
            "member.advertise_ip is \"env:MY_IP\" (environment variable NETRING_ADVERTISE_IP): \
             the environment variable MY_IP is not set",
        ),
        (
            &[("NETRING_ADVERTISE_IP", "env:MY_IP"), ("MY_IP", "x")],
            "member.advertise_ip is \"env:MY_IP\" (environment variable NETRING_ADVERTISE_IP): the environment variable \
             MY_IP=\"x\": expected an IP address such as 10.1.2.3 or 2001:db8::1",
        ),
        (
            &[("NETRING_BANDWIDTH_TEST_SIZE_MB", "65")],
            "NETRING_BANDWIDTH_TEST_SIZE_MB=\"65\": expected a whole number from 1 to 64",
        ),
        (
            &[("NETRING_REGISTRY_URL", "registry:8756")],
            "NETRING_REGISTRY_URL=\"registry:8756\": expected a URL that starts with http:// or https://, not registry:",
        ),
        (
            &[("NETRING_REGISTRY_URL", "http://a, registry:8756")],
            "NETRING_REGISTRY_URL=\"http://a, registry:8756\": the 2nd of 2: \
             expected a URL that starts with http:// or https://, not registry:",
        ),
        (&[("REGISTRY_URL", ",")], "REGISTRY_URL=\",\": expected at least one URL, such as http://localhost:8756"),
        (
            &[("NETRING_HTTP_ENDPOINTS", "health")],
            "NETRING_HTTP_ENDPOINTS=\"health\": endpoint must start with /, not \"health\"",
        ),
        (&[("MEMBER_LOCATION", " ")], "MEMBER_LOCATION=\" \": location must not be empty"),
    ] {
        assert_eq!(mistake("", variables), said);
    }
}

#[test]
fn mistakes_in_the_file_are_told() {
    for (yaml, said) in [
        ("registry: {}", "there is no key `registry` here, only member"),
        (
            "member: {intervals: {chek_interval: 3}}",
            "there is no key `chek_interval` here, only poll_interval, check_interval, heartbeat_interval, \
             bandwidth_test_interval, traceroute_interval",
        ),
        ("member: {checks: {bandwidth_test_size_mb: 0}}", "expected a whole number from 1 to 64"),
        ("member: {checks: {max_in_flight: 0}}", "expected a whole number from 1 to 65536"),
        ("member: {checks: {http_expected_status: []}}", "expected at least one status, such as 2xx"),
        ("member: {checks: {http_endpoints: [health]}}", "endpoint must start with /, not \"health\""),
        ("member: {advertise_ip: 224.0.0.1}", "ip must be the address of one host, 224.0.0.1 is multicast"),
        ("member: {registry: {url: 'ftp://x'}}", "expected a URL that starts with http:// or https://, not ftp:"),
        ("member: {registry: {url: []}}", "expected at least one URL, such as http://localhost:8756"),
        (
            "member: {registry: {url: ['http://a', 'ftp://x']}}",
            "the 2nd of 2: expected a URL that starts with http:// or https://, not ftp:",
        ),
        ("member: {registry: {url: null}}", "expected a value; leave the key out for its default"),
        ("member: {server: {udp_echo: 1}}", "expected true or false"),
        ("member: {checks: {probes: [ping]}}", "expected tcp, http, udp, icmp, bandwidth or traceroute"),
        ("member: {checks: {probes: [tcp, tcp]}}", "expected each probe once, tcp comes twice"),
        ("member: {checks: {probes: []}}", "expected at least one probe, such as tcp"),
        ("member: {checks: {bandwidth_test_mode: quick}}", "expected adaptive or fixed"),
        ("member: {checks: {traceroute_mode: raw}}", "expected auto, udp, icmp or tcp"),
        ("member: {state_dir: ''}", "expected a path such as /var/lib/netring"),
        ("member: {registry: {redis_port: x}}", "expected a whole number from 0 to 65535"),
    ] {
        let error = mistake(yaml, &[]);
        let file = error.contains("/member.yaml:1:");
        assert!(
            error.starts_with(&format!("{said}\n --> ")) && file && error.contains(&format!("1 | {yaml}")),
            "{error}"
        );
    }
}

#[test]
fn statuses_have_three_forms() {
    let statuses = |list: &str| load_all(&format!("member: {{checks: {{http_expected_status: {list}}}}}"), &[], &[]);
    let config = statuses("[2xx, 301, '404', 500-502, 4XX]").unwrap().config;
    assert_eq!(config.checks.http_expected_status.to_string(), "2xx, 301, 404, 500-502, 4XX");
    assert_eq!(StatusList::default().to_string(), "2xx, 3xx");
    for bad in ["6xx", "99", "600", "2x", "200-", "399-200", "-200", "ok", "'+99'", "1.5", "''"] {
        let error = statuses(&format!("[{bad}]")).unwrap_err().to_string();
        assert!(
            error.starts_with("expected statuses from 100 to 599, such as 204, 2xx or 200-399, not"),
            "{bad}: {error}"
        );
    }
}

#[test]
fn passwords_are_never_shown() {
    let yaml = "member: {registry: {url: 'http://me:hunter2@x', redis_password: hunter2}}";
    let loaded = load_all(yaml, &[], &[]).unwrap();
    assert!(!loaded.explain().contains("hunter2") && !format!("{:?}", loaded.config).contains("hunter2"));
    assert!(loaded.explain().contains("url: http://me:********@x"), "{}", loaded.explain());
    assert_eq!(loaded.config.registry.url.iter().next().unwrap().get().password(), Some("hunter2"));
    let key = "a key of sixteen bytes or more";
    let loaded = load_all("", &[("NETRING_RING_KEY", key)], &[]).unwrap();
    assert!(!loaded.explain().contains(key) && loaded.config.ring_key().is_some(), "{}", loaded.explain());
    let refused = load_all("", &[("NETRING_RING_KEY", "hunter2")], &[]).unwrap_err().to_string();
    let said = "member.ring_key is \"********\" (environment variable NETRING_RING_KEY): the key of a ring has from 16 to 1024 \
                bytes, this one has 7";
    assert_eq!(refused, said);
}

#[test]
fn passwords_that_should_have_been_escaped_are_not_shown_either() {
    let nasty = [
        "hunter/zqzq",
        "hunter?zqzq",
        "hunter#zqzq",
        "hunter,zqzq",
        "hunter:zqzq",
        "hunter@zqzq",
        "hunter%zqzq",
        "a,hunter:zqzq,b",
    ];
    for (scheme, password) in ["http://", "ftp://", ""].iter().flat_map(|s| nasty.iter().map(move |p| (s, p))) {
        for before in ["", "http://a,"] {
            let url = format!("{before}{scheme}me:{password}@x");
            let flag = Flag { name: "--registry-url", value: url.clone() };
            let yaml = format!("member: {{registry: {{url: '{url}'}}}}");
            let list = format!("member:\n  registry:\n    url:\n      - 'http://b'\n      - '{url}'\n");
            for loaded in [
                load_all("", &[("NETRING_REGISTRY_URL", &url)], &[]),
                load_all("", &[], &[flag]),
                load_all(&yaml, &[], &[]),
                load_all(&list, &[], &[]),
            ] {
                let shown = match loaded {
                    Ok(loaded) => format!("{} {:?}", loaded.explain(), loaded.config),
                    Err(error) => format!("{error} {error:?}"),
                };
                assert!(!shown.contains("hunter") && !shown.contains("zqzq"), "{url}: {shown}");
            }
        }
    }
}

#[test]
fn registries_are_one_or_several_in_every_form() {
    let urls =
        |loaded: &Loaded<MemberConfig>| loaded.config.registry.url.iter().map(ToString::to_string).collect::<Vec<_>>();
    let several = ["http://a:8756", "https://b"];
    for list in
        ["'http://a:8756, https://b/'", "['http://a:8756', https://b]", "\n      - http://a:8756\n      - https://b\n"]
    {
        let yaml = format!("member:\n  registry:\n    url: {list}");
        assert_eq!(urls(&load_all(&yaml, &[], &[]).unwrap()), several, "{yaml}");
    }
    for text in ["http://a:8756,https://b", " http://a:8756 , https://b ,", "[\"http://a:8756\", \"https://b\"]"] {
        assert_eq!(urls(&load_all("", &[("REGISTRY_URL", text)], &[]).unwrap()), several, "{text}");
        let flag = Flag { name: "--registry-url", value: text.to_owned() };
        assert_eq!(urls(&load_all("", &[("REGISTRY_URL", "http://other")], &[flag]).unwrap()), several, "{text}");
    }
    for one in ["http://a:8756", "['http://a:8756']"] {
        let loaded = load_all(&format!("member: {{registry: {{url: {one}}}}}"), &[], &[]).unwrap();
        assert!(loaded.explain().contains("url: http://a:8756 "), "{}", loaded.explain());
    }
    let loaded = load_all("", &[("NETRING_REGISTRY_URL", "http://me:hunter2@a,http://b")], &[]).unwrap();
    let explained = loaded.explain();
    assert!(explained.contains(r#"url: ["http://me:********@a", "http://b"]"#), "{explained}");
    assert!(!format!("{:?}", loaded.config).contains("hunter2"));
    assert_eq!(urls(&load_all(&explained, &[], &[]).unwrap()).len(), 2, "what is shown is taken");
    let told = mistake("", &[("NETRING_REGISTRY_URL", "http://a,ftp://me:hunter2@x")]);
    assert!(told.contains("ftp://me:********@x\": the 2nd of 2: expected") && !told.contains("hunter2"), "{told}");
    let twice = [("NETRING_REGISTRY_URL", "http://a,http://b,http://a/")];
    assert_eq!(urls(&load_all("", &twice, &[]).unwrap()), ["http://a", "http://b"], "each once");
}
