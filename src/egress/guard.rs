//! What may be reached: judges a URL before it is used and every address before it is connected to.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use serde::Deserialize;
use url::{Host, Url};

use super::deny::is_public;
use crate::domain::SettingProblem;

/// Which addresses outbound requests may reach beyond public ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct EgressSettings {
    /// Addresses that may be reached although they are not public: `CIDR:port`, the port a number
    /// or `*` (`127.0.0.1/32:8080`, `10.0.0.0/8:443`, `fd00::/8:*`).
    #[cfg_attr(test, schemars(extend("examples" = [["10.0.0.0/8:443"]])))]
    pub allow: Vec<String>,
    /// Whether plain `http` may be spoken to allowed addresses beyond loopback. Never to others.
    pub http: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Allowed {
    net: IpNet,
    /// `None` = any.
    port: Option<u16>,
}

/// Why a URL or an address may not be used. Holds nothing of the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("only https (and http to allowed addresses) may be used")]
    Scheme,
    #[error("a URL must not hold a user name or password")]
    UserInfo,
    #[error("a URL must name a host and a port other than 0")]
    Host,
    #[error("the address is not public and not on the egress allow-list")]
    Address,
    #[error(
        "plain http needs an address on the egress allow-list, and `http: true` beyond loopback"
    )]
    PlainHttp,
    #[error("the address is this service's own listener")]
    Own,
}

/// The compiled [`EgressSettings`].
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allow: Vec<Allowed>,
    http: bool,
    own: Vec<SocketAddr>,
}

/// Where a URL leads, as far as it shows without asking for addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    /// Plain `http`.
    pub(super) plain: bool,
    pub(super) port: u16,
}

impl Guard {
    /// Reads the settings.
    ///
    /// # Errors
    /// One problem per entry that is not `CIDR:port`; paths are relative to the `egress` block.
    pub fn compile(settings: &EgressSettings) -> Result<Self, Vec<SettingProblem>> {
        let mut allow = Vec::new();
        let mut problems = Vec::new();
        for (at, text) in settings.allow.iter().enumerate() {
            match parse_allowed(text) {
                Ok(entry) => allow.push(entry),
                Err(message) => problems.push(SettingProblem::new(format!("allow[{at}]"), message)),
            }
        }
        if problems.is_empty() {
            Ok(Self { allow, http: settings.http, own: Vec::new() })
        } else {
            Err(problems)
        }
    }

    /// The same, never reaching this service's own listeners, even if they are allowed otherwise.
    #[must_use]
    pub fn with_own(mut self, own: Vec<SocketAddr>) -> Self {
        self.own = own;
        self
    }

    /// What the allow-list opens, for the log at start.
    #[must_use]
    pub fn allowed(&self) -> Vec<String> {
        let port = |port: Option<u16>| port.map_or_else(|| "*".to_owned(), |p| p.to_string());
        self.allow.iter().map(|a| format!("{}:{}", a.net, port(a.port))).collect()
    }

    /// Judges a URL as far as it shows: scheme, user info, host, and the address if the host is a
    /// literal (which no resolver is asked for; `url` has already read decimal, octal and
    /// hexadecimal notations).
    ///
    /// # Errors
    /// The first reason to refuse it.
    pub fn check_url(&self, url: &Url) -> Result<(), Refusal> {
        self.target(url).map(|_| ())
    }

    pub(super) fn target(&self, url: &Url) -> Result<Target, Refusal> {
        let plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(Refusal::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::UserInfo);
        }
        let port = url.port_or_known_default().filter(|port| *port != 0).ok_or(Refusal::Host)?;
        match url.host().ok_or(Refusal::Host)? {
            Host::Ipv4(ip) => self.check_address(plain, SocketAddr::new(ip.into(), port))?,
            Host::Ipv6(ip) => self.check_address(plain, SocketAddr::new(ip.into(), port))?,
            Host::Domain("") => return Err(Refusal::Host),
            // Without any allowed address plain http is refused before asking for addresses.
            Host::Domain(_) if plain && self.allow.is_empty() => return Err(Refusal::PlainHttp),
            Host::Domain(_) => {}
        }
        Ok(Target { plain, port })
    }

    /// Judges one address that is about to be connected to.
    ///
    /// # Errors
    /// The reason to refuse it.
    pub fn check_address(&self, plain: bool, address: SocketAddr) -> Result<(), Refusal> {
        if self.own.iter().any(|own| is_own(*own, address)) {
            return Err(Refusal::Own);
        }
        let allowed = self.allow.iter().any(|entry| {
            entry.net.contains(&address.ip()) && entry.port.is_none_or(|p| p == address.port())
        });
        match (allowed, plain) {
            (true, false) => Ok(()),
            (true, true) if self.http || address.ip().is_loopback() => Ok(()),
            (_, true) if allowed || is_public(address.ip()) => Err(Refusal::PlainHttp),
            (false, false) if is_public(address.ip()) => Ok(()),
            _ => Err(Refusal::Address),
        }
    }
}

/// A listener on all interfaces is known by its port on loopback only: its other addresses are the
/// machine's, which is for the network policy to know.
fn is_own(own: SocketAddr, address: SocketAddr) -> bool {
    // An IPv4 listener is also reached by the mapped form of its address.
    let (ours, theirs) = (own.ip().to_canonical(), address.ip().to_canonical());
    own.port() == address.port()
        && (ours == theirs || (ours.is_unspecified() && theirs.is_loopback()))
}

fn parse_allowed(text: &str) -> Result<Allowed, String> {
    let expected =
        || "expected `CIDR:port` such as `10.0.0.0/8:443` or `127.0.0.1/32:*`".to_owned();
    let (net, port) = text.rsplit_once(':').ok_or_else(expected)?;
    let net = net.trim_start_matches('[').replace(']', "");
    let net = match net.parse::<IpNet>() {
        Ok(net) => net.trunc(),
        Err(_) => net.parse::<IpAddr>().map(IpNet::from).map_err(|_| expected())?,
    };
    let port = match port {
        "*" => None,
        port => Some(port.parse::<u16>().ok().filter(|p| *p != 0).ok_or_else(expected)?),
    };
    Ok(Allowed { net, port })
}
