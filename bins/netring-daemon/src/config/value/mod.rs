//! Types of configuration values that both daemons have.

mod log;
mod period;
mod ratio;
mod secret;
mod url;
mod whole;

pub use log::{LogFilter, LogFormat};
pub use period::Period;
pub use ratio::Ratio;
pub use secret::Secret;
pub use url::HttpUrl;
pub use whole::Whole;

pub(super) use secret::MASK;
pub(super) use url::{mask_password, passwords};
