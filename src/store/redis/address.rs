//! Where Redis is: one URL says it, with user, password, TLS and certificate authority.

use std::time::Duration;

use ::redis::{
    ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo, TlsCertificates,
    TlsMode, io::tcp::TcpSettings,
};

use crate::domain::ports::StoreError;

/// A peer that says nothing for so long is gone (half-open connections).
const SILENT_MAX: Duration = Duration::from_secs(10);

/// How the servers stand to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    Single,
    /// The name of the master that the sentinels watch.
    Sentinel(String),
    Cluster,
}

/// A store's address, read from a URL:
///
/// - `redis://[user:password@]host[:port][/db]`, `rediss://…` (TLS)
/// - `redis-sentinel://[user:password@]host:port,host:port/master`, `rediss-sentinel://…`; user and
///   password are the master's, the sentinels' own are `?sentinel_user=` and `?sentinel_password=`
/// - `redis-cluster://[user:password@]host:port,host:port`, `rediss-cluster://…`
///
/// With TLS, `?ca=FILE` names a PEM file of authorities to trust instead of the system's.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) shape: Shape,
    pub(super) nodes: Vec<ConnectionInfo>,
    /// PEM of the authorities to trust instead of the system's.
    pub(super) ca: Option<Vec<u8>>,
    pub(super) tls: bool,
    sentinel_user: Option<String>,
    sentinel_password: Option<String>,
}

impl Address {
    /// Reads a URL. The error never holds the URL: it may hold a password.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| wrong("no scheme"))?;
        let (tls, shape_word) = match scheme.strip_prefix("rediss") {
            Some(word) => (true, word),
            None => (false, scheme.strip_prefix("redis").ok_or_else(|| wrong(SCHEMES))?),
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((user, hosts)) => (format!("{user}@"), hosts),
            None => (String::new(), authority),
        };
        let shape = match shape_word {
            "" => Shape::Single,
            "-cluster" => Shape::Cluster,
            "-sentinel" if path.is_empty() => return Err(wrong("no master's name after the /")),
            "-sentinel" => Shape::Sentinel(path.to_owned()),
            _ => return Err(wrong(SCHEMES)),
        };
        if shape == Shape::Single && hosts.contains(',') {
            return Err(wrong("several hosts need redis-sentinel:// or redis-cluster://"));
        }
        if shape == Shape::Cluster && !path.is_empty() {
            return Err(wrong("a cluster has no numbered databases"));
        }
        let database = if shape == Shape::Single { path } else { "" };
        let scheme = if tls { "rediss" } else { "redis" };
        let default_port = if matches!(shape, Shape::Sentinel(_)) { 26379 } else { 6379 };
        let nodes = hosts
            .split(',')
            .map(|host| node(scheme, &user, host, default_port, database))
            .collect::<Result<Vec<_>, _>>()?;
        let mut address =
            Self { shape, nodes, ca: None, tls, sentinel_user: None, sentinel_password: None };
        address.options(query)?;
        Ok(address)
    }

    fn options(&mut self, query: &str) -> Result<(), StoreError> {
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "ca" if !self.tls => return Err(wrong("`ca` needs a rediss scheme")),
                "ca" => {
                    let pem = std::fs::read(value.as_ref())
                        .map_err(|error| wrong(&format!("the file of `ca`: {error}")))?;
                    self.ca = Some(pem);
                }
                "sentinel_user" => self.sentinel_user = Some(value.into_owned()),
                "sentinel_password" => self.sentinel_password = Some(value.into_owned()),
                _ => return Err(wrong("after ? only ca, sentinel_user and sentinel_password")),
            }
        }
        Ok(())
    }

    /// The authorities to trust, in the driver's form.
    pub(super) fn certificates(&self) -> Option<TlsCertificates> {
        self.ca.clone().map(|pem| TlsCertificates { client_tls: None, root_cert: Some(pem) })
    }

    /// User, password and database of the servers.
    pub(super) fn login(&self) -> RedisConnectionInfo {
        self.nodes.first().map(|node| node.redis_settings().clone()).unwrap_or_default()
    }

    /// A client that asks the sentinels who the master is.
    pub(super) fn sentinel(
        &self,
        master: &str,
    ) -> ::redis::RedisResult<::redis::sentinel::SentinelClient> {
        use ::redis::sentinel::{SentinelClientBuilder, SentinelServerType};
        let nodes = self.nodes.iter().map(|node| node.addr().clone());
        let mut builder = SentinelClientBuilder::new(nodes, master, SentinelServerType::Master)?
            .set_client_to_redis_tcp_settings(tcp())
            .set_client_to_sentinel_tcp_settings(tcp());
        let login = self.login();
        if let Some(user) = login.username() {
            builder = builder.set_client_to_redis_username(user);
        }
        if let Some(password) = login.password() {
            builder = builder.set_client_to_redis_password(password);
        }
        if let Some(user) = &self.sentinel_user {
            builder = builder.set_client_to_sentinel_username(user);
        }
        if let Some(password) = &self.sentinel_password {
            builder = builder.set_client_to_sentinel_password(password);
        }
        if self.tls {
            builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
            builder = builder.set_client_to_sentinel_tls_mode(TlsMode::Secure);
            if let Some(certificates) = self.certificates() {
                builder = builder
                    .set_client_to_redis_certificates(certificates.clone())
                    .set_client_to_sentinel_certificates(certificates);
            }
        }
        builder.build()
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let nodes: Vec<String> = self.nodes.iter().map(|node| node.addr().to_string()).collect();
        write!(f, "{:?} {} (tls: {})", self.shape, nodes.join(","), self.tls)
    }
}

const SCHEMES: &str = "the scheme must be redis, rediss, redis-sentinel, rediss-sentinel, redis-cluster or rediss-cluster";

fn wrong(what: &str) -> StoreError {
    StoreError::Refused(format!("the address of Redis is not understood: {what}"))
}

/// `TCP_NODELAY` is off by default in the driver.
pub(super) fn tcp() -> TcpSettings {
    TcpSettings::default().set_nodelay(true).set_user_timeout(SILENT_MAX)
}

fn node(
    scheme: &str,
    user: &str,
    host: &str,
    default_port: u16,
    database: &str,
) -> Result<ConnectionInfo, StoreError> {
    if host.is_empty() {
        return Err(wrong("a host is missing"));
    }
    let has_port = host.rsplit_once(':').is_some_and(|(before, port)| {
        port.parse::<u16>().is_ok() && (!before.contains(':') || before.ends_with(']'))
    });
    let port = if has_port { String::new() } else { format!(":{default_port}") };
    let info = format!("{scheme}://{user}{host}{port}/{database}")
        .as_str()
        .into_connection_info()
        .map_err(|_| wrong("host, port, user, password or database"))?;
    match info.addr() {
        ConnectionAddr::Tcp(..) | ConnectionAddr::TcpTls { insecure: false, .. } => {
            Ok(info.set_tcp_settings(tcp()))
        }
        _ => Err(wrong("only TCP, with or without TLS that verifies")),
    }
}
