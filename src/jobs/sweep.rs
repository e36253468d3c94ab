//! Removes what has served: unreadable, returned, filtered and test entries past their time.

use std::sync::Arc;
use std::time::Duration;

use super::shared::Shared;

const EVERY: Duration = Duration::from_mins(1);
/// Per call, so that no call takes long.
const AT_ONCE: u32 = 500;

pub(super) async fn sweep(shared: Arc<Shared>) {
    loop {
        for workspace in (shared.workspaces)() {
            loop {
                let now = shared.clock.now();
                match shared.store.expire(&workspace, now, AT_ONCE).await {
                    Ok(removed) if removed >= AT_ONCE => tokio::task::yield_now().await,
                    Ok(_) => break,
                    Err(error) => {
                        shared.store_troubled("expire", &error);
                        break;
                    }
                }
            }
        }
        tokio::select! {
            () = shared.draining() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
