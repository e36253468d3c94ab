//! Everything that derives from the one master key (`LEAD_ROUTER_KEY`): the pepper of index keys,
//! the keys of stored bodies, of the service's own secrets, of the console's cookies and of links, and a check value by which a
//! replica with another key is refused.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::identify::Pepper;

/// The first byte of a sealed body: which master key sealed it. There is one so far.
const KEY_ID: u8 = 1;
/// XChaCha20's nonce.
const NONCE_BYTES: usize = 24;

/// Why a sealed body does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("sealed by a key that is not active here")]
    UnknownKey,
    #[error("the sealed bytes were cut, changed or belong to another record")]
    Damaged,
}

/// Why a text is not a master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "LEAD_ROUTER_KEY must be 32 bytes as 64 hexadecimal digits; make one with `openssl rand -hex 32`"
)]
pub struct BadKey;

/// The derived keys. Printing it shows nothing.
pub struct Keyring {
    pepper: [u8; 32],
    bodies: Zeroizing<[u8; 32]>,
    cookies: Zeroizing<[u8; 32]>,
    own: Zeroizing<[u8; 32]>,
    links: Zeroizing<[u8; 32]>,
    check: [u8; 16],
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(…)")
    }
}

impl Keyring {
    /// Derives all keys (HKDF-SHA-256, RFC 5869) from the 32-byte master key.
    #[must_use]
    pub fn derive(master: &[u8; 32]) -> Self {
        Self {
            pepper: derive(master, "lead-router index keys 1"),
            bodies: Zeroizing::new(derive(master, "lead-router stored bodies 1")),
            cookies: Zeroizing::new(derive(master, "lead-router console cookies 1")),
            own: Zeroizing::new(derive(master, "lead-router own secrets 1")),
            links: Zeroizing::new(derive(master, "lead-router links 1")),
            check: derive(master, "lead-router key check 1"),
        }
    }

    /// Reads a master key from its 64 hexadecimal digits.
    ///
    /// # Errors
    /// If it is not exactly that.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let digits = text.trim().as_bytes();
        if digits.len() != 64 {
            return Err(BadKey);
        }
        let mut master = Zeroizing::new([0_u8; 32]);
        for (byte, pair) in master.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| BadKey)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| BadKey)?;
        }
        Ok(Self::derive(&master))
    }

    /// The pepper under which index keys are hashed.
    #[must_use]
    pub fn pepper(&self) -> Pepper {
        Pepper::new(self.pepper)
    }

    /// What the store keeps to recognise the key by.
    #[must_use]
    pub fn check(&self) -> [u8; 16] {
        self.check
    }

    /// Seals a body: `key id | nonce | ciphertext`. `about` (the record's id) is bound to it, so that
    /// one body cannot be put in another's place. The nonce must be random and used once.
    ///
    /// # Errors
    /// Only for bodies beyond 256 GiB, which no limit lets through.
    pub fn seal(
        &self,
        nonce: &[u8; NONCE_BYTES],
        about: &[u8],
        body: &[u8],
    ) -> Result<Vec<u8>, OpenError> {
        seal(&self.bodies, nonce, about, body)
    }

    /// Opens what [`Keyring::seal`] sealed.
    ///
    /// # Errors
    /// If it was sealed by another key, is damaged, or is about another record.
    pub fn open(&self, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        open(&self.bodies, about, sealed)
    }

    /// Seals a secret of the service's own: a token that it was given, a signing secret that it made.
    ///
    /// # Errors
    /// As [`Keyring::seal`].
    pub fn seal_own(
        &self,
        nonce: &[u8; NONCE_BYTES],
        about: &[u8],
        secret: &[u8],
    ) -> Result<Vec<u8>, OpenError> {
        seal(&self.own, nonce, about, secret)
    }

    /// Opens what [`Keyring::seal_own`] sealed.
    ///
    /// # Errors
    /// As [`Keyring::open`].
    pub fn open_own(&self, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        open(&self.own, about, sealed)
    }

    /// Signs what a link says: HMAC-SHA-256, cut to 16 bytes.
    #[must_use]
    pub fn sign_link(&self, says: &[&[u8]]) -> [u8; 16] {
        let mac = Pepper::new(*self.links).hash("link", says);
        let mut signature = [0; 16];
        signature.copy_from_slice(&mac[..16]);
        signature
    }

    /// Seals what a cookie of the console says; `about` names the cookie's purpose.
    ///
    /// # Errors
    /// As [`Keyring::seal`].
    pub fn seal_cookie(
        &self,
        nonce: &[u8; NONCE_BYTES],
        about: &[u8],
        text: &[u8],
    ) -> Result<Vec<u8>, OpenError> {
        seal(&self.cookies, nonce, about, text)
    }

    /// Opens what [`Keyring::seal_cookie`] sealed.
    ///
    /// # Errors
    /// As [`Keyring::open`].
    pub fn open_cookie(&self, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        open(&self.cookies, about, sealed)
    }
}

