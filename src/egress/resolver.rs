//! Names to addresses: the system's resolver as a port, and the vetting one the client asks.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::Guard;
use crate::domain::ports::Resolver;

/// The operating system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }
}

/// Asked by the HTTP client whenever it opens a connection; what it answers is what is connected
/// to, so nothing can change between judging and connecting. One per (scheme, port), because the
/// client tells a resolver the name only and the allow-list names ports.
pub(super) struct VettingResolver {
    pub(super) guard: Arc<Guard>,
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) plain: bool,
    pub(super) port: u16,
}

impl Resolve for VettingResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, resolver) = (Arc::clone(&self.guard), Arc::clone(&self.resolver));
        let (plain, port) = (self.plain, self.port);
        Box::pin(async move {
            let found = resolver.resolve(name.as_str(), port).await?;
            if found.is_empty() {
                return Err(io::Error::from(io::ErrorKind::NotFound).into());
            }
            // One bad address refuses the name: a mixed answer is how rebinding begins.
            for address in &found {
                guard.check_address(plain, SocketAddr::new(address.ip(), port))?;
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
