//! `server.yaml`: what concerns the process, whatever the workspaces hold.

use std::net::SocketAddr;

use serde::Deserialize;
use url::Url;

use crate::capture::PublicBase;
use crate::domain::SettingProblem;
use crate::egress::{EgressSettings, Guard};

/// More threads than this would only wait for each other.
const THREADS_MAX: u32 = 1024;

/// `server.yaml`: what concerns the process, whatever the workspaces hold. Everything has a default; the
/// file may be missing.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// Where inquiries arrive. Port 0 = any free one. Flags and environment win. Read at start.
    #[cfg_attr(
        test,
        schemars(
            with = "String",
            regex(pattern = r"^(\d{1,3}(\.\d{1,3}){3}|\[[0-9A-Fa-f:.]+\]):\d{1,5}$")
        )
    )]
    pub public_address: SocketAddr,
    /// Where people and programs with keys ask; never on the internet. Flags and environment win. Read at
    /// start.
    #[cfg_attr(
        test,
        schemars(
            with = "String",
            regex(pattern = r"^(\d{1,3}(\.\d{1,3}){3}|\[[0-9A-Fa-f:.]+\]):\d{1,5}$")
        )
    )]
    pub private_address: SocketAddr,
    /// How the public listener is reached from outside, for links and forms.
    #[cfg_attr(test, schemars(with = "Option<String>", extend("pattern" = "^https?://", "examples" = ["https://inquiries.example.com"])))]
    pub public_url: Option<Url>,
    /// How the private listener is reached by the people who use it: the base of record links.
    #[cfg_attr(test, schemars(with = "Option<String>", extend("pattern" = "^https?://", "examples" = ["https://leads.internal.example.com"])))]
    pub private_url: Option<Url>,
    /// Proxies whose `X-Forwarded-For` is believed (CIDR).
    #[cfg_attr(test, schemars(with = "Vec<String>", extend("examples" = [["10.0.0.0/8"]])))]
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// Addresses outbound requests may reach although the guard would refuse them. Read at start.
    pub egress: EgressSettings,
    /// How the log looks. Read at start.
    pub log: LogSettings,
    /// Limits of the public listener as a whole. Read at start.
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
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    #[default]
    Json,
    /// For people at a terminal.
    Text,
}

/// The log, on standard error.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// One JSON object a line, or for people at a terminal.
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    /// Requests worked on at once; more are answered 503 with Retry-After.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub in_flight: u32,
    /// Connections held open at once.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub connections: u32,
    /// Threads that answer the public listener. Absent = half the cores: deliveries take as much again.
    #[cfg_attr(test, schemars(range(min = 1, max = 1024)))]
    pub threads: Option<u32>,
    /// Largest body of any request, in bytes; sources have their own, smaller ones.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub body_bytes: u64,
    /// Milliseconds a client may take to send its body.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub body_ms: u32,
    /// Requests per minute from one client address to one source without verification; 0 = no limit.
    pub per_client_minute: u32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            in_flight: 1024,
            connections: 10_000,
            threads: None,
            body_bytes: 16 << 20,
            body_ms: 30_000,
            per_client_minute: 300,
        }
    }
}

impl ServerSettings {
    /// The beginning of every source's URL: `public_url`, or where the listener listens.
    #[must_use]
    pub fn public_base(&self) -> PublicBase {
        PublicBase::new(self.public_url.as_ref(), self.public_address)
    }

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
        problems.extend(level_problem(&self.log.level));
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
        if self.limits.threads.is_some_and(|threads| !(1..=THREADS_MAX).contains(&threads)) {
            let message = "at least 1, at most 1024; leave it out for half the cores";
            problems.push(SettingProblem::new("limits.threads", message));
        }
        problems
    }
}

/// A word that is no level would be taken as the name of a part of the program, and log nothing.
fn level_problem(directives: &str) -> Option<SettingProblem> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let levels = |word: &str| LEVELS.contains(&word.trim().to_ascii_lowercase().as_str());
    let level = |part: &str| part.rsplit_once('=').map_or(part, |(_, level)| level).to_owned();
    let wrong = directives.split(',').map(level).find(|word| !levels(word))?;
    let message = "this names no level: `info`, or `lead_router::deliver=debug,warn`";
    Some(SettingProblem::new("log.level", message).suggest(wrong.trim(), LEVELS))
}
