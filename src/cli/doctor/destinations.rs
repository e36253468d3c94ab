//! Each destination: its name resolves, the guard lets us, somebody speaks TLS and HTTP there; and, if
//! asked for, it takes a test.

use std::sync::Arc;
use std::time::Duration;

use super::report::Report;
use crate::app::{RandomMint, SystemClock};
use crate::cli::folder::Folder;
use crate::deliver::{Destination, failure, try_out};
use crate::domain::Name;
use crate::domain::ports::{Clock as _, Mint as _};
use crate::egress::{Egress, Guard, SystemResolver};

/// Long enough for a slow TLS handshake.
const DEADLINE: Duration = Duration::from_secs(10);

/// Looks at all of them, through the same client as deliveries.
pub(super) async fn examine(folder: &Folder, send_test: bool, report: &mut Report) {
    let guard = Guard::compile(&folder.loaded.server.egress).unwrap_or_default();
    let egress = match Egress::new(guard, Arc::new(SystemResolver)) {
        Ok(egress) => egress,
        Err(error) => {
            return report.broken("egress", error.to_string(), "install ca-certificates");
        }
    };
    for (workspace, settings) in &folder.loaded.workspaces {
        for (name, destination) in &settings.destinations {
            let check = format!("destination {workspace}/{name}");
            if send_test {
                test(&egress, workspace, destination, check, report).await;
            } else {
                reach(&egress, destination, check, report).await;
            }
        }
    }
}

async fn reach(egress: &Egress, destination: &Destination, check: String, report: &mut Report) {
    let Ok(url) = url::Url::parse(destination.url().expose()) else { return };
    match egress.reach(&url, DEADLINE).await {
        Ok(_) => {
            let what = format!("{} is reached (nothing was sent)", destination.origin());
            report.ok(check, what);
        }
        Err(error) => {
            let (words, advice) = failure(error);
            report.broken(check, format!("{}: {words}", destination.origin()), advice);
        }
    }
}

async fn test(
    egress: &Egress,
    workspace: &Name,
    destination: &Destination,
    check: String,
    report: &mut Report,
) {
    let (id, now) = (RandomMint::default().mint(), SystemClock::default().now());
    let tried = try_out(egress, workspace, destination, id, now).await;
    let status =
        tried.answer.map(|answer| format!(" (HTTP {})", answer.status)).unwrap_or_default();
    let what = format!("{}{status}: {}", tried.to, tried.words);
    match tried.advice {
        None => report.ok(check, what),
        Some(advice) => report.broken(check, what, advice),
    }
}
