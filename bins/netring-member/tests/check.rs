//! `netring-member --check`, as a process.

use std::process::{Command, Output};

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> (Output, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_netring-member"))
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .expect("the binary was built");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    (output, out, err)
}

#[test]
fn prints_what_would_be_used_and_where_it_comes_from() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/config/member.yaml");
    let (output, out, err) = run(&["--check", "--port", "9000", file], &[("LOG_LEVEL", "DEBUG")]);
    assert!(output.status.success() && err.is_empty(), "{err}");
    assert!(out.starts_with("member:\n"), "{out}");
    for (key, source) in [
        ("port: 9000 ", "  # flag --port\n".to_owned()),
        ("log_level: debug ", "  # environment variable LOG_LEVEL\n".to_owned()),
        ("log_format: text ", format!("  # file {file}\n")),
    ] {
        assert!(out.lines().any(|line| line.contains(key) && format!("{line}\n").ends_with(&source)), "{key}: {out}");
    }
}

#[test]
fn a_mistake_is_told_and_fails() {
    let (output, out, err) = run(&["--check", "nowhere.yaml"], &[]);
    assert_eq!((output.status.code(), out.as_str()), (Some(1), ""));
    assert!(err.starts_with("netring-member: there is no configuration file \"nowhere.yaml\": "), "{err}");

    let (output, out, err) = run(&["--check"], &[("NETRING_SERVER_PORT", "70000")]);
    assert_eq!((output.status.code(), out.as_str()), (Some(1), ""));
    assert_eq!(err, "netring-member: NETRING_SERVER_PORT=\"70000\": expected a whole number from 0 to 65535\n");
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf8_hurts_nobody() {
    use std::os::unix::ffi::OsStringExt;
    let status = Command::new(env!("CARGO_BIN_EXE_netring-member"))
        .arg("--check")
        .env_clear()
        .env("ODD", std::ffi::OsString::from_vec(vec![0xff]))
        .output()
        .unwrap()
        .status;
    assert!(status.success());
}
