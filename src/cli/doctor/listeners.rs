//! The listeners: who can reach which.

use std::net::{IpAddr, SocketAddr};

use super::report::Report;
use crate::cli::folder::{Env, Folder};
use crate::config::ServerSettings;
use crate::egress::{LocalClient, is_public};

/// Looks at addresses and `public_url`.
pub(super) async fn examine(folder: &Folder, env: &Env<'_>, running: bool, report: &mut Report) {
    let server = &folder.loaded.server;
    let address = |name: &str, usual: SocketAddr| {
        env(name).and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    private(address("LEAD_ROUTER_PRIVATE", server.private_address), report);
    if running {
        let mut public = address("LEAD_ROUTER_PUBLIC", server.public_address);
        if public.ip().is_unspecified() {
            public.set_ip(IpAddr::from([127, 0, 0, 1]));
        }
        let check = "public listener";
        let url = format!("http://{public}");
        match alive(&url).await {
            Ok(()) => report.ok(check, format!("{url} answers")),
            Err(why) => report.broken(
                check,
                format!("{url} does not answer as ours: {why}"),
                "is the service started with another --public, or something else on that port?",
            ),
        }
    }
    public_url(folder, server, report).await;
}

/// The private listener opens everything to whoever has a key, over plain HTTP.
fn private(address: SocketAddr, report: &mut Report) {
    let check = "private listener";
    let ip = address.ip();
    let mend = "bind it to 127.0.0.1, or to an address of a network of your own";
    if ip.is_unspecified() {
        let what = format!("{address} is on every interface of the machine");
        let mend = format!("{mend}; in a container, see that nobody outside reaches the port");
        report.warn(check, what, mend);
    } else if is_public(ip) {
        report.broken(check, format!("{address} is on the internet, over plain HTTP"), mend);
    } else {
        report.ok(check, format!("{address} is not on the internet"));
    }
}

async fn public_url(folder: &Folder, server: &ServerSettings, report: &mut Report) {
    let check = "public_url";
    let Some(url) = &server.public_url else {
        let what = "not set: the URLs that are handed out are good on this machine only";
        let file = folder.shown("server.yaml");
        let mend = format!("set it in {file} to the address by which the internet reaches you");
        return report.warn(check, what, mend);
    };
    let base = server.public_base();
    if url.scheme() == "http" && !is_here(url) {
        let what = "plain http: browsers refuse forms to it, and people's data goes in the clear";
        report.warn(check, what, "put a TLS proxy before the public listener, and say https");
    }
    if server.trusted_proxies.is_empty() && !is_here(url) {
        report.warn(
            check,
            "no proxy is trusted: if one stands before us, all clients share one rate limit",
            "name it in `trusted_proxies` of server.yaml",
        );
    }
    match alive(base.url()).await {
        Ok(()) => report.ok(check, format!("{} answers", base.url())),
        Err(why) => report.broken(
            check,
            format!("{} does not answer as ours from here: {why}", base.url()),
            "DNS, proxy and certificate; some networks do not let a machine reach its own public address",
        ),
    }
}

fn is_here(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Whether one of ours answers there.
async fn alive(base: &str) -> Result<(), String> {
    let client = LocalClient::new(base, None).map_err(|error| error.to_string())?;
    let path = url::Url::parse(base).map_or_else(|_| String::new(), |url| url.path().to_owned());
    let path = format!("{}/healthz", path.trim_end_matches('/'));
    let answer = client.get(&path).await.map_err(|error| error.to_string())?;
    if answer.is_success() && answer.body["status"] == "alive" {
        Ok(())
    } else {
        Err(format!("HTTP {}", answer.status))
    }
}
