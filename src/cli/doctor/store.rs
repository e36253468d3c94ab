//! The store: reached, ours, of the right key, durable, with room; and its time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::examine::DoctorArgs;
use super::report::Report;
use crate::app::{MasterKey, StoreUrl, SystemClock, inspect_store};
use crate::cli::folder::Env;
use crate::domain::Timestamp;
use crate::domain::ports::{Clock as _, Durability, Store};
use crate::keyring::Keyring;

const CHECK: &str = "store";
const KEY: &str = "master key";
const CLOCK: &str = "clock";

/// Clocks further apart than this break signatures.
const SKEW_MILLIS_MAX: u64 = 30_000;
/// Less room than this on the disk deserves a look, and less than a tenth of it is broken.
const FREE_BYTES_MIN: u64 = 1 << 30;

/// Looks at the store that was named or can be guessed.
pub(super) async fn examine(args: &DoctorArgs, env: &Env<'_>, running: bool, report: &mut Report) {
    let Some(url) = store_url(args, report) else { return };
    let keyring = master_key(&url, env, report);
    if let Some(dir) = url.directory() {
        if !dir.exists() {
            let what = format!("there is none in {} yet: the first start makes it", dir.display());
            return report.ok(CHECK, what);
        }
        room(dir, report);
    }
    let (store, warnings) = match inspect_store(&url).await {
        Ok((store, version, warnings)) => {
            report.ok(CHECK, format!("{version} opens"));
            (store, warnings)
        }
        Err(error) if error.to_string().contains("in use by another process") => {
            return if running {
                report.ok(CHECK, "the running service has it open");
            } else {
                let mend = "name that process's runtime file with --runtime-file, or stop it";
                report.warn(CHECK, "a process that is not known here has it open", mend);
            };
        }
        Err(error) => {
            let mend = "address, password, TLS and ACL user of --store; is the server running?";
            return report.broken(CHECK, error.to_string(), mend);
        }
    };
    for warning in warnings {
        report.warn(CHECK, warning, "see \"Stores\" in docs/operations.md");
    }
    promise(store.as_ref(), report).await;
    if let Some(keyring) = keyring {
        same_key(&store, &keyring, report).await;
    }
    skew(store.as_ref(), report).await;
}

fn store_url(args: &DoctorArgs, report: &mut Report) -> Option<StoreUrl> {
    let guess = || {
        let places = [args.config.join("data"), PathBuf::from("data")];
        let found = places.into_iter().find(|dir| dir.join("store.redb").exists() || dir.is_dir());
        Some(format!("embedded:{}", found?.display()))
    };
    let Some(text) = args.store.clone().or_else(guess) else {
        let what = "not looked at: none was named, and there is no folder `data`";
        report.warn(CHECK, what, "say --store as `serve` is told");
        return None;
    };
    match text.parse() {
        Ok(url) => Some(url),
        Err(error) => {
            // The text may hold a password: it is not repeated.
            report.broken(CHECK, format!("--store: {error}"), "name it as `serve` is told");
            None
        }
    }
}

/// The key the service would start with; makes none.
fn master_key(url: &StoreUrl, env: &Env<'_>, report: &mut Report) -> Option<Keyring> {
    let given = env("LEAD_ROUTER_KEY");
    let beside = url.directory().map(|dir| dir.join(MasterKey::FILE));
    if let (None, Some(file)) = (&given, &beside)
        && !file.exists()
    {
        let shown = file.display();
        let store = url.directory().is_some_and(|dir| dir.join("store.redb").exists());
        if store {
            let what = format!("{shown} is missing, and LEAD_ROUTER_KEY is not set");
            let mend = "lay the old one there: without it nobody in the store is found again";
            report.broken(KEY, what, mend);
        } else {
            report.ok(KEY, format!("the first start makes {shown}"));
        }
        return None;
    }
    match MasterKey::load(given.as_deref(), url.directory()) {
        Ok(keyring) => {
            match (&given, &beside) {
                (None, Some(file)) => own_file(file, report),
                _ => report.ok(KEY, "LEAD_ROUTER_KEY is set"),
            }
            Some(keyring)
        }
        Err(error) => {
            report.broken(KEY, error.to_string(), "see \"The master key\" in docs/operations.md");
            None
        }
    }
}

