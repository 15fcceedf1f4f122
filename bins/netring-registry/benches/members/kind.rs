//! The ways to ask for the list.

use crate::client::Answer;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Plain,
    Gzip,
    Unchanged,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Plain, Self::Gzip, Self::Unchanged];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Unchanged => "unchanged",
        }
    }

    /// A request; `tag` is that of the last answer.
    pub(crate) fn request(self, tag: &str) -> String {
        let header = match self {
            Self::Plain => String::new(),
            Self::Gzip => "accept-encoding: gzip\r\n".to_owned(),
            Self::Unchanged => format!("if-none-match: {tag}\r\n"),
        };
        format!(
            "GET /members HTTP/1.1\r\nhost: 127.0.0.1:8756\r\nuser-agent: netring/2.0.0\r\naccept: */*\r\n{header}\r\n"
        )
    }

    /// Looks at an answer, and gives the tag to ask with the next time.
    ///
    /// # Panics
    /// Where it is none to what was asked.
    pub(crate) fn check(self, answer: &Answer, tag: &str) -> String {
        let new_tag = answer.header("etag").unwrap_or_else(|| panic!("the list has a tag: {}", answer.head));
        match (self, answer.status, answer.header("content-encoding")) {
            (Self::Plain, 200, None) | (Self::Gzip, 200, Some("gzip")) => {}
            (Self::Unchanged, 304, _) if answer.body == 0 => {}
            // A tag serves for a minute; then everything is sent once more.
            (Self::Unchanged, 200, None) if new_tag != tag => {}
            _ => panic!("this is no answer to a request for {} with {tag:?}: {}", self.name(), answer.head),
        }
        new_tag.to_owned()
    }
}
