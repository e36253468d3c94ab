//! Presets, the demo's configuration, the one that `init` writes and the schemas are inside the binary:
//! a file that comes or goes there makes a new one.

fn main() {
    println!("cargo:rerun-if-changed=config");
    println!("cargo:rerun-if-changed=schemas/configuration");
}