fn own_file(file: &Path, report: &mut Report) {
    let shown = file.display();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(file).map_or(0, |meta| meta.permissions().mode() & 0o777);
        if mode & 0o077 != 0 {
            let what = format!("{shown} can be read by others (mode {mode:o})");
            return report.broken(KEY, what, format!("chmod 600 {shown}"));
        }
    }
    report.ok(KEY, format!("{shown} is there, for its owner only; keep a copy of it apart"));
}

async fn same_key(store: &Arc<dyn Store>, keyring: &Keyring, report: &mut Report) {
    match store.check_key(keyring.check()).await {
        Ok(true) => report.ok(KEY, "it is the one the store was used with"),
        Ok(false) => report.broken(
            KEY,
            "the store was used with another one: the service will not start",
            "set LEAD_ROUTER_KEY to that one (for an embedded store: the file master.key beside the data)",
        ),
        Err(error) => report.broken(KEY, error.to_string(), "see the store's own log"),
    }
}

async fn promise(store: &dyn Store, report: &mut Report) {
    let check = "durability";
    match store.durability().await {
        Ok(Durability::Always) => report.ok(check, "an acknowledged inquiry is on disk"),
        Ok(Durability::EverySecond) => report.warn(
            check,
            "written to disk every second: a crash of Redis itself loses up to two seconds",
            "appendfsync always, to lose none",
        ),
        Ok(Durability::None) => report.broken(
            check,
            "nothing is kept on disk: a restart of Redis loses acknowledged inquiries",
            "appendonly yes",
        ),
        Err(error) => report.broken(check, error.to_string(), "see the store's own log"),
    }
}

async fn skew(store: &dyn Store, report: &mut Report) {
    match store.time().await {
        Ok(time) => clocks(time, SystemClock::default().now(), report),
        Err(error) => report.broken(CLOCK, error.to_string(), "see the store's own log"),
    }
}

/// How far the two clocks are apart.
fn clocks(store: Timestamp, ours: Timestamp, report: &mut Report) {
    let apart = store.as_millis().abs_diff(ours.as_millis());
    if apart > SKEW_MILLIS_MAX {
        let what = format!("the store's clock and this machine's are {} s apart", apart / 1000);
        report.broken(CLOCK, what, "run NTP on both: signatures fail when clocks differ");
    } else {
        report.ok(CLOCK, "the store's clock and this machine's agree");
    }
}

/// Free bytes on the disk of an embedded store.
fn room(dir: &Path, report: &mut Report) {
    let check = "disk";
    let Ok(found) = rustix::fs::statvfs(dir) else {
        let what = format!("how much room {} has cannot be told", dir.display());
        return report.warn(check, what, "look at it with df");
    };
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let what = format!("{} MiB are free at {}", free >> 20, dir.display());
    let mend = "make room, or move the store: a full disk refuses inquiries (503)";
    if free < FREE_BYTES_MIN / 10 {
        report.broken(check, what, mend);
    } else if free < FREE_BYTES_MIN {
        report.warn(check, what, mend);
    } else {
        report.ok(check, what);
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::State;
    use super::*;

    #[test]
    fn clocks_may_differ_by_half_a_minute_either_way() {
        let ours = Timestamp::from_millis(1_000_000_000);
        for (apart, state) in [
            (0, State::Ok),
            (30_000, State::Ok),
            (-30_000, State::Ok),
            (31_000, State::Broken),
            (-31_000, State::Broken),
        ] {
            let mut report = Report::default();
            clocks(Timestamp::from_millis(1_000_000_000 + apart), ours, &mut report);
            assert_eq!(report.worst(), state, "{apart}");
        }
    }
}
