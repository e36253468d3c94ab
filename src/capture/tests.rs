use super::*;

#[test]
fn the_shipped_presets_load() {
    let presets = Presets::shipped().unwrap();
    assert!(presets.names().count() > 0);
}
