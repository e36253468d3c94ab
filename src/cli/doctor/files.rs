//! The folder: does it load, are its secrets there and nobody else's, are its keys sane.

use std::path::Path;

use super::report::Report;
use crate::app::SystemClock;
use crate::cli::folder::{ConfigArgs, Env, Folder, try_load};
use crate::config::{Scope, Severity, Snapshot};
use crate::domain::Timestamp;
use crate::domain::ports::Clock as _;

/// Looks at the folder; gives it if it loads.
pub(super) fn examine(config: &ConfigArgs, env: &Env<'_>, report: &mut Report) -> Option<Folder> {
    let check = "configuration";
    let snapshot = Snapshot::read(&config.config);
    let (loaded, secrets) = try_load(&snapshot, &config.config, env);
    for path in &secrets {
        secret_file(path, report);
    }
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(found) => {
            let errors = found.iter().filter(|finding| finding.severity == Severity::Error);
            for error in errors.take(20) {
                let mend = "mend it; `lead-router check DIR` shows all of them, and a running service keeps the old configuration";
                report.broken(check, error.to_string(), mend);
            }
            return None;
        }
    };
    for warning in &loaded.warnings {
        report.warn(check, warning.to_string(), "see above, or `lead-router check --strict DIR`");
    }
    let (dir, count) = (config.config.display(), loaded.workspaces.len());
    report.ok(check, format!("{dir} loads: {count} workspace(s), hash {}", loaded.hash));
    let folder = Folder { dir: config.config.clone(), snapshot, loaded };
    keys(&folder, report);
    alerts(&folder, report);
    definitions(&folder, SystemClock::default().now(), report);
    Some(folder)
}

/// A secret that others on the machine can read is none.
fn secret_file(path: &Path, report: &mut Report) {
    let shown = path.display();
    let check = "secret";
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // One that is not there is an error of the configuration already.
        let Ok(meta) = std::fs::metadata(path) else { return };
        let mode = meta.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let what = format!("{shown} can be read by others (mode {mode:o})");
            let mend = format!("chmod 600 {shown} (or mount it for the service's user only)");
            return report.warn(check, what, mend);
        }
    }
    report.ok(check, format!("{shown} is there, for its owner only"));
}

fn keys(folder: &Folder, report: &mut Report) {
    let check = "keys";
    let keys = folder.loaded.keys.all();
    if keys.is_empty() {
        let mend = "lead-router keys new --name metrics --scope metrics --write";
        let what = "there is no API key: nobody but commands on the service's machine can ask";
        return report.warn(check, what, mend);
    }
    let several = folder.loaded.workspaces.len() > 1;
    let mut sane = true;
    for key in keys {
        if several && key.is_for_all() && (key.has(Scope::LeadsRead) || key.has(Scope::Operate)) {
            sane = false;
            let what = format!("`{}` sees people in every workspace", key.name);
            report.warn(check, what, "name its `workspaces`, if that is not meant");
        }
        if key.has(Scope::Metrics) && key.has(Scope::LeadsRead) && key.has(Scope::Backup) {
            sane = false;
            let what = format!("`{}` may do everything, copying the store too", key.name);
            report.warn(
                check,
                what,
                "give each person and program a key of its own, with what it needs",
            );
        }
    }
    if sane {
        report.ok(check, format!("{} key(s)", keys.len()));
    }
}

fn alerts(folder: &Folder, report: &mut Report) {
    for (name, workspace) in &folder.loaded.workspaces {
        let check = format!("alerts {name}");
        match &workspace.settings.alerts.destination {
            Some(to) => report.ok(check, format!("operators' alerts go to `{to}`")),
            None => report.warn(
                check,
                "operators' alerts go nowhere: they are only logged and counted",
                "lead-router destinations add operator-alerts alerts --url URL, then `alerts: {destination: alerts}` in workspace.yaml",
            ),
        }
    }
}

/// Agreed definitions whose time has come to be looked at again.
fn definitions(folder: &Folder, now: Timestamp, report: &mut Report) {
    let today = now.to_string();
    for (name, workspace) in &folder.loaded.workspaces {
        let agreed = workspace.decide.qualifier.definitions();
        let all =
            [("inquiry", &agreed.inquiry), ("lead", &agreed.lead), ("prospect", &agreed.prospect)];
        for (word, definition) in all {
            let by = definition.as_ref().and_then(|definition| definition.review_by.as_deref());
            // Both begin with the date.
            if let Some(by) = by.filter(|by| **by < *today.as_str()) {
                let what = format!("what `{word}` means was to be looked at again by {by}");
                let mend = "agree on it again, and set `review_by` in qualification.yaml";
                report.warn(format!("definitions {name}"), what, mend);
            }
        }
    }
}
