//! What kind of file it is.

/// The `Content-Type` of a file of this name. With `nosniff`, a browser takes it at its word.
pub(crate) fn media_type(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or_default();
    Some(match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        "woff2" => "font/woff2",
        // A licence text may have no extension.
        "txt" | "md" | "" => "text/plain; charset=utf-8",
        _ => return None,
    })
}
