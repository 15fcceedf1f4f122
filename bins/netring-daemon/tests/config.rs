//! Layers, sources and mistakes, on a configuration that has one key of every kind.

mod sample;

use netring_daemon::config::{self, ConfigError, Entry, Flag, check_table};
use sample::{Shop, environment, file, load, message};
use std::{collections::BTreeMap, ffi::OsString, os::unix::ffi::OsStringExt, path::Path};

#[test]
fn the_table_has_every_field() {
    check_table(&Shop { till: Some(sample::Till::default()), ..Shop::default() }).unwrap();
    let missing = check_table(&Shop::default()).unwrap_err();
    assert!(missing.contains("shop.till.password"), "{missing}");
}

#[test]
fn without_any_layer_all_is_default() {
    let loaded = load("", &[], &[]).unwrap();
    assert_eq!(loaded.config, Shop::default());
    assert!(loaded.entries().iter().all(|entry| entry.source == "default"), "{:?}", loaded.entries());
}

#[test]
fn files_that_say_nothing_are_defaults() {
    for text in ["", "# only a comment\n", "---\n", "~", "{}", "shop:\n", "shop: null", "shop: {}", "shop:\n  door:\n"]
    {
        let loaded = load(text, &[], &[]).unwrap();
        assert_eq!(loaded.config, Shop::default(), "{text:?}");
        assert!(loaded.entries().iter().all(|entry| entry.source == "default"), "{text:?}: {:?}", loaded.entries());
    }
}

#[test]
fn a_file_in_a_folder_is_found_by_the_name_of_the_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.yaml");
    assert_eq!(config::file_in_folder::<Shop>(folder.path()), None);
    assert_eq!(config::file_in_folder::<Shop>(&folder.path().join("nowhere")), None);
    assert_eq!(config::file_in_folder::<Shop>(Path::new("")), None);
    // What container engines make of a file that was to be mounted and is not there: the start has to fail.
    std::fs::create_dir(&path).unwrap();
    assert_eq!(config::file_in_folder::<Shop>(folder.path()), Some(path.clone()));
    let said = config::load::<Shop>(Some(&path), &BTreeMap::new(), &[]).unwrap_err().to_string();
    assert!(said.contains("shop.yaml") && said.contains("directory"), "{said}");
    std::fs::remove_dir(&path).unwrap();
    std::fs::write(&path, "shop:").unwrap();
    assert_eq!(config::file_in_folder::<Shop>(folder.path()), Some(path));
}

