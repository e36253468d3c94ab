//! Who referred the person: the key under which that person is known, if they are.

use super::email;
use super::keys::{KeyKind, Pepper, index_key};
use crate::domain::{IndexKey, Inquiry, Pii, Validity};

/// The index key of who referred the person: that of an e-mail address, else of an id in the source's system (a customer
/// number, a referral code). A name is kept as one too, but nobody is found by it. None for tests and filtered ones, and
/// for whoever names themselves.
#[must_use]
pub fn referrer(inquiry: &Inquiry, pepper: &Pepper) -> Option<IndexKey> {
    if inquiry.is_test || inquiry.filtered {
        return None;
    }
    let text = inquiry.referrer.as_ref().map(Pii::expose)?;
    let own = |kind: KeyKind, value: &str| match kind {
        KeyKind::Email => inquiry.contact.email.as_ref().is_some_and(|email| {
            email.normal().is_some_and(|email| email::mailbox(email) == value)
        }),
        _ => inquiry.contact.external_id.as_ref().is_some_and(|id| id.expose() == value),
    };
    let address = email::check(text);
    let (kind, value) = match address.normal().filter(|_| address.validity == Validity::Valid) {
        Some(address) => (KeyKind::Email, email::mailbox(address)),
        None => (KeyKind::ExternalId, format!("{}:{}", inquiry.source, text.trim())),
    };
    (!own(kind, &value)).then(|| index_key(pepper, kind.as_str(), &[&value]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Checked;
    use crate::identify::keys;
    use crate::rules::example::Example;

    #[test]
    fn a_referrer_is_known_by_the_key_of_their_own_inquiry() {
        let pepper = Pepper::new([3; 32]);
        let mut referring = Example::rich().inquiry;
        referring.contact.email =
            Some(Checked::valid("Bert@Acme.example", "Bert@acme.example".to_owned()));
        let known = keys(&referring, &pepper)[0].key;
        let mut referred = Example::rich().inquiry;
        referred.contact.email =
            Some(Checked::valid("ida@brummelkamp.example", "ida@brummelkamp.example".to_owned()));
        referred.referrer = Some("bert@acme.example".into());
        assert_eq!(referrer(&referred, &pepper), Some(known));
        referring.referrer = Some("bert@ACME.example".into());
        assert_eq!(referrer(&referring, &pepper), None, "oneself");
        referred.referrer = Some("K-1042".into());
        let by_id = referrer(&referred, &pepper).unwrap();
        assert_ne!(by_id, known);
        referred.is_test = true;
        assert_eq!(referrer(&referred, &pepper), None);
    }
}
