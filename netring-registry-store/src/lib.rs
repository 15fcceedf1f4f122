//! Keeps the members of a registry in Redis.
