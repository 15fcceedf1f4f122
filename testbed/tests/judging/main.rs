//! What registries say of a ring of real members: the same wherever it is asked for, whoever of them judges, and whatever
//! becomes of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod answers;
mod leading;
mod receiver;
mod restart;
mod ring;
mod stream;
