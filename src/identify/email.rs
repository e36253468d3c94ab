//! E-mail addresses: syntax, the normal form, the form two spellings of one mailbox share, and what
//! kind of mailbox it is.

use std::sync::LazyLock;

use ahash::AHashSet;
use email_address::{EmailAddress, Options};
use idna::AsciiDenyList;

use super::text::technical;
use crate::domain::Checked;

/// RFC 5321: a path is at most 256 octets, with the angle brackets.
const OCTETS_MAX: usize = 254;

static FREE: LazyLock<AHashSet<&'static str>> =
    LazyLock::new(|| words(include_str!("free_mail.txt")));
static ROLES: LazyLock<AHashSet<&'static str>> =
    LazyLock::new(|| words(include_str!("role_mailboxes.txt")));
/// The list's own lookup walks 56,000 entries for each address; a set does not.
static DISPOSABLE: LazyLock<AHashSet<&'static str>> =
    LazyLock::new(|| mailchecker::blacklist().into_iter().collect());

fn words(file: &'static str) -> AHashSet<&'static str> {
    file.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
}

/// An address as sent: valid with its normal form (local part as sent, domain in lower-case ASCII),
/// or invalid.
pub(super) fn check(raw: &str) -> Checked {
    match normal(raw) {
        Some(value) => Checked::valid(raw, value),
        None => Checked::invalid(raw),
    }
}

/// The normal form. Accepts `mailto:` and `Name <address>`; an address needs a dot in its domain.
fn normal(raw: &str) -> Option<String> {
    let text = technical(raw);
    let mut text = text.as_str();
    if text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:")) {
        text = text[7..].split('?').next().unwrap_or_default();
    }
    if let (Some(start), Some(end)) = (text.rfind('<'), text.rfind('>'))
        && start < end
    {
        text = &text[start + 1..end];
    }
    let text = text.trim().trim_end_matches([',', ';', '.']);
    let (local, domain) = text.rsplit_once('@')?;
    let (local, domain) = (local.trim_end(), domain.trim_start());
    let domain = ascii_domain(domain)?;
    let address = format!("{local}@{domain}");
    let options =
        Options::default().with_required_tld().without_domain_literal().without_display_text();
    let holds = address.len() <= OCTETS_MAX
        && !local.chars().any(char::is_control)
        && EmailAddress::parse_with_options(&address, options).is_ok();
    holds.then_some(address)
}

/// A host name in lower-case ASCII (IDNA), or `None` if it is none: a bare label, an IP address.
pub(super) fn ascii_domain(domain: &str) -> Option<String> {
    let domain = domain.trim_end_matches('.');
    let ascii = idna::domain_to_ascii_cow(domain.as_bytes(), AsciiDenyList::STD3).ok()?;
    let (_, top) = ascii.rsplit_once('.')?;
    let label = |label: &str| {
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
    };
    let holds = ascii.len() <= 253
        && ascii.split('.').all(label)
        && !top.bytes().all(|byte| byte.is_ascii_digit());
    holds.then(|| ascii.to_ascii_lowercase())
}

/// The form in which two spellings of one mailbox are equal: lower-case, without a `+tag`, and for
/// Gmail without dots and under one domain. For keys only; mail goes to the normal form.
pub(super) fn mailbox(normal: &str) -> String {
    let (local, domain) = normal.rsplit_once('@').unwrap_or((normal, ""));
    let mut local = technical(&local.to_lowercase());
    if !local.starts_with('"')
        && let Some((before, _)) = local.split_once('+')
        && !before.is_empty()
    {
        local = before.to_owned();
    }
    if matches!(domain, "gmail.com" | "googlemail.com") {
        return format!("{}@gmail.com", local.replace('.', ""));
    }
    format!("{local}@{domain}")
}

/// The domain of a normal form.
pub(super) fn domain_of(normal: &str) -> &str {
    normal.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// Whether anybody can have a mailbox there.
pub(super) fn is_free(domain: &str) -> bool {
    parents(domain).any(|domain| FREE.contains(domain))
}

/// Providers of which slips are told: long enough that no other firm's name is a letter away.
const OFTEN_MISSPELT: [&str; 16] = [
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "yahoo.co.uk",
    "hotmail.com",
    "hotmail.co.uk",
    "hotmail.fr",
    "outlook.com",
    "outlook.de",
    "icloud.com",
    "protonmail.com",
    "t-online.de",
    "freenet.de",
    "wanadoo.fr",
    "orange.fr",
    "libero.it",
];

/// Whether a domain looks like a slip: of a provider's, or an end that is none (`.con`).
pub(super) fn is_slip(domain: &str) -> bool {
    if is_free(domain) {
        return false;
    }
    let end = domain.rsplit('.').next().unwrap_or_default();
    let known = psl::suffix(domain.as_bytes()).is_some_and(|it| it.is_known());
    let head = |text: &str| {
        let mut two = text.as_bytes().get(..2).unwrap_or_default().to_vec();
        two.sort_unstable();
        two
    };
    // People get the first letter right, or take the second one for it.
    let begins = |provider: &str| {
        domain.as_bytes().first() == provider.as_bytes().first() || head(domain) == head(provider)
    };
    !known && strsim::osa_distance(end, "com") == 1
        || OFTEN_MISSPELT
            .iter()
            .any(|provider| begins(provider) && strsim::osa_distance(domain, provider) == 1)
}

/// Whether mailboxes there are thrown away.
pub(super) fn is_disposable(domain: &str) -> bool {
    !is_free(domain) && parents(domain).any(|domain| DISPOSABLE.contains(domain))
}

/// Whether a local part names a function: `info`, `sales.uk`, `office2`, but not `info.brummelkamp`.
pub(super) fn is_role(local: &str) -> bool {
    let local = local.to_lowercase();
    let local = local.split('+').next().unwrap_or_default();
    if ROLES.contains(local) {
        return true;
    }
    let mut tokens = local
        .split(['.', '-', '_'])
        .map(|token| token.trim_end_matches(|c: char| c.is_ascii_digit()));
    tokens.next().is_some_and(|first| ROLES.contains(first))
        && tokens.all(|token| ROLES.contains(token) || token.len() <= 2)
}

/// The domain and the domains above it that have a dot.
fn parents(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |domain| domain.split_once('.').map(|(_, above)| above))
        .filter(|domain| domain.contains('.'))
}
