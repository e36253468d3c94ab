//! `server.yaml`: what concerns the process, whatever the workspaces hold.

use std::net::SocketAddr;

use serde::Deserialize;
use url::Url;

use crate::domain::SettingProblem;
use crate::egress::{EgressSettings, Guard};

/// `server.yaml`. Everything has a default; the file may be missing.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// Where inquiries arrive. Default 127.0.0.1:8080. Flags and environment win.
    pub public_address: SocketAddr,
    /// Where people and programs with keys ask. Default 127.0.0.1:8081.
    pub private_address: SocketAddr,
    /// How the public listener is reached from outside, for links and forms.
    pub public_url: Option<Url>,
    /// How the private listener is reached by the people who use it: the base of record links.
    pub private_url: Option<Url>,
    /// Proxies whose `X-Forwarded-For` is believed (CIDR).
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// Addresses outbound requests may reach although the guard would refuse them.
    pub egress: EgressSettings,
    pub log: LogSettings,
    pub limits: LimitSettings,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            public_address: SocketAddr::from(([127, 0, 0, 1], 8080)),
            private_address: SocketAddr::from(([127, 0, 0, 1], 8081)),
            public_url: None,
            private_url: None,
            trusted_proxies: Vec::new(),
            egress: EgressSettings::default(),
            log: LogSettings::default(),
            limits: LimitSettings::default(),
        }
    }
}

/// How the log looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    #[default]
    Json,
    /// For people at a terminal.
    Text,
}

/// `log:`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    pub format: LogFormat,
    /// Directives of tracing's `EnvFilter`: `info`, `lead_router=debug,warn`.
    pub level: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { format: LogFormat::default(), level: "info".to_owned() }
    }
}

/// `limits:` of the public listener as a whole. A source may set narrower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    /// Requests worked on at once, before 503. Default 1024.
    pub in_flight: u32,
    /// Connections held open at once. Default 10,000.
    pub connections: u32,
    /// Largest body of any request, in bytes. Default 16 MiB (batches); sources have their own, smaller ones.
    pub body_bytes: u64,
    /// How long a client may take to send its body. Default 30 s.
    pub body_ms: u32,
    /// Requests per minute from one client address to one source; 0 = unlimited. Default 300.
    pub per_client_minute: u32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            in_flight: 1024,
            connections: 10_000,
            body_bytes: 16 << 20,
            body_ms: 30_000,
            per_client_minute: 300,
        }
    }
}

impl ServerSettings {
    /// What is wrong with it by itself.
    #[must_use]
    pub fn problems(&self) -> Vec<SettingProblem> {
        let mut problems = Vec::new();
        for (name, url) in [("public_url", &self.public_url), ("private_url", &self.private_url)] {
            if url.as_ref().is_some_and(|url| !matches!(url.scheme(), "http" | "https")) {
                problems.push(SettingProblem::new(name, "only http and https are spoken here"));
            }
        }
        if let Err(found) = Guard::compile(&self.egress) {
            problems.extend(found.into_iter().map(|problem| problem.below("egress")));
        }
        let both = self.public_address == self.private_address;
        if both && self.public_address.port() != 0 {
            let message = "both listeners have the same address";
            problems.push(SettingProblem::new("private_address", message));
        }
        let limits = [
            ("limits.in_flight", u64::from(self.limits.in_flight)),
            ("limits.connections", u64::from(self.limits.connections)),
            ("limits.body_bytes", self.limits.body_bytes),
            ("limits.body_ms", u64::from(self.limits.body_ms)),
        ];
        for (path, value) in limits {
            if value == 0 {
                problems.push(SettingProblem::new(path, "nothing would get through: at least 1"));
            }
        }
        problems
    }
}
