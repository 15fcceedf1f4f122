//! They look at what is embedded, and not at the folder.

mod links;
mod scan;
mod served;
mod shipped;

use crate::files::{File, Files, file};
use rust_embed::{Embed, Filenames};

/// Every file that is embedded.
fn paths() -> Vec<String> {
    // Were they not embedded, there would be another variant, and this would not compile.
    let Filenames::Embedded(names) = <Files as Embed>::iter();
    names.map(|name| (*name).to_owned()).collect()
}

fn read(path: &str) -> File {
    file(path).unwrap_or_else(|| {
        panic!("{path} is there, and cannot be had: its name has more than letters, digits, - and _")
    })
}

/// What is a text, and may refer to something: the path and the text.
fn texts() -> Vec<(String, String)> {
    let text = |path: String| {
        let is_text = [".html", ".js", ".css", ".svg"].iter().any(|extension| path.ends_with(extension));
        is_text.then(|| (String::from_utf8(read(&path).bytes.into_owned()).unwrap(), path))
    };
    paths().into_iter().filter_map(text).map(|(text, path)| (path, text)).collect()
}
