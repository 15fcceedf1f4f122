use crate::model::Member;
use std::time::Duration;

/// The members that are to be probed, and how old that list is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peers {
    /// The members. The one that asks may be among them.
    pub members: Vec<Member>,
    /// How long ago the list was true: more than zero where whoever gave it could not look it up and gave the last one
    /// that it knew.
    pub age: Duration,
}

/// A list that is true now.
impl From<Vec<Member>> for Peers {
    fn from(members: Vec<Member>) -> Self {
        Self { members, age: Duration::ZERO }
    }
}
