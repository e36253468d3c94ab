//! Who is calling: address behind trusted proxies, API key.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header;

use super::keys::ApiKey;
use super::state::Active;

/// What the `Authorization` header says.
#[derive(Debug)]
pub enum Presented<'a> {
    /// No API key of ours.
    Nothing,
    /// A key that is known.
    Key(&'a ApiKey),
    /// A key that is not.
    Unknown,
}

/// Looks up the API key, if one of ours is presented (`Authorization: Bearer lrk_…`).
pub fn presented<'a>(active: &'a Active, request: &HttpRequest) -> Presented<'a> {
    let value = request.headers().get(header::AUTHORIZATION);
    let Some(token) = value.and_then(|value| value.to_str().ok()).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }) else {
        return Presented::Nothing;
    };
    if !token.starts_with("lrk_") {
        return Presented::Nothing;
    }
    active.keys.find(token).map_or(Presented::Unknown, Presented::Key)
}

/// The caller's address: the peer's, or, if the peer is a trusted proxy, the last address in
/// `X-Forwarded-For` that is not.
pub fn address(active: &Active, request: &HttpRequest) -> Option<IpAddr> {
    let trusted = |address: &IpAddr| active.trusted_proxies.iter().any(|net| net.contains(address));
    let peer = request.peer_addr()?.ip();
    if !trusted(&peer) {
        return Some(peer);
    }
    request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|hop| hop.trim().parse::<IpAddr>().ok())
        .filter(|hop| !trusted(hop))
        .last()
        .or(Some(peer))
}

/// An address without what tells its user from the neighbours: a /24, or a /48.
pub fn network(address: IpAddr) -> String {
    let length = if address.is_ipv4() { 24 } else { 48 };
    let net = ipnet::IpNet::new(address, length).map(|net| net.trunc());
    net.map_or_else(|_| String::new(), |net| net.to_string())
}
