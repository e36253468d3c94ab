//! Presets and the demo's configuration are inside the binary: a file that comes or goes there makes a new one.

fn main() {
    println!("cargo:rerun-if-changed=config");
}
