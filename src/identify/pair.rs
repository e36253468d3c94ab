//! Whether two inquiries are the same person's: the one rule. It looks at two inquiries only, so what
//! it says does not depend on the order in which they came.

use super::likeness::Alike;
use super::named::{Full, Names};
use super::persona::Persona;

/// What proves that two inquiries are one person's, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Proof {
    ExternalId,
    Email,
    Phone,
    /// A first and last name that agree, at one company. Holds only where nobody else there has a name
    /// like it.
    NameCompany,
}

impl Proof {
    /// The word for people.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::ExternalId => "external_id",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::NameCompany => "name_company",
        }
    }
}

/// Why two inquiries that have something in common are not one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Doubt {
    /// One name at one company, and two mailboxes there that differ by the number behind the name alone: the company
    /// itself tells the two apart.
    NumberedApart,
    /// One name at one company, but each has a mailbox of its own there.
    OtherMailbox,
    /// One mailbox, two first names: a couple, or a mailbox that several people use.
    EmailOtherName,
    /// One mailbox, and neither first nor last name is the same: somebody writes from another one's.
    EmailOtherPerson,
    /// One name at one company, and each has a mobile phone of its own.
    OtherMobile,
    /// One name at one company, where one of them has a mailbox with a number behind the name: somebody of that
    /// name was there before.
    NumberedMailbox,
    /// One mailbox, and first names that may be slips of a third one: an inquiry with that name joins them.
    EmailNearName,
    /// A function's mailbox and other names.
    RoleMailboxOtherName,
    /// A function's mailbox and too little of a name.
    RoleMailboxNameUnknown,
    PhoneOtherName,
    PhoneNameUnknown,
}

impl Doubt {
    /// The word in records.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::NumberedApart => "mailbox_numbered_apart",
            Self::OtherMailbox => "other_mailbox_of_its_own",
            Self::EmailOtherName => "email_other_name",
            Self::EmailOtherPerson => "email_other_person",
            Self::OtherMobile => "other_mobile_of_its_own",
            Self::NumberedMailbox => "numbered_mailbox",
            Self::EmailNearName => "email_near_name",
            Self::RoleMailboxOtherName => "role_mailbox_other_name",
            Self::RoleMailboxNameUnknown => "role_mailbox_name_unknown",
            Self::PhoneOtherName => "phone_other_name",
            Self::PhoneNameUnknown => "phone_name_unknown",
        }
    }

    /// Whether the two may be one person's all the same: one name at one company, one mailbox of a person.
    /// Whoever shares a switchboard or a function's mailbox, or writes from another one's in a name of their own, is
    /// most likely only a colleague; and where the company has numbered two mailboxes, it has two people.
    pub(super) fn is_worth_a_look(self) -> bool {
        matches!(
            self,
            Self::OtherMailbox
                | Self::EmailOtherName
                | Self::EmailNearName
                | Self::OtherMobile
                | Self::NumberedMailbox
        )
    }

    /// Whether it says that the company has two people of the name.
    pub(super) fn is_of_namesakes(self) -> bool {
        matches!(
            self,
            Self::NumberedApart | Self::OtherMailbox | Self::OtherMobile | Self::NumberedMailbox
        )
    }

    /// Whether it says that the two are two, however much else they have in common.
    pub(super) fn parts(self) -> bool {
        matches!(
            self,
            Self::NumberedApart
                | Self::OtherMailbox
                | Self::EmailOtherName
                | Self::EmailOtherPerson
        )
    }
}

/// What comparing two inquiries says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// In their order. Empty: they are not shown to be one person's.
    pub(super) proofs: Vec<Proof>,
    /// The strongest, whether or not there is a proof.
    pub(super) doubt: Option<Doubt>,
}

