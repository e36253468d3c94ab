//! Presets and the demo's configuration are inside the binary: a file that comes or goes there makes a new one.
#![expect(clippy::print_stdout, reason = "this is how cargo is told")]

fn main() {
    println!("cargo:rerun-if-changed=config");
}
