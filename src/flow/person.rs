//! How people recognise somebody: the name as far as it is known. Personal data.

use crate::domain::{Contact, Pii};

/// The full name, or what there is of its parts.
#[must_use]
pub fn name_of(contact: &Contact) -> Option<String> {
    let parts = [&contact.first_name, &contact.last_name];
    let parts: Vec<&str> = parts.into_iter().flatten().map(Pii::expose).collect();
    let full = contact.full_name.as_ref().map(|name| name.expose().to_owned());
    full.or_else(|| (!parts.is_empty()).then(|| parts.join(" ")))
}