fn seal(
    key: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
    about: &[u8],
    body: &[u8],
) -> Result<Vec<u8>, OpenError> {
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    let payload = Payload { msg: body, aad: about };
    let sealed = cipher.encrypt(&XNonce::from(*nonce), payload).map_err(|_| OpenError::Damaged)?;
    let mut bytes = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
    bytes.push(KEY_ID);
    bytes.extend_from_slice(nonce);
    bytes.extend_from_slice(&sealed);
    Ok(bytes)
}

fn open(key: &[u8; 32], about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let (&id, rest) = sealed.split_first().ok_or(OpenError::Damaged)?;
    if id != KEY_ID {
        return Err(OpenError::UnknownKey);
    }
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError::Damaged)?;
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    cipher
        .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: about })
        .map_err(|_| OpenError::Damaged)
}

fn derive<const N: usize>(master: &[u8; 32], purpose: &str) -> [u8; N] {
    let mut key = [0_u8; N];
    let expanded = Hkdf::<Sha256>::new(None, master).expand(purpose.as_bytes(), &mut key);
    // HKDF refuses only outputs beyond 8160 bytes; ours are 32 at most.
    debug_assert!(expanded.is_ok());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_body_opens_only_unchanged_and_in_its_place() {
        let keyring = Keyring::derive(&[5; 32]);
        let sealed = keyring.seal(&[1; 24], b"inq_1", b"body").unwrap();
        assert_eq!(keyring.open(b"inq_1", &sealed), Ok(b"body".to_vec()));
        assert_eq!(keyring.open(b"inq_2", &sealed), Err(OpenError::Damaged));
        for at in 1..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(keyring.open(b"inq_1", &changed), Err(OpenError::Damaged), "byte {at}");
        }
        assert_eq!(Keyring::derive(&[6; 32]).open(b"inq_1", &sealed), Err(OpenError::Damaged));
        assert_eq!(keyring.open(b"inq_1", &[9; 60]), Err(OpenError::UnknownKey));
        assert_eq!(keyring.open(b"inq_1", &[]), Err(OpenError::Damaged));
    }

    #[test]
    fn a_cookie_is_no_body_and_no_secret_and_the_other_way_round() {
        let keyring = Keyring::derive(&[5; 32]);
        let cookie = keyring.seal_cookie(&[1; 24], b"session", b"text").unwrap();
        assert_eq!(keyring.open_cookie(b"session", &cookie), Ok(b"text".to_vec()));
        assert_eq!(keyring.open_cookie(b"other", &cookie), Err(OpenError::Damaged));
        assert_eq!(keyring.open(b"session", &cookie), Err(OpenError::Damaged));
        let own = keyring.seal_own(&[1; 24], b"acme/token/crm", b"text").unwrap();
        assert_eq!(keyring.open_own(b"acme/token/crm", &own), Ok(b"text".to_vec()));
        assert_eq!(keyring.open_own(b"acme/token/erp", &own), Err(OpenError::Damaged));
        assert_eq!(keyring.open(b"acme/token/crm", &own), Err(OpenError::Damaged));
    }

    #[test]
    fn the_key_is_64_hexadecimal_digits_and_nothing_else() {
        assert!(Keyring::parse(&"0f".repeat(32)).is_ok());
        for bad in ["", "0f", &"0g".repeat(32), &"0f".repeat(33), &"é".repeat(32)] {
            assert!(Keyring::parse(bad).is_err(), "{bad}");
        }
        assert_ne!(Keyring::derive(&[1; 32]).check(), Keyring::derive(&[2; 32]).check());
    }
}
