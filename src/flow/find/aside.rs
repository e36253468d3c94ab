//! Within what was kept aside: filtered inquiries and tests are never indexed, bodies that could not be
//! read are sealed. The newest of each worklist are looked through, and it is said how many.

use super::findings::{Findings, Found, Looked};
use super::question::Question;
use super::words;
use crate::domain::ports::LATEST;
use crate::domain::{Contact, Index, Inquiry, InquiryId, Key};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::inquiry::read_entry;
use crate::flow::unreadable::Kept;
use crate::flow::workspace::Workspace;

/// So many of each worklist are usually looked through.
const LOOKED_MAX: u32 = 1_000;
/// Values read at once.
const AT_ONCE: usize = 100;
/// Phone numbers that end in so many equal digits are taken for the same: bodies say them in any form.
const PHONE_TAIL: usize = 8;

/// Where, and under which word.
pub(super) const LISTS: [(&str, Index); 5] = [
    ("filtered", Index::Filtered),
    ("tests", Index::Tests),
    ("unreadable", Index::Unreadable),
    ("retrieving", Index::Retrieving),
    ("returned", Index::Returned),
];

/// What is looked for in texts.
pub(super) enum Sought {
    /// Lower case.
    Email(Vec<String>),
    /// Last digits.
    Phone(Vec<String>),
    /// Last digits, and names of whoever has the number, each in words of small letters: both have to be there.
    Named(Vec<String>, Vec<Vec<String>>),
}

impl Sought {
    /// The address as it was asked for, and in its normal form.
    pub fn email(text: &str, asked: &Inquiry) -> Self {
        let normal = asked.contact.email.as_ref().and_then(|email| email.normal());
        let forms = normal.into_iter().chain([text.trim()]);
        Self::Email(forms.map(str::to_lowercase).collect())
    }

    /// The number as it was asked for, and in every normal form it may have.
    pub fn phone(text: &str, asked: &[Inquiry]) -> Self {
        let normal = asked.iter().filter_map(|inquiry| inquiry.contact.phone.as_ref()?.normal());
        let mut tails: Vec<String> = normal.chain([text]).filter_map(tail).collect();
        tails.sort_unstable();
        tails.dedup();
        Self::Phone(tails)
    }

    /// Numbers with the names of whoever has them; `None` = they tell nobody: a first name alone does not.
    pub fn named(numbers: &[&str], names: &[String]) -> Option<Self> {
        let mut tails: Vec<String> = numbers.iter().filter_map(|number| tail(number)).collect();
        tails.sort_unstable();
        tails.dedup();
        let names: Vec<Vec<String>> =
            names.iter().map(|name| words_of(name)).filter(|words| words.len() > 1).collect();
        (!tails.is_empty() && !names.is_empty()).then_some(Self::Named(tails, names))
    }

    fn is_of(&self, contact: &Contact) -> bool {
        match self {
            Self::Email(forms) => contact
                .email
                .as_ref()
                .is_some_and(|email| forms.iter().any(|form| email.best().to_lowercase() == *form)),
            Self::Phone(tails) => has_number(contact, tails),
            Self::Named(tails, names) => {
                let parts = [&contact.full_name, &contact.first_name, &contact.last_name];
                let parts: Vec<&str> =
                    parts.into_iter().flatten().map(crate::domain::Pii::expose).collect();
                has_number(contact, tails) && is_called(&parts.join(" "), names)
            }
        }
    }

    /// Whether a body holds it, plainly or percent-encoded.
    fn is_in(&self, body: &[u8]) -> bool {
        let text = decoded(body);
        match self {
            Self::Email(forms) => {
                let text = text.to_lowercase();
                forms.iter().any(|form| text.contains(form.as_str()))
            }
            Self::Phone(tails) => holds_number(&text, tails),
            Self::Named(tails, names) => holds_number(&text, tails) && is_called(&text, names),
        }
    }
}

fn has_number(contact: &Contact, tails: &[String]) -> bool {
    let number = contact.phone.as_ref().and_then(|phone| tail(phone.best()));
    number.is_some_and(|number| tails.contains(&number))
}

fn holds_number(text: &str, tails: &[String]) -> bool {
    let digits = joined(text);
    tails.iter().any(|tail| digits.contains(tail.as_str()))
}

/// Whether all words of one of the names stand in a text.
fn is_called(text: &str, names: &[Vec<String>]) -> bool {
    let words = words_of(text);
    names.iter().any(|name| name.iter().all(|word| words.contains(word)))
}

/// Words in small letters; initials are none.
fn words_of(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| word.chars().nth(1).is_some()).map(str::to_owned).collect()
}

/// The last digits; `None` if there are too few to tell anybody by.
fn tail(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let skip = digits.len().saturating_sub(PHONE_TAIL);
    (digits.len() >= 6).then(|| digits[skip..].to_owned())
}

