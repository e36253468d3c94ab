//! Companies: the registrable domain behind a website or an e-mail address.

use super::email;

/// Sites on which companies have pages: their domain is not the company's.
const HOSTS_OF_PAGES: &[&str] = &[
    "facebook.com",
    "instagram.com",
    "linkedin.com",
    "xing.com",
    "twitter.com",
    "x.com",
    "youtube.com",
    "tiktok.com",
    "google.com",
    "goo.gl",
    "bit.ly",
    "linktr.ee",
    "wikipedia.org",
    "amazon.com",
    "t.me",
    "wa.me",
];

/// The registrable domain of a website, if it is the company's own.
pub(super) fn domain_of_website(website: &str) -> Option<String> {
    let text = super::text::technical(website);
    let after_scheme = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?', '#', ' ']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    own_domain(&email::ascii_domain(host)?)
}

/// The registrable domain of a valid address, unless anybody can have one there.
pub(super) fn domain_of_address(normal: &str) -> Option<String> {
    own_domain(email::domain_of(normal))
}

fn own_domain(host: &str) -> Option<String> {
    let domain = psl::domain_str(host)?;
    let own =
        !email::is_free(host) && !email::is_disposable(host) && !HOSTS_OF_PAGES.contains(&domain);
    own.then(|| domain.to_owned())
}
