//! What a person allows: statements per purpose and channel, and the one that stands above them all.

use super::{Consent, Timestamp};

/// Every purpose, or every channel.
const ANY: &str = "any";
/// What messages of nurture are for.
const MARKETING: &str = "marketing";

impl Consent {
    /// The person wants to be left alone, whatever the purpose and the channel.
    #[must_use]
    pub fn do_not_contact(at: Timestamp) -> Self {
        Self::refused(ANY, ANY, at)
    }

    /// The person wants no more messages.
    #[must_use]
    pub fn unsubscribed(at: Timestamp) -> Self {
        Self::refused(MARKETING, ANY, at)
    }

    fn refused(purpose: &str, channel: &str, at: Timestamp) -> Self {
        let (purpose, channel) = (purpose.to_owned(), channel.to_owned());
        Self { purpose, channel, granted: false, text: None, at }
    }

    /// Whether it is about everything.
    #[must_use]
    pub fn is_about_all(&self) -> bool {
        is_any(&self.purpose) && is_any(&self.channel)
    }

    /// Whether it says to leave the person alone.
    #[must_use]
    pub fn is_do_not_contact(&self) -> bool {
        self.is_about_all() && !self.granted
    }

    /// Whether it lifts a do-not-contact of that time: a later, explicit yes with the words that were agreed to.
    fn lifts(&self, said: Timestamp) -> bool {
        self.granted && self.at > said && self.text.is_some()
    }

    /// Whether it takes the place of an earlier statement about the same.
    #[must_use]
    pub fn replaces(&self, known: &Self) -> bool {
        if known.is_do_not_contact() && self.granted {
            return self.lifts(known.at);
        }
        let stricter = self.at == known.at && known.granted && !self.granted;
        self.at > known.at || stricter
    }
}

/// Whether the person is to be left alone: nothing but a later, explicit yes with its words lifts that.
#[must_use]
pub fn do_not_contact(consents: &[Consent]) -> Option<&Consent> {
    let said = consents.iter().filter(|it| it.is_do_not_contact()).max_by_key(|it| it.at)?;
    consents.iter().all(|it| !it.lifts(said.at)).then_some(said)
}

/// Whether the person wants no messages of nurture: what was said last about marketing, by any channel or by e-mail, is no.
#[must_use]
pub fn unsubscribed(consents: &[Consent]) -> bool {
    if do_not_contact(consents).is_some() {
        return true;
    }
    let about = |it: &&Consent| {
        let channel = is_any(&it.channel) || it.channel.eq_ignore_ascii_case("email");
        channel && (is_any(&it.purpose) || it.purpose.eq_ignore_ascii_case(MARKETING))
    };
    let last = consents.iter().filter(about).max_by_key(|it| (it.at, !it.granted));
    last.is_some_and(|last| !last.granted)
}

fn is_any(word: &str) -> bool {
    word.eq_ignore_ascii_case(ANY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(purpose: &str, channel: &str, granted: bool, at: i64) -> Consent {
        let (purpose, channel) = (purpose.to_owned(), channel.to_owned());
        Consent { purpose, channel, granted, text: None, at: Timestamp::from_millis(at) }
    }

    fn in_words(consent: Consent) -> Consent {
        Consent { text: Some("You may ring me.".to_owned()), ..consent }
    }

    #[test]
    fn only_a_later_yes_with_its_words_lifts_do_not_contact() {
        let alone = Consent::do_not_contact(Timestamp::from_millis(10));
        let lifted = |other: Consent| do_not_contact(&[alone.clone(), other]).is_none();
        assert!(!lifted(said("contact", "phone", true, 20)), "no words");
        assert!(!lifted(in_words(said("contact", "phone", true, 9))), "it was before");
        assert!(lifted(in_words(said("contact", "phone", true, 20))));
        assert!(!said("any", "any", true, 20).replaces(&alone));
        assert!(in_words(said("any", "any", true, 20)).replaces(&alone));
    }

    #[test]
    fn what_was_said_last_about_messages_holds() {
        let no = Consent::unsubscribed(Timestamp::from_millis(10));
        assert!(unsubscribed(std::slice::from_ref(&no)));
        assert!(!unsubscribed(&[no.clone(), said("marketing", "email", true, 20)]));
        assert!(unsubscribed(&[no.clone(), said("marketing", "email", true, 10)]), "the stricter");
        assert!(unsubscribed(&[no, said("marketing", "phone", true, 20)]), "another channel");
        assert!(!unsubscribed(&[said("contact", "any", false, 10)]), "another purpose");
        assert!(unsubscribed(&[Consent::do_not_contact(Timestamp::EPOCH)]));
    }
}
