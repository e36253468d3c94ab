//! Secrets that commands make: where they are kept and what they look like.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::domain::Name;

/// What a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A static key: pasted at a vendor, or sent in a header.
    Key,
    /// A key of Standard Webhooks.
    Signing,
}

/// Where it is kept: relative to the configuration folder, readable by its owner only. Flat, so that a
/// mounted folder of secrets can stand in for it.
pub fn place(workspace: &Name, of: &Name, kind: Kind) -> String {
    let end = match kind {
        Kind::Key => "key",
        Kind::Signing => "signing",
    };
    format!("secrets/{workspace}.{of}.{end}")
}

/// A new one: 32 random bytes as `whsec_…`; 24 as letters, digits, `-` and `_`, because a key is pasted
/// into forms of vendors (Google Ads takes at most 50 characters).
pub fn fresh(kind: Kind) -> String {
    match kind {
        Kind::Signing => format!("whsec_{}", STANDARD.encode(rand::random::<[u8; 32]>())),
        Kind::Key => URL_SAFE_NO_PAD.encode(rand::random::<[u8; 24]>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_their_forms_and_are_new_each_time() {
        assert_ne!(fresh(Kind::Key), fresh(Kind::Key));
        assert!(crate::deliver::sign::Secret::parse(&fresh(Kind::Signing)).is_ok());
        assert!(fresh(Kind::Key).len() <= 50);
    }
}