#[test]
fn a_later_layer_wins_key_by_key() {
    let yaml = "shop:\n  name: file\n  door:\n    port: 1\n  every: 1m 30s\n";
    let flags = [Flag { name: "--port", value: "3".to_owned() }];
    let loaded = load(yaml, &[("SHOP_NAME", "variable"), ("SHOP_PORT", "2")], &flags).unwrap();
    let sources: Vec<_> = loaded.entries().iter().map(|e| (e.path.as_str(), e.value.as_str(), said(e))).collect();
    assert_eq!(
        sources,
        [
            ("shop.name", "variable", "environment variable SHOP_NAME"),
            ("shop.every", "90s", "file shop.yaml"),
            ("shop.door.ip", r#""0.0.0.0""#, "default"),
            ("shop.door.port", "3", "flag --port"),
            ("shop.paths", r#"["/health", "/metrics"]"#, "default"),
            ("shop.till", "null", "default"),
        ]
    );
}

#[test]
fn a_key_that_is_set_to_its_default_is_still_set() {
    let loaded = load("shop: {every: 60}", &[], &[]).unwrap();
    assert_eq!(said(&loaded.entries()[1]), "file shop.yaml");
}

/// The source of `entry`, without the folder that the file is in.
fn said(entry: &Entry) -> &str {
    if entry.source.starts_with("file /") && entry.source.ends_with("/shop.yaml") {
        "file shop.yaml"
    } else {
        &entry.source
    }
}

#[test]
fn the_first_variable_that_is_set_and_not_empty_wins() {
    for (variables, name) in [
        (&[("SHOP_NAME", "new"), ("OLD_NAME", "old")][..], "new"),
        (&[("SHOP_NAME", ""), ("OLD_NAME", "old")], "old"),
        (&[("OLD_NAME", "old")], "old"),
        (&[("SHOP_NAME", ""), ("OLD_NAME", "")], "nobody"),
    ] {
        assert_eq!(load("", variables, &[]).unwrap().config.name.as_str(), name, "{variables:?}");
    }
    let error = message("", &[("OLD_NAME", "\u{7}")], &[]);
    assert_eq!(error, r#"OLD_NAME="\u{7}": location must have no control characters, this one has U+0007"#);
}

#[test]
fn text_stays_text_in_every_layer() {
    for text in ["123", "true", "null", "1.50", "0x10", "1e3", "~", "[a]", "a # b", "\"", "'", "a: b", "-", ".nan"] {
        let flags = [Flag { name: "--name", value: text.to_owned() }];
        for loaded in [load("", &[("SHOP_NAME", text)], &[]), load("", &[], &flags)] {
            assert_eq!(loaded.unwrap().config.name.as_str(), text);
        }
    }
    for text in ["123", "true", "1.50", "0x10", "123456789012345678901234567890123456789012", ".nan"] {
        let loaded = load(&format!("shop:\n  name: {text}\n"), &[], &[]).unwrap();
        assert_eq!(loaded.config.name.as_str(), text);
    }
}

#[test]
fn variables_and_flags_that_do_not_parse_are_named_with_their_value() {
    for (name, value, said) in [
        ("SHOP_EVERY", "abc", r#"SHOP_EVERY="abc": expected seconds such as 60, or a duration such as 30s or 5m"#),
        ("SHOP_PORT", "70000", r#"SHOP_PORT="70000": expected a whole number from 0 to 65535"#),
        ("SHOP_IP", "x", r#"SHOP_IP="x": expected an IP address such as 10.1.2.3 or 2001:db8::1"#),
        ("SHOP_PATHS", "/a,b", r#"SHOP_PATHS="/a,b": endpoint must start with /, not "b""#),
    ] {
        assert_eq!(message("", &[(name, value)], &[]), said);
    }
    let flag = |name, value: &str| message("", &[], &[Flag { name, value: value.to_owned() }]);
    assert_eq!(flag("--port", "x"), r#"--port "x": expected a whole number from 0 to 65535"#);
    assert_eq!(flag("--name", ""), r#"--name "": location must not be empty"#);
    assert_eq!(flag("--nmae", ""), "the configuration cannot be put together: no key is set by the flag --nmae");
}

#[test]
fn a_key_may_say_what_only_the_environment_knows() {
    assert_eq!(load("shop: {name: $WHO}", &[("WHO", "me")], &[]).unwrap().config.name.as_str(), "me");
    assert_eq!(message("shop: {name: $WHO}", &[], &[]), r#"shop.name is "$WHO" (file shop.yaml): WHO is not set"#);
}

#[test]
fn files_that_cannot_be_read_say_so() {
    let no_file = |path: &Path| config::load::<Shop>(Some(path), &BTreeMap::new(), &[]).unwrap_err();
    let error = no_file(Path::new("nowhere/shop.yaml"));
    assert!(matches!(error, ConfigError::NotThere { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "there is no configuration file \"nowhere/shop.yaml\": give the path of one that exists, or none at all, \
         for every key has a default"
    );

    let folder = tempfile::tempdir().unwrap();
    let error = no_file(folder.path()).to_string();
    assert!(error.starts_with("cannot read the configuration file") && error.contains("directory"), "{error}");

    let path = folder.path().join("a.yaml");
    std::fs::write(&path, vec![b'#'; (1 << 20) + 1]).unwrap();
    let error = no_file(&path).to_string();
    assert!(error.ends_with("a.yaml\" is larger than 1048576 bytes"), "{error}");
    std::fs::write(&path, vec![b'#'; 1 << 20]).unwrap();
    config::load::<Shop>(Some(&path), &BTreeMap::new(), &[]).unwrap();

    std::fs::write(&path, b"shop:\n  name: \xff\n").unwrap();
    let error = no_file(&path).to_string();
    assert!(error.contains("it is not UTF-8: invalid utf-8 sequence of 1 bytes from index 14"), "{error}");
}

#[test]
fn the_environment_leaves_out_what_is_not_utf8_and_means_nothing() {
    let odd = OsString::from_vec(vec![0xff]);
    let variables = [("A".into(), odd.clone()), (odd, "b".into()), ("C".into(), "d".into())];
    assert_eq!(config::environment::<Shop>(variables).unwrap(), environment(&[("C", "d")]));
}

#[test]
fn a_variable_of_a_key_that_is_not_utf8_is_named_with_its_value() {
    for (name, value, said) in [
        ("SHOP_NAME", &b"\xff\xfe"[..], "SHOP_NAME=\"\u{fffd}\u{fffd}\": expected text in UTF-8"),
        ("OLD_NAME", b"eu\xff1", "OLD_NAME=\"eu\u{fffd}1\": expected text in UTF-8"),
        ("SHOP_PORT", b"80\xff", "SHOP_PORT=\"80\u{fffd}\": expected text in UTF-8"),
        ("TILL_URL", b"http://a:hunter2@b/\xff", "TILL_URL=\"http://a:********@b/\u{fffd}\": expected text in UTF-8"),
        ("TILL_PASSWORD", b"hunter2\xff", "TILL_PASSWORD=\"********\": expected text in UTF-8"),
    ] {
        let variables = [("SHOP_NAME".into(), "good".into()), (name.into(), OsString::from_vec(value.to_vec()))];
        assert_eq!(config::environment::<Shop>(variables).unwrap_err().to_string(), said);
    }
}

#[test]
fn debug_output_has_no_secret() {
    let loaded = load("shop: {till: {password: hunter2}}", &[], &[]).unwrap();
    let folder = file("");
    assert!(!format!("{loaded:?}{folder:?}").contains("hunter2"));
    assert_eq!(loaded.config.till.unwrap().password.unwrap().expose(), "hunter2");
}
