//! A file that is added to the page is noticed: the compiler itself only looks at those it knew when it last ran.

fn main() {
    println!("cargo::rerun-if-changed=assets");
}