/// The rule.
///
/// - An external id proves it.
/// - A mailbox proves it unless the first names are two people's (last names change by marriage), or
///   one side has only an initial or no first name and the last names are two people's. A function's
///   mailbox proves it only with a first and last name that agree, or where neither side gave a name.
/// - A phone proves it only with a first and last name that agree; one that may be the company's does not where the
///   company has a namesake.
/// - First and last name, both in full, prove it at one company; one of them may have a slip. Two mobile phones, or
///   a number behind the name in a mailbox there, show a namesake.
/// - Two mailboxes at one company that are no spellings of each other are two people's, whatever the phone
///   and the name say.
pub(super) fn compare(a: &Persona, b: &Persona) -> Verdict {
    let mut verdict = Verdict::default();
    let names = Names::of(&a.name, &b.name);
    let mut take = |said: Result<Proof, Doubt>| match said {
        Ok(proof) => verdict.proofs.push(proof),
        Err(doubt) => verdict.doubt = Some(verdict.doubt.map_or(doubt, |it| it.min(doubt))),
    };
    if a.external_id.is_some() && a.external_id == b.external_id {
        take(Ok(Proof::ExternalId));
    }
    if a.mailbox.is_some() && a.mailbox == b.mailbox {
        let unnamed = a.name.is_empty() && b.name.is_empty();
        take(mailbox((a.role || b.role) && !unnamed, names).map(|()| Proof::Email));
    }
    let apart = mailboxes_apart(a, b).then(|| mailboxes(a, b));
    let one_mobile = a.phone == b.phone && a.has_mobile();
    let numbered = a.mailbox != b.mailbox && !one_mobile && (a.is_numbered() || b.is_numbered());
    if a.phone.is_some() && a.phone == b.phone {
        take(match names.full() {
            Full::Agree => match apart {
                Some(doubt) => Err(doubt),
                None if numbered => Err(Doubt::NumberedMailbox),
                None => Ok(Proof::Phone),
            },
            Full::Unknown => Err(Doubt::PhoneNameUnknown),
            Full::Differ => Err(Doubt::PhoneOtherName),
        });
    }
    if names.in_full() && a.is_named() && b.is_named() && a.same_company(b) {
        take(if let Some(doubt) = apart {
            Err(doubt)
        } else if mobiles_apart(a, b) {
            Err(Doubt::OtherMobile)
        } else if numbered {
            Err(Doubt::NumberedMailbox)
        } else {
            Ok(Proof::NameCompany)
        });
    }
    verdict
}

/// Whether a common mailbox is one person's.
fn mailbox(role: bool, names: Names) -> Result<(), Doubt> {
    if role {
        return match names.full() {
            Full::Agree => Ok(()),
            Full::Differ => Err(Doubt::RoleMailboxOtherName),
            Full::Unknown => Err(Doubt::RoleMailboxNameUnknown),
        };
    }
    match (names.first, names.last) {
        (Alike::Same | Alike::Like, _) => Ok(()),
        (Alike::Other, _) if names.near => Err(Doubt::EmailNearName),
        (Alike::Other, Alike::Other) => Err(Doubt::EmailOtherPerson),
        (Alike::Other, _) | (_, Alike::Other) => Err(Doubt::EmailOtherName),
        _ => Ok(()),
    }
}

/// Whether both have a mobile phone and not the same.
fn mobiles_apart(a: &Persona, b: &Persona) -> bool {
    a.phone.is_some() && b.phone.is_some() && a.phone != b.phone && a.has_mobile() && b.has_mobile()
}

/// What it is by which two mailboxes at one company are two people's.
fn mailboxes(a: &Persona, b: &Persona) -> Doubt {
    let name = |it: &Persona| {
        let local = it.mailbox.as_deref()?.rsplit_once('@')?.0;
        Some(local.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned())
    };
    let numbered = a.is_numbered() || b.is_numbered();
    if numbered && name(a) == name(b) { Doubt::NumberedApart } else { Doubt::OtherMailbox }
}

/// The shortest local part in which a slip is told from another mailbox.
const SLIP_LETTERS_MIN: usize = 4;

/// Whether both have a mailbox at one company and the two are not two spellings of one.
fn mailboxes_apart(a: &Persona, b: &Persona) -> bool {
    let (Some(one), Some(other)) = (&a.mailbox, &b.mailbox) else { return false };
    let own = [a, b].iter().all(|it| it.company_mailbox && !it.role);
    let (Some((local, domain)), Some((other_local, other_domain))) =
        (one.rsplit_once('@'), other.rsplit_once('@'))
    else {
        return false;
    };
    if !own || domain != other_domain || local == other_local {
        return false;
    }
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let slip = local.len().min(other_local.len()) >= SLIP_LETTERS_MIN
        && strsim::osa_distance(local, other_local) <= 1
        && digits(local) == digits(other_local);
    !slip
}
