//! What is said of a mistake in the file, and what is written of a configuration.

mod sample;

use netring_daemon::config::Flag;
use proptest::prelude::*;
use sample::{Shop, load, message};

#[test]
fn mistakes_show_file_line_column_and_the_line_itself() {
    assert_eq!(
        message("shop:\n  name: a\n  evry: 60\n  paths: []\n", &[], &[]),
        "there is no key `evry` here, only name, every, door, paths, till\n --> shop.yaml:3:3\n  |\n\
         3 |   evry: 60\n  |   ^ there is no key `evry` here, only name, every, door, paths, till"
    );
    for (yaml, said, place) in [
        ("shop:\n  every: abc", "expected seconds such as 60, or a duration such as 30s or 5m", "2:10"),
        ("shop:\n  every: 0", "expected more than 0 and at most 1 day", "2:10"),
        ("shop:\n  every: 2 days", "expected more than 0 and at most 1 day", "2:10"),
        ("shop:\n  every: [1]", "expected a single value", "2:10"),
        ("shop:\n  every: null", "expected a value; leave the key out for its default", "2:10"),
        ("shop:\n  door:\n    port: 70000", "expected a whole number from 0 to 65535", "3:11"),
        ("shop:\n  door:\n    port: 1.5", "expected a whole number from 0 to 65535", "3:11"),
        ("shop:\n  door:\n    ip: localhost", "expected an IP address such as 10.1.2.3", "3:9"),
        ("shop:\n  door: 80", "expected a block of keys, such as `port: 8756`", "2:9"),
        ("shop:\n  door:\n    prt: 80", "there is no key `prt` here, only ip, port", "3:5"),
        ("shop:\n  paths: /a", "expected a list, such as [a, b]", "2:10"),
        ("shop:\n  paths: [/a, b]", "endpoint must start with /, not \"b\"", "2:15"),
        ("shop:\n  name: ''", "location must not be empty", "2:9"),
        ("shop:\n  name: a\n  name: b", "duplicate mapping key `name` is not allowed here", "3:3"),
        ("shop:\n  name: 'a\n", "unclosed quote", "2:9"),
        ("shop:\n  name: a: b\n", "mapping values are not allowed in this context", "2:10"),
        ("shop: *a", "reference to unknown value", "1:7"),
        ("shop: {}\n---\nshop: {}\n", "expected the end of the file, only one document is taken", "3:1"),
        ("sohp: {}", "there is no key `sohp` here, only shop", "1:1"),
        ("shop: {}\nmember: {}", "there is no key `member` here, only shop", "2:1"),
        ("- shop\n", "expected a block of keys, such as `port: 8756`", "1:1"),
        ("just text", "expected a block of keys, such as `port: 8756`", "1:1"),
    ] {
        let error = message(yaml, &[], &[]);
        let line: usize = place.split(':').next().unwrap().parse().unwrap();
        let shown = format!("\n{line} | {}\n", yaml.lines().nth(line - 1).unwrap());
        assert!(error.starts_with(said), "{yaml:?}: {error}");
        assert!(error.contains(&format!("\n --> shop.yaml:{place}\n")), "{yaml:?}: {error}");
        assert!(error.contains(&shown) && error.contains('^'), "{yaml:?}: {error}");
    }
}

#[test]
fn a_key_that_may_be_a_misspelt_secret_is_shown_without_its_value() {
    assert_eq!(
        message("shop:\n  till: {url: 'a://b:c@d', pasword: 12 34}", &[], &[]),
        "there is no key `pasword` here, only url, password\n --> shop.yaml:2:28\n  |\n\
         2 |   till: {url: 'a://b:*@d', pasword: ** ***\n  |                            ^ there is no key `pasword` here, only url, password"
    );
}

