# What a person does with netring. `make help` lists it.

.DEFAULT_GOAL := help
.PHONY: help demo test lint fix bench doc screenshots

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: ## run a registry and seven members in one process, and watch them
	cargo run --release --bin netring -- demo

test: requirements ## run every test; installs what they need where it may
	cargo build --workspace --bins
	cargo test --workspace

lint: requirements ## formatting, clippy, documentation, the arrows between the crates; writes nothing
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features
	cargo test -p netring-testbed --test architecture

fix: ## format, and apply what clippy suggests
	cargo fmt --all
	cargo clippy --workspace --all-targets --all-features --fix --allow-dirty --allow-staged

bench: requirements ## measure; docs/performance.md says how to read it
	cargo bench -p netring-core --all-features
	cargo bench -p netring-probes -p netring-registry -p netring-registry-store -p netring-testbed

screenshots: requirements ## pictures of the page of a demo ring, in target/screenshots
	cargo build -p netring-cli
	cargo run -p netring-testbed --features browser --example screenshots -- target/screenshots

doc: ## build the documentation of the library
	cargo doc --workspace --no-deps --all-features --open

.PHONY: requirements
requirements:
	@./scripts/requirements
