//! A file that is added to the page is noticed: the compiler itself only looks at those it knew when it last ran.

#![expect(clippy::print_stdout, reason = "that is how a build script talks to cargo")]

fn main() {
    println!("cargo::rerun-if-changed=assets");
}
