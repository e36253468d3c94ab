//! Index keys: keyed hashes of what a person is found by. No text about a person is in a key.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::email;
use super::person::PersonName;
use super::persona::Persona;
use crate::domain::{Checked, IndexKey, Inquiry, Name, Seen, Validity};

/// The secret that makes index keys useless to whoever only has the store. Derived from the master
/// key; never printed.
#[derive(Clone)]
pub struct Pepper(Hmac<Sha256>);

impl Pepper {
    /// A pepper of 32 secret bytes.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        // HMAC pads a shorter key with zeros to the block size: padding here is the same function.
        let mut block = [0_u8; 64];
        block[..32].copy_from_slice(&secret);
        Self(Hmac::new(&block.into()))
    }

    /// HMAC-SHA-256 over the purpose and the parts, each preceded by its length (8 bytes BE), so that
    /// neither two purposes nor two ways of cutting the same text can meet.
    #[must_use]
    pub fn hash(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        // The key's own blocks are hashed once for all.
        let mut mac = self.0.clone();
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The key under which a lead is found by the id that a destination has for it.
    #[must_use]
    pub fn kept(&self, destination: &Name, id: &str) -> IndexKey {
        let hash = self.hash("kept", &[destination.as_str().as_bytes(), id.as_bytes()]);
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        IndexKey::new(key, false)
    }
}

impl std::fmt::Debug for Pepper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pepper")
    }
}

/// What an index key was made of. The order is the order of [`keys`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// The mailbox.
    Email,
    /// The mailbox and the full normalised name.
    EmailName,
    /// The phone number.
    Phone,
    /// The phone number and the full normalised name.
    PhoneName,
    /// The person's id in the source's system.
    ExternalId,
    /// The company's name or domain and the person's initials: finds who has a name like it there.
    NameCompany,
}

impl KeyKind {
    /// The word used in records (`matched_on`) and as the hash's purpose.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::EmailName => "email_name",
            Self::Phone => "phone",
            Self::PhoneName => "phone_name",
            Self::ExternalId => "external_id",
            Self::NameCompany => "name_company",
        }
    }

    /// Made of a value and a name: looked up only once the value's own key is shared.
    #[must_use]
    pub fn is_compound(self) -> bool {
        matches!(self, Self::EmailName | Self::PhoneName)
    }
}

/// An index key and what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexedBy {
    pub kind: KeyKind,
    pub key: IndexKey,
}

/// The index keys of an inquiry, in the order of [`KeyKind`], so that a compound key follows its bare one;
/// only of valid values. Test and filtered inquiries have none: they are never matched with real ones.
/// Devices (a scanner, a kiosk, a browser) are never keys.
///
/// The compound keys lead past a shared key: a switchboard's number is no longer looked up by itself,
/// but with a name it is. A free-mail address gives no company.
#[must_use]
pub fn keys(inquiry: &Inquiry, pepper: &Pepper) -> Vec<IndexedBy> {
    if inquiry.is_test || inquiry.filtered {
        return Vec::new();
    }
    let contact = &inquiry.contact;
    let email = valid(contact.email.as_ref()).map(email::mailbox);
    let phone = valid(contact.phone.as_ref()).map(str::to_owned);
    let name = PersonName::of(contact).key_parts();
    let mut found = Vec::with_capacity(6);
    for (value, alone, named) in
        [(email, KeyKind::Email, KeyKind::EmailName), (phone, KeyKind::Phone, KeyKind::PhoneName)]
    {
        let Some(value) = value else { continue };
        found.push(indexed(pepper, alone, &[&value]));
        if let Some([first, last]) = &name {
            found.push(indexed(pepper, named, &[&value, first, last]));
        }
    }
    if let Some(id) = &contact.external_id {
        found.push(indexed(pepper, KeyKind::ExternalId, &[id.expose()]));
    }
    let persona = Persona::of(&Seen::of(contact, &inquiry.company));
    if let Some(initials) = persona.initials() {
        let initials: String = initials.iter().collect();
        let labels = persona.labels.iter();
        found.extend(labels.map(|it| indexed(pepper, KeyKind::NameCompany, &[it, &initials])));
    }
    found
}

fn valid(checked: Option<&Checked>) -> Option<&str> {
    checked.filter(|checked| checked.validity == Validity::Valid).and_then(Checked::normal)
}

fn indexed(pepper: &Pepper, kind: KeyKind, parts: &[&str]) -> IndexedBy {
    let key = index_key(pepper, kind.as_str(), parts);
    IndexedBy { kind, key: IndexKey::new(key.0, kind.is_compound()) }
}

/// The key for a purpose and what stands under it.
pub(super) fn index_key(pepper: &Pepper, purpose: &str, parts: &[&str]) -> IndexKey {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    let hash = pepper.hash(purpose, &parts);
    let mut key = [0; 16];
    key.copy_from_slice(&hash[..16]);
    IndexKey::new(key, false)
}
