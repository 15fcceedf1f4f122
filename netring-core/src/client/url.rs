use ::url::Url;

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The URL is none of a registry.
    #[error("the registry URL {url:?} is not usable: {problem}; it should look like http://registry.example:8756")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Several registries were asked for, and none was named.
    #[error("there is no registry URL; name one at least, such as http://registry.example:8756")]
    NoRegistry,
    /// The HTTP client could not be made.
    #[error("cannot make an HTTP client")]
    Http(#[from] reqwest::Error),
}

impl ClientError {
    /// The error that `url` has the `problem`, without the user and password that it may have.
    pub(super) fn url(url: &str, problem: impl Into<String>) -> Self {
        Self::Url { url: without_credentials(url), problem: problem.into() }
    }
}

/// Everything up to the last `@` may be a password, however wrong the rest of `url` is.
fn without_credentials(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((before, after)) => {
            let scheme = before.find("//").map_or("", |i| &before[..i + 2]);
            format!("{scheme}***@{after}")
        }
        None => url.to_owned(),
    }
}

/// The URL under which the paths of a registry stand, with a slash at its end. The error is what is wrong with `url`.
pub(super) fn base_url(url: &str) -> Result<Url, String> {
    let mut base = Url::parse(url).map_err(|error| error.to_string())?;
    if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
        return Err("it is neither http nor https".into());
    }
    if base.port() == Some(0) {
        return Err("its port is 0".into());
    }
    if base.query().is_some() || base.fragment().is_some() {
        return Err("it has a query or a fragment".into());
    }
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    Ok(base)
}
