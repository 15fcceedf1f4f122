//! The routers on the way to a target.
