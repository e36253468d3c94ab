//! The guarded HTTP client: one deadline over name lookup, connect, headers and body; no redirects,
//! no proxy, no decompression, no cookies.

use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use reqwest::Client;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use url::Url;

use super::guard::{Guard, Refusal, Target};
use super::resolver::VettingResolver;
use crate::domain::ports::{
    OutboundAnswer, OutboundError, OutboundMethod, OutboundRequest, Resolver, Transport,
};

/// Shorter than the idle time-outs of the usual load balancers (60 s, 75 s): they would close a
/// connection just as a request is written to it.
const IDLE: Duration = Duration::from_secs(15);

/// The client could not be built: no certificate authorities on this machine.
#[derive(Debug, thiserror::Error)]
#[error("the outbound HTTP client cannot be set up (are ca-certificates installed?)")]
pub struct EgressError(#[source] reqwest::Error);

/// Makes ring the process's TLS provider. To be called once, before anything speaks TLS; later
/// calls change nothing.
pub fn install_crypto() {
    // An error only says that a provider is already installed.
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// The guarded client.
pub struct Egress {
    guard: Arc<Guard>,
    resolver: Arc<dyn Resolver>,
    /// One client per (plain, port), see [`VettingResolver`]. As many as the configuration names.
    clients: RwLock<HashMap<(bool, u16), Client>>,
}

impl std::fmt::Debug for Egress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Egress").field("guard", &self.guard).finish_non_exhaustive()
    }
}

impl Egress {
    /// Builds the client, and with it proves that it can be built.
    ///
    /// # Errors
    /// If the machine has no certificate authorities.
    pub fn new(guard: Guard, resolver: Arc<dyn Resolver>) -> Result<Self, EgressError> {
        install_crypto();
        let egress =
            Self { guard: Arc::new(guard), resolver, clients: RwLock::new(HashMap::new()) };
        egress.client(Target { plain: false, port: 443 }).map_err(EgressError)?;
        Ok(egress)
    }

    fn client(&self, target: Target) -> Result<Client, reqwest::Error> {
        let key = (target.plain, target.port);
        let known = self.clients.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(client) = known {
            return Ok(client);
        }
        let resolver = VettingResolver {
            guard: Arc::clone(&self.guard),
            resolver: Arc::clone(&self.resolver),
            plain: target.plain,
            port: target.port,
        };
        let client = Client::builder()
            .dns_resolver(Arc::new(resolver))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .pool_idle_timeout(IDLE)
            .tcp_nodelay(true)
            .build()?;
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        Ok(clients.entry(key).or_insert(client).clone())
    }

    /// Whether somebody answers at the origin of a URL (scheme, host, port), by `HEAD /` through the same
    /// guard and the same TLS as deliveries. Any HTTP status will do.
    ///
    /// # Errors
    /// What a delivery would meet.
    pub async fn reach(&self, url: &Url, deadline: Duration) -> Result<u16, OutboundError> {
        let asking = async {
            let target = self.guard.target(url).map_err(|_| OutboundError::Blocked)?;
            let client = self.client(target).map_err(|_| OutboundError::Tls)?;
            let origin = url.join("/").map_err(|_| OutboundError::BadRequest)?;
            let answer = client.head(origin).send().await.map_err(|error| classify(&error))?;
            Ok(answer.status().as_u16())
        };
        tokio::time::timeout(deadline, asking).await.unwrap_or(Err(OutboundError::Timeout))
    }

    async fn exchange(&self, request: OutboundRequest) -> Result<OutboundAnswer, OutboundError> {
        let url = Url::parse(&request.url).map_err(|_| OutboundError::BadRequest)?;
        let target = self.guard.target(&url).map_err(|_| OutboundError::Blocked)?;
        let headers = header_map(&request.headers)?;
        let client = self.client(target).map_err(|_| OutboundError::Tls)?;
        let (wants_headers, most) = (request.wants_headers, request.answer_max);
        let asking = match request.method {
            OutboundMethod::Post => client.post(url).body(request.body),
            OutboundMethod::Get => client.get(url),
            OutboundMethod::Put => client.put(url).body(request.body),
            OutboundMethod::Patch => client.patch(url).body(request.body),
        };
        let sent = asking.headers(headers).send().await;
        let mut response = sent.map_err(|error| classify(&error))?;
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let status = response.status().as_u16();
        let headers = if wants_headers { texts(response.headers()) } else { Vec::new() };
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| classify(&error))? {
            let room = most - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if body.len() == most {
                // The status stands; the connection goes with the unread rest.
                break;
            }
        }
        Ok(OutboundAnswer { status, retry_after, headers, body: body.freeze() })
    }
}

#[async_trait]
impl Transport for Egress {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundAnswer, OutboundError> {
        let deadline = request.deadline;
        tokio::time::timeout(deadline, self.exchange(request))
            .await
            .unwrap_or(Err(OutboundError::Timeout))
    }
}

fn header_map(pairs: &[(String, String)]) -> Result<HeaderMap, OutboundError> {
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        let name =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| OutboundError::BadRequest)?;
        let value = HeaderValue::from_maybe_shared(Bytes::from(value.clone()))
            .map_err(|_| OutboundError::BadRequest)?;
        headers.append(name, value);
    }
    Ok(headers)
}

/// The headers whose values are text.
fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}

/// What went wrong, by the types along the chain of causes; never by their texts.
fn classify(error: &reqwest::Error) -> OutboundError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(at) = cause {
        if at.is::<Refusal>() {
            return OutboundError::Blocked;
        }
        if at.is::<rustls::Error>() {
            return OutboundError::Tls;
        }
        // The source of an I/O error is its inner error's source: look at the inner one first.
        cause = match at.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => at.source(),
        };
    }
    if error.is_dns() {
        OutboundError::Dns
    } else if error.is_timeout() {
        OutboundError::Timeout
    } else if error.is_connect() {
        OutboundError::Connect
    } else if error.is_builder() {
        OutboundError::BadRequest
    } else {
        OutboundError::Cut
    }
}
