//! What handlers share.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::configuration::{Reload, ShownFile};
use super::keys::KeyRing;
use crate::capture::{PublicBase, Reveal, Setup};
use crate::domain::ports::{Preview, Rotation, Transport, Trial};
use crate::domain::{Name, Timestamp};
use crate::flow::{Flow, Workspace};

/// The configuration in force as the handlers see it. Swapped whole on reload.
#[derive(Debug)]
pub struct Active {
    pub workspaces: BTreeMap<Name, Arc<Workspace>>,
    pub keys: KeyRing,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// Content hash over everything, for `readyz`.
    pub hash: String,
    /// Since when it is in force in this process.
    pub since: Timestamp,
    /// Every value, and where it comes from.
    pub shown: Arc<Vec<ShownFile>>,
}

/// Limits of the listeners, fixed at start.
#[derive(Debug, Clone, Copy)]
pub struct HttpLimits {
    /// More capture requests at once are answered 503 at once.
    pub in_flight: usize,
    /// Connections per listener and worker.
    pub connections: usize,
    /// A request's body must be in within this time.
    pub body_deadline: Duration,
    /// Requests per minute from one address to public sources without verification; 0 = no limit.
    pub per_client_minute: u32,
}

/// Shared by all handlers of both listeners.
pub struct HttpState {
    pub flow: Arc<Flow>,
    pub active: Arc<ArcSwap<Active>>,
    pub limits: HttpLimits,
    /// Set at the first step of stopping: `readyz` says no, new work is refused.
    pub draining: AtomicBool,
    /// Set once the store was reached; never unset.
    pub reached: AtomicBool,
    /// The store's last check failed.
    pub degraded: AtomicBool,
    /// Looks at the configuration's files when asked to.
    pub reload: Arc<dyn Reload>,
    /// Where the public listener is bound, once it is.
    pub bound: OnceLock<SocketAddr>,
    /// Tries destinations out; `app` sets it once, before serving.
    pub trial: OnceLock<Arc<dyn Trial>>,
    /// Says what deliveries would send; set as `trial` is.
    pub preview: OnceLock<Arc<dyn Preview>>,
    /// The way out, for what is asked of vendors while somebody waits; `app` sets it once, before serving.
    pub transport: OnceLock<Arc<dyn Transport>>,
    /// Makes signing secrets; set as `trial` is.
    pub rotation: OnceLock<Arc<dyn Rotation>>,
    in_flight: AtomicUsize,
    clients: Option<DefaultKeyedRateLimiter<IpAddr>>,
}

impl std::fmt::Debug for HttpState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpState").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// A place among the requests in flight, given back when dropped.
#[derive(Debug)]
pub struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl HttpState {
    /// State at start: not yet ready.
    pub fn new(
        flow: Arc<Flow>,
        active: Arc<ArcSwap<Active>>,
        reload: Arc<dyn Reload>,
        limits: HttpLimits,
    ) -> Self {
        let clients = NonZeroU32::new(limits.per_client_minute)
            .map(|per_minute| RateLimiter::keyed(Quota::per_minute(per_minute)));
        Self {
            flow,
            active,
            limits,
            draining: AtomicBool::new(false),
            reached: AtomicBool::new(false),
            degraded: AtomicBool::new(false),
            reload,
            bound: OnceLock::new(),
            trial: OnceLock::new(),
            preview: OnceLock::new(),
            transport: OnceLock::new(),
            rotation: OnceLock::new(),
            in_flight: AtomicUsize::new(0),
            clients,
        }
    }

    /// How the public listener is reached, the beginning of every source's URL: as `public_url` says, else
    /// where it is bound.
    pub fn public_base(&self, workspace: &Workspace) -> PublicBase {
        let bound = self.bound.get().copied();
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        PublicBase::new(workspace.public_url.as_ref(), bound.unwrap_or(nowhere))
    }

    /// What to paste where for a source, without its secret; `None` if there is no such source.
    pub fn setup(&self, workspace: &Workspace, source: &Name) -> Option<Setup> {
        let base = self.public_base(workspace);
        Some(workspace.sources.get(source)?.setup(&base, &workspace.name, Reveal::Nothing))
    }

    /// A place, unless too many requests are in flight or the process is on its way out.
    pub fn enter(&self) -> Option<Place<'_>> {
        let place = Place(&self.in_flight);
        let before = self.in_flight.fetch_add(1, Ordering::AcqRel);
        let free = before < self.limits.in_flight && !self.draining.load(Ordering::Acquire);
        free.then_some(place)
    }

    /// How many capture requests are being worked on.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Acquire)
    }

    /// Seconds to wait before this address may post again to a public source; `None` = now.
    pub fn wait_for(&self, address: IpAddr) -> Option<u32> {
        use governor::clock::Clock as _;
        let clients = self.clients.as_ref()?;
        let not_until = clients.check_key(&address).err()?;
        let wait = not_until.wait_time_from(governor::clock::DefaultClock::default().now());
        Some(u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// Forgets addresses that have not posted for a while; call it now and then.
    pub fn forget_clients(&self) {
        if let Some(clients) = &self.clients {
            clients.retain_recent();
            clients.shrink_to_fit();
        }
    }
}
