//! Who is told of faults.

use super::{load_all, load_yaml};
use crate::config::alerts::WebhookFormat;
use netring_daemon::config::Secret;
use std::time::Duration;

const TWO: &str = "registry:\n  alerts:\n    retry_for: 1m\n    webhooks:\n      - {url: 'https://me:hush1@a.example:8443/hush2/x?key=hush3', \
                   bearer_token: hush4}\n      - url: http://am:9093/api/v2/alerts\n        format: alertmanager\n        timeout: 10s\n";

#[test]
fn webhooks_are_a_list_in_the_file_or_one_url_anywhere() {
    let alerts = load_yaml(TWO).alerts;
    assert_eq!(alerts.retry_for.get(), Duration::from_secs(60));
    let [one, two] = &alerts.webhooks.0[..] else { panic!("{alerts:?}") };
    assert_eq!(one.url.expose(), "https://me:hush1@a.example:8443/hush2/x?key=hush3");
    assert_eq!(one.bearer_token.as_ref().map(Secret::expose), Some("hush4"), "no mask takes its place on the way");
    assert_eq!((one.format, one.timeout.get()), (WebhookFormat::Netring, Duration::from_secs(5)));
    assert_eq!(two.url.expose(), "http://am:9093/api/v2/alerts");
    assert_eq!((two.format, two.timeout.get()), (WebhookFormat::Alertmanager, Duration::from_secs(10)));
    assert!(two.bearer_token.is_none());

    let variable = [("NETRING_ALERT_WEBHOOK_URL", "http://b/hook?key=1")];
    for (yaml, variables) in
        [(TWO, &variable[..]), ("", &variable), ("registry: {alerts: {webhooks: 'http://b/hook?key=1'}}", &[])]
    {
        let webhooks = load_all(yaml, variables, &[]).unwrap().config.alerts.webhooks;
        let urls: Vec<_> = webhooks.0.iter().map(|webhook| webhook.url.expose()).collect();
        assert_eq!(urls, ["http://b/hook?key=1"], "{yaml} {variables:?}");
    }
    for none in
        ["", "registry: {alerts: {}}", "registry: {alerts: {webhooks: []}}", "registry: {alerts: {webhooks: null}}"]
    {
        assert!(load_yaml(none).alerts.webhooks.0.is_empty(), "{none}");
    }
}

#[test]
fn nothing_that_is_shown_has_a_secret() {
    let loaded = load_all(TWO, &[], &[]).unwrap();
    let explained = loaded.explain();
    for shown in [&explained, &format!("{loaded:?}"), &format!("{:?}", loaded.config)] {
        assert!(!shown.contains("hush"), "{shown}");
    }
    let line = explained.lines().find(|line| line.contains("webhooks")).unwrap();
    assert_eq!(
        line.trim().split("  #").next().unwrap(),
        r#"webhooks: [{bearer_token: "********", format: "netring", timeout: "5s", url: "https://a.example:8443/********"}, {bearer_token: null, format: "alertmanager", timeout: "10s", url: "http://am:9093/********"}]"#
    );
    // It is YAML that is taken again, once the secrets are put back.
    let again = load_all(&explained, &[], &[]).unwrap().config.alerts.webhooks;
    assert_eq!(again.0.len(), 2);
}

#[test]
fn mistakes_are_told_without_the_url() {
    for (yaml, said) in [
        ("webhooks: [{url: 'ftp://hush'}]", "expected a URL that starts with http:// or https://\n --> "),
        ("webhooks: [{url: 'hush'}]", "expected a URL such as https://alerts.example.com/netring: "),
        ("webhooks: [{url: 'http://a/#hush'}]", "expected a URL without a fragment (#)\n --> "),
        ("webhooks: [{url: 'http://a:0/hush'}]", "expected a URL with a port from 1 to 65535\n --> "),
        ("webhooks: hush", "expected a URL such as"),
        (
            "webhooks:\n      - {url: 'http://a/hush', fromat: netring}",
            "there is no key `fromat` here, only url, format",
        ),
        ("webhooks:\n      - {url: 'http://a/hush', format: slack}", "expected netring or alertmanager\n --> "),
        ("webhooks:\n      - url: http://a/hush\n        timeout: hush", "expected seconds such as 60"),
        ("webhooks:\n      - http://a/hush", "expected a block of keys"),
        ("webhooks:\n      - url: http://a/hush\n        bearer_tokn: hush", "there is no key `bearer_tokn` here"),
        ("webhooks:\n      - format: netring\n        bearer_token: hush", "url"),
        ("webhooks:\n      - {url: 'http://a/hush', timeout: 61s}", "webhook 1: expected a timeout of at most 60s"),
        (
            "webhooks:\n      - {url: 'http://a/hush', bearer_token: 'hush hush'}",
            "webhook 1: expected a bearer_token of",
        ),
        ("webhooks:\n      - {url: 'http://a/hush', bearer_token: ''}", "webhook 1: expected a bearer_token of"),
        (
            "webhooks:\n      - url: http://a/hush\n      - url: http://a/hush",
            "webhook url must not be given twice: http://a/",
        ),
    ] {
        let error = load_all(&format!("registry:\n  alerts:\n    {yaml}\n"), &[], &[]).unwrap_err().to_string();
        assert!(error.contains(said) && !error.contains("hush"), "{yaml}: {error}");
    }
    let many: String = (0..17).map(|n| format!("{{url: 'http://a/{n}'}}, ")).collect();
    let error = load_all(&format!("registry: {{alerts: {{webhooks: [{many}]}}}}"), &[], &[]).unwrap_err().to_string();
    assert!(error.contains("registry.alerts.webhooks is \"********\"") && error.contains("at most 16"), "{error}");
    let error = load_all("", &[("NETRING_ALERT_WEBHOOK_URL", "hush://hush")], &[]).unwrap_err().to_string();
    assert!(error.starts_with("NETRING_ALERT_WEBHOOK_URL=\"********\": expected a URL that starts with"), "{error}");
}
