//! What one inquiry shows of a person, in the form in which two of them are compared.

use super::likeness::initial_of_first;
use super::person::PersonName;
use super::text::fold;
use super::{email, phone};
use crate::domain::{Lead, Pii, Seen};

/// The e-mail address, phone, name and company given together in one inquiry.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Persona {
    /// The mailbox ([`email::mailbox`]) of a valid address.
    pub(super) mailbox: Option<String>,
    /// The mailbox is a function's (info@).
    pub(super) role: bool,
    /// The company whose mailbox it is; none for providers anybody can use.
    pub(super) company_mailbox: bool,
    /// E.164.
    pub(super) phone: Option<String>,
    pub(super) name: PersonName,
    pub(super) external_id: Option<String>,
    /// The company's name as its domain says it and as it was written; without what says no more.
    pub(super) labels: Vec<String>,
}

impl Persona {
    pub(super) fn of(seen: &Seen) -> Self {
        let address = seen.email.as_ref().map(Pii::expose);
        let (local, host) = address.and_then(|it| it.rsplit_once('@')).unwrap_or_default();
        let of_domain = seen.domain.as_deref().and_then(label_of_domain);
        let of_name = seen.company.as_ref().and_then(|name| label_of_name(name.expose()));
        let mut labels: Vec<String> = [of_domain, of_name].into_iter().flatten().collect();
        labels.dedup();
        Self {
            mailbox: address.map(email::mailbox),
            role: email::is_role(local),
            company_mailbox: address.is_some()
                && !email::is_free(host)
                && !email::is_disposable(host),
            phone: seen.phone.as_ref().map(Pii::expose).map(str::to_owned),
            name: PersonName::of_seen(seen),
            external_id: seen.external_id.as_ref().map(Pii::expose).map(str::to_owned),
            labels,
        }
    }

    /// Every way in which a lead was seen.
    pub(super) fn all_of(lead: &Lead) -> Vec<Self> {
        if lead.seen.is_empty() {
            return vec![Self::of(&Seen::of(&lead.contact, &lead.company))];
        }
        lead.seen.iter().map(Self::of).collect()
    }

    /// The phone can only be a mobile one: nobody's switchboard.
    pub(super) fn has_mobile(&self) -> bool {
        self.phone.as_deref().is_some_and(phone::is_mobile)
    }

    /// The company's mailbox has a number of one or two digits behind the last name.
    pub(super) fn is_numbered(&self) -> bool {
        let own = self.mailbox.as_ref().filter(|_| self.company_mailbox && !self.role);
        let Some((local, _)) = own.and_then(|mailbox| mailbox.rsplit_once('@')) else {
            return false;
        };
        let name = local.trim_end_matches(|c: char| c.is_ascii_digit());
        (1..=2).contains(&(local.len() - name.len()))
            && name.ends_with(|c: char| c.is_ascii_alphabetic())
            && local.contains(['.', '_', '-'])
    }

    /// First and last name both known and in full.
    pub(super) fn is_named(&self) -> bool {
        self.name.first.split(' ').next().is_some_and(|first| first.len() > 1)
            && self.name.last.len() > 1
    }

    /// What people of one company with like names are looked up by: the two initials, in the order of
    /// the alphabet, for names come exchanged too.
    pub(super) fn initials(&self) -> Option<[char; 2]> {
        if !self.is_named() {
            return None;
        }
        let mut initials = [initial_of_first(&self.name.first)?, self.name.last.chars().next()?];
        initials.sort_unstable();
        Some(initials)
    }

    pub(super) fn same_company(&self, other: &Self) -> bool {
        self.labels.iter().any(|a| other.labels.iter().any(|b| labels_alike(a, b)))
    }
}

impl std::fmt::Debug for Persona {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Persona")
    }
}

/// Words at the end of a company's name that say only its legal form (folded).
const LEGAL_FORMS: &[&str] = &[
    "gmbh",
    "mbh",
    "ag",
    "kg",
    "kgaa",
    "ohg",
    "gbr",
    "ug",
    "ev",
    "eg",
    "se",
    "co",
    "company",
    "ltd",
    "limited",
    "llp",
    "plc",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "llc",
    "lp",
    "sa",
    "sas",
    "sasu",
    "sarl",
    "eurl",
    "snc",
    "srl",
    "srls",
    "spa",
    "sl",
    "slu",
    "sll",
    "sau",
    "bv",
    "nv",
    "vof",
    "bvba",
    "oy",
    "oyj",
    "ab",
    "as",
    "asa",
    "aps",
    "kft",
    "zrt",
    "sro",
    "doo",
    "dd",
    "ltda",
    "eireli",
    "me",
    "lda",
    "sp",
    "spzoo",
    "z",
    "o",
    "oo",
    "pty",
    "pte",
    "bhd",
    "sdn",
    "kk",
    "gk",
    "aktiebolag",
    "aktieselskab",
    "sociedad",
    "anonima",
    "holding",
    "group",
    "gruppe",
    "haftungsbeschraenkt",
    "haftungsbeschrankt",
];
const JOINING: &[&str] = &["and", "und", "et", "y", "e", "the", "i"];

/// A company's name without spaces and legal form: `Zahn & Dörr GmbH & Co. KG` is `zahndorr`.
pub(super) fn label_of_name(name: &str) -> Option<String> {
    // `S.A.R.L.` and `G.m.b.H.` are one word each.
    let joined: Vec<String> = name
        .split_whitespace()
        .map(|word| {
            let dotted = word.len() > 2
                && word.split('.').all(|part| part.chars().count() <= 1)
                && word.contains('.');
            if dotted { word.replace('.', "") } else { word.to_owned() }
        })
        .collect();
    let folded = fold(&joined.join(" "));
    let mut words: Vec<&str> = folded.split(' ').collect();
    while words.len() > 1
        && words.last().is_some_and(|word| LEGAL_FORMS.contains(word) || JOINING.contains(word))
    {
        words.pop();
    }
    words.retain(|word| !JOINING.contains(word));
    let label = words.concat();
    (label.len() > 2).then_some(label)
}

/// The registrable domain's own label: `zahn-doerr.co.uk` is `zahndoerr`.
fn label_of_domain(domain: &str) -> Option<String> {
    let (unicode, _) = idna::domain_to_unicode(domain.split('.').next()?);
    let label = fold(&unicode).replace(' ', "");
    (label.len() > 1).then_some(label)
}

/// The shortest label in which a slip is told from another company.
const SLIP_LETTERS_MIN: usize = 7;

fn labels_alike(a: &str, b: &str) -> bool {
    let shorter = a.len().min(b.len());
    a == b || (shorter >= SLIP_LETTERS_MIN && strsim::osa_distance(a, b) <= 1)
}