/// `%40` is `@`, `+` may be a blank.
fn decoded(body: &[u8]) -> String {
    let hex = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let mut bytes = Vec::with_capacity(body.len());
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        let escaped = (*byte == b'%')
            .then(|| Some((hex(body.get(at + 1))? * 16) + hex(body.get(at + 2))?))
            .flatten();
        if let Some(value) = escaped.and_then(|value| u8::try_from(value).ok()) {
            bytes.push(value);
            at += 3;
        } else {
            bytes.push(*byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Digits with what people put between them taken out; everything else ends a number.
fn joined(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '0'..='9' => Some(c),
            ' ' | '-' | '.' | '/' | '(' | ')' | '+' | '\u{a0}' => None,
            _ => Some('|'),
        })
        .collect()
}

impl Flow {
    /// Looks through one worklist, newest first, within the time and of the source that were said.
    pub(super) async fn look_through(
        &self,
        workspace: &Workspace,
        question: &Question,
        sought: &Sought,
        (place, list): (&'static str, Index),
        findings: &mut Findings,
    ) -> Result<(), Unavailable> {
        let of = self.size(workspace, &list).await?;
        let (from, to) = question
            .within
            .map_or((0, LATEST), |within| (within.from.as_millis(), within.to.as_millis()));
        let most = if question.thorough { u32::MAX } else { LOOKED_MAX };
        let members = self.store.list(&workspace.name, &list, from, to, true, most).await;
        let members = members.map_err(|error| self.troubled("find", error))?;
        let ids: Vec<InquiryId> = members
            .into_iter()
            .filter_map(|(member, _)| Some(InquiryId::from_bytes(member.try_into().ok()?)))
            .collect();
        findings.looked.push(Looked { place, at: ids.len() as u64, of });
        let bodies = matches!(list, Index::Unreadable | Index::Retrieving | Index::Returned);
        for ids in ids.chunks(AT_ONCE) {
            let key = |id: &InquiryId| if bodies { Key::Body(*id) } else { Key::Inquiry(*id) };
            let keys: Vec<Key> = ids.iter().map(key).collect();
            let stored = self.store.read(&workspace.name, &keys).await;
            let stored = stored.map_err(|error| self.troubled("find", error))?;
            for (id, stored) in ids.iter().zip(stored) {
                let Some(stored) = stored else { continue };
                if findings.has(*id) {
                    continue;
                }
                if bodies {
                    let kept: Kept =
                        serde_json::from_slice(&stored.body).map_err(|_| Unavailable::Corrupt)?;
                    let wanted = question.source.as_ref().is_none_or(|only| *only == kept.source);
                    if wanted && self.opened(*id, &kept).is_some_and(|body| sought.is_in(&body)) {
                        let said = words::kept(*id, &kept);
                        findings.found.push(Found::Kept(*id, Box::new(kept), said));
                    }
                } else {
                    let entry = read_entry(&stored)?;
                    let only = question.source.as_ref();
                    let wanted = only.is_none_or(|only| *only == entry.inquiry.source);
                    if wanted && sought.is_of(&entry.inquiry.contact) {
                        let inquiry = self.found_inquiry(workspace, entry).await?;
                        findings.found.push(Found::Inquiry(Box::new(inquiry)));
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_any_clothes() {
        let sought = Sought::Email(vec!["ina@quillfeather.example".to_owned()]);
        for body in [
            &b"email=ina%40quillfeather.example&x=1"[..],
            b"{\"mail\":\"Ina@Quillfeather.example\"}",
            b"ina@quillfeather.example",
        ] {
            assert!(sought.is_in(body), "{}", String::from_utf8_lossy(body));
        }
        assert!(!sought.is_in(b"email=ian%40quillfeather.example"));
        assert!(!sought.is_in(b"%4"));
    }

    #[test]
    fn a_number_that_others_have_too_needs_the_name() {
        let sought = Sought::named(&["+49 30 23125111"], &["Oda Zanzotter".to_owned()]).unwrap();
        for body in [
            "tel=%2B493023125111&n=Oda+Zanzotter",
            "{\"t\":\"030 23125-111\",\"n\":\"ZANZOTTER, Oda\"}",
        ] {
            assert!(sought.is_in(body.as_bytes()), "{body}");
        }
        for body in [
            "tel=%2B493023125111&n=Ole+Fjordlund",
            "n=Oda+Zanzotter",
            "tel=%2B493023125112&n=Oda+Zanzotter",
        ] {
            assert!(!sought.is_in(body.as_bytes()), "{body}");
        }
        assert!(Sought::named(&["12"], &["Oda".to_owned()]).is_none());
        assert!(Sought::named(&["030 23125111"], &["Oda O.".to_owned()]).is_none());
    }

    #[test]
    fn a_number_is_found_by_its_last_digits() {
        let tails = tail("030 23125 111").into_iter().collect();
        let sought = Sought::Phone(tails);
        for body in ["tel=%2B49+30+23125111", "{\"t\":\"(030) 23125-111\"}", "004930/23125.111"] {
            assert!(sought.is_in(body.as_bytes()), "{body}");
        }
        for body in ["23125", "2312511,1", "030 23125 112"] {
            assert!(!sought.is_in(body.as_bytes()), "{body}");
        }
        assert_eq!(tail("12-34"), None);
    }
}
