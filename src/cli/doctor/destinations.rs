//! Each destination: its name resolves, the guard lets us, somebody speaks TLS and HTTP there; and, if
//! asked for, it takes a test.

use std::sync::Arc;
use std::time::Duration;

use super::report::Report;
use crate::app::{RandomMint, SystemClock};
use crate::cli::folder::Folder;
use crate::deliver::{Destination, Ways, failure, try_out};
use crate::domain::Name;
use crate::domain::ports::{Clock as _, Mint as _};
use crate::egress::{Egress, Guard, SystemResolver};

/// Long enough for a slow TLS handshake.
const DEADLINE: Duration = Duration::from_secs(10);

/// Looks at all of them, through the same client as deliveries.
pub(super) async fn examine(folder: &Folder, send_test: bool, report: &mut Report) {
    let guard = Guard::compile(&folder.loaded.server.egress).unwrap_or_default();
    let egress = match Egress::new(guard, Arc::new(SystemResolver)) {
        Ok(egress) => Arc::new(egress),
        Err(error) => {
            return report.broken("egress", error.to_string(), "install ca-certificates");
        }
    };
    for (workspace, settings) in &folder.loaded.workspaces {
        for (name, destination) in &settings.destinations {
            let check = format!("destination {workspace}/{name}");
            if send_test {
                let clock = Arc::new(SystemClock::default());
                let ways = Ways::alone(Arc::clone(&egress) as _, clock);
                test(&ways, workspace, destination, check, report).await;
            } else {
                reach(&egress, destination, check, report).await;
            }
        }
    }
}

async fn reach(egress: &Egress, destination: &Destination, check: String, report: &mut Report) {
    let urls = [Some(destination.url().expose()), destination.token_url()];
    for url in urls.into_iter().flatten().filter_map(|url| url::Url::parse(url).ok()) {
        if let Err(error) = egress.reach(&url, DEADLINE).await {
            let (words, advice) = failure(error);
            let origin = url.origin().ascii_serialization();
            return report.broken(check, format!("{origin}: {words}"), advice);
        }
    }
    let tokens = if destination.token_url().is_some() { ", with its token endpoint" } else { "" };
    report.ok(check, format!("{} is reached{tokens} (nothing was sent)", destination.origin()));
}

async fn test(
    ways: &Ways,
    workspace: &Name,
    destination: &Destination,
    check: String,
    report: &mut Report,
) {
    let (id, now) = (RandomMint::default().mint(), SystemClock::default().now());
    let tried = try_out(ways, workspace, destination, id, now).await;
    let status =
        tried.answer.map(|answer| format!(" (HTTP {})", answer.status)).unwrap_or_default();
    let what = format!("{}{status}: {}", tried.to, tried.words);
    match tried.advice {
        None => report.ok(check, what),
        Some(advice) => report.broken(check, what, advice),
    }
}