#[test]
fn bombs_are_refused() {
    let laughs: String = (1..30).map(|n| format!("  a{n}: &a{n} [*a{}, *a{}]\n", n - 1, n - 1)).collect();
    for yaml in ["[".repeat(100_000), "{".repeat(100_000), format!("shop:\n  a0: &a0 [x]\n{laughs}")] {
        assert!(load(&yaml, &[], &[]).is_err());
    }
}

#[test]
fn mistakes_show_no_secret() {
    for yaml in [
        "shop:\n  till:\n    password: hunter2\n    pin: 1\n",
        "shop:\n  till:\n    password: [hunter2]\n",
        "shop:\n  till: {pin: 1, password: hunter2}\n",
        "shop:\n  till: {url: 'redis://me:hunter2@x', pin: 1}\n",
        "shop:\n  till:\n    passwrd: hunter2\n",
        "shop:\n  till:\n    \"password\" : \"hunter2\n",
    ] {
        let error = message(yaml, &[], &[]);
        assert!(error.contains("--> shop.yaml:") && !error.contains("hunter2"), "{error}");
    }
    let error = message("", &[("SHOP_EVERY", "http://me:hunter2@x")], &[]);
    assert!(error.starts_with("SHOP_EVERY=\"http://me:********@x\": expected seconds"), "{error}");
}

#[test]
fn the_explanation_is_a_table_that_people_can_read() {
    let yaml = "shop:\n  till: {url: 'redis://me:hunter2@x', password: hunter2}\n";
    let loaded = load(yaml, &[("SHOP_EVERY", "5m")], &[Flag { name: "--name", value: "eu1 #2".to_owned() }]).unwrap();
    let from = &loaded.entries().last().unwrap().source;
    assert!(from.starts_with("file /") && from.ends_with("/shop.yaml"), "{from}");
    assert_eq!(
        loaded.explain(),
        format!(
            r##"shop:
  name: "eu1 #2"                  # flag --name
  every: 300s                     # environment variable SHOP_EVERY
  door:
    ip: "0.0.0.0"                 # default
    port: 80                      # default
  paths: ["/health", "/metrics"]  # default
  till:
    url: redis://me:********@x    # {from}
    password: "********"          # {from}
"##
        )
    );
}

#[test]
fn a_variable_can_open_a_block_that_is_null() {
    let loaded = load("", &[("TILL_PASSWORD", "hunter2")], &[]).unwrap();
    let till = loaded.config.till.as_ref().unwrap();
    assert_eq!((till.url.as_str(), till.password.as_ref().unwrap().expose()), ("", "hunter2"));
    assert!(
        loaded.explain().contains("    url: \"\" ") && loaded.explain().contains("environment variable TILL_PASSWORD")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_explanation_is_a_file_with_the_same_configuration(
        name in "[^$\\pC\u{2028}\u{2029}]{1,40}|[-#:,\\[\\]{}&*!|>'\"%@`~ a0.]{1,12}",
        url in "\\PC{0,20}|[\u{0}-\u{ff}]{0,12}|[-#:,\\[\\]{}&*!|>'\"%@`~ a0.\n]{1,12}",
        every in 1_u32..86_400_000,
        port: u16,
    ) {
        prop_assume!(!name.trim().is_empty() && !url.is_empty() && !url.contains("://"));
        let every = format!("{every}ms");
        let port = port.to_string();
        let variables = [("SHOP_NAME", &*name), ("TILL_URL", &url), ("SHOP_EVERY", &every), ("SHOP_PORT", &port)];
        let Ok(loaded) = load("", &variables, &[]) else { return Ok(()) };
        let read: Shop = load(&loaded.explain(), &[], &[]).unwrap_or_else(|e| panic!("{e}\n{}", loaded.explain())).config;
        prop_assert_eq!(&read, &loaded.config, "{}", loaded.explain());
    }

    #[test]
    fn no_file_makes_a_panic(yaml in "(shop:\n  )?[-#:,\\[\\]{}&*!|>'\"%@`~ a0.\npshot]{0,60}") {
        let _ = load(&yaml, &[], &[]);
    }
}
