//! Programs that show how to embed netring. Run one with `cargo run -p netring-examples --example embed_member`.
//!
//! | program | what it shows |
//! |---|---|
//! | `embed_member` | a service of your own that is a member of the ring too |
//! | `embed_registry` | a service of your own that keeps the ring too |
//! | `swap_store` | a `MemberStore` of your own, which outlives its process in a JSON file |
//! | `write_prober` | a `Prober` of your own, with a kind of its own |
//! | `write_sink` | a `MetricSink` of your own, which writes JSON lines |

/// The Rust in the documents is compiled and run with the tests.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../README.md")]
    #[derive(Debug)]
    pub struct Readme;

    #[doc = include_str!("../../docs/embedding.md")]
    #[derive(Debug)]
    pub struct Embedding;
}
