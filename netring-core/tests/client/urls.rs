//! URLs of registries.

use netring_core::RegistryClient;

#[test]
fn a_url_that_is_none_of_a_registry_says_what_is_wrong() {
    for (url, problem) in [
        ("", "relative URL without a base"),
        ("registry", "relative URL without a base"),
        ("/register", "relative URL without a base"),
        ("10.0.0.1:8756", "relative URL without a base"),
        ("localhost:8756", "it is neither http nor https"),
        ("ftp://registry.example", "it is neither http nor https"),
        ("file:///etc/passwd", "it is neither http nor https"),
        ("redis://registry.example:6379", "it is neither http nor https"),
        ("unix:/run/registry.sock", "it is neither http nor https"),
        ("http://", "empty host"),
        ("http://:8756", "empty host"),
        ("http://registry.example:65536", "invalid port number"),
        ("http://registry.example:port", "invalid port number"),
        ("http://registry.example:0", "its port is 0"),
        ("http://[::1", "invalid IPv6 address"),
        ("http://regi stry.example", "invalid international domain name"),
        ("http://256.1.1.1", "invalid IPv4 address"),
        ("http://registry.example/?a=b", "it has a query or a fragment"),
        ("http://registry.example/#a", "it has a query or a fragment"),
    ] {
        let error = RegistryClient::new(url).expect_err(url).to_string();
        assert!(error.starts_with(&format!("the registry URL {url:?} is not usable: ")), "{error}");
        assert!(error.contains(problem), "{url:?}: {error}");
        assert!(error.ends_with("it should look like http://registry.example:8756"), "{error}");
    }
}

#[test]
fn a_url_of_a_registry_is_taken() {
    for url in [
        "http://localhost:8756",
        "http://registry.example",
        "https://registry.example/",
        "http://[::1]:8756",
        "HTTP://10.0.0.1:8756/ring/",
        "http://user:password@registry.example:8756/ring",
    ] {
        RegistryClient::new(url).unwrap_or_else(|error| panic!("{error}"));
    }
}
