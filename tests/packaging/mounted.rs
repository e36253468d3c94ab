//! A configuration mounted by Kubernetes: files behind a link that is swapped as a whole.

use std::os::unix::fs::symlink;
use std::path::Path;

use lead_router::config::{Place, Reload, Reloader};

use super::markdown::root;

/// Lays the smallest example out as the kubelet does, under a folder named as the time of the change.
fn lay_out(mount: &Path, at: &str, routing: impl Fn(&str) -> String) {
    let inside = mount.join(at);
    for file in [
        "qualification.yaml",
        "routing.yaml",
        "pools.yaml",
        "sources/form.yaml",
        "destinations/crm.yaml",
    ] {
        let path = inside.join("workspaces/main").join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text =
            std::fs::read_to_string(root().join("examples/minimal/workspaces/main").join(file));
        let text = text.unwrap();
        let text = if file == "routing.yaml" { routing(&text) } else { text };
        std::fs::write(path, text).unwrap();
    }
    let beside = mount.join("..data_tmp");
    symlink(at, &beside).unwrap();
    std::fs::rename(beside, mount.join("..data")).unwrap();
}

#[test]
fn a_swapped_link_is_taken_over_and_a_bad_one_is_not() {
    let mount = tempfile::tempdir().unwrap();
    lay_out(mount.path(), "..2026_01_01", str::to_owned);
    symlink("..data/workspaces", mount.path().join("workspaces")).unwrap();
    let secret = |name: &str| (name == "CRM_SECRET").then(|| format!("whsec_{}=", "A".repeat(43)));
    let reloader = Reloader::start(Place::Dir(mount.path().to_owned()), Box::new(secret)).unwrap();
    assert!(matches!(reloader.poll(), Reload::Unchanged));

    lay_out(mount.path(), "..2026_01_02", |text| text.replace("name: nurture", "name: later"));
    assert!(matches!(reloader.poll(), Reload::Swapped(_)), "another rule");

    lay_out(mount.path(), "..2026_01_03", |text| text.replace("fallback", "fallbcak"));
    let refused = reloader.poll();
    assert!(matches!(refused, Reload::Refused(_)), "a slip: {refused:?}");
    assert!(matches!(reloader.poll(), Reload::Unchanged), "said once");
    assert!(reloader.last_error().is_some());
}
