//! Which members should be there, and which are.

mod alerts;
mod members;
mod report;
#[cfg(test)]
mod tests;
mod tracker;

pub use members::{Criticality, ExpectedLocation, ExpectedMembers, ExpectedSettings};
pub use report::{AlertLevel, ExpectedAlert, ExpectedReport, ExpectedSummary, LocationReport, LocationStatus};
pub use tracker::ExpectedTracker;
