//! The inquiries of the load: JSON of about 665 bytes, each person distinct, every tenth inquiry
//! from somebody among the last thousand who writes the e-mail address in another letter case. Two
//! thirds are worth selling to, one third nurturing. Names are invented, domains end in `.example`,
//! phone numbers are of the ranges that regulators keep free for fiction.

use std::fmt::Write as _;
use std::path::Path;

use lead_router::domain::{Checked, IdBlock};

use crate::Outcome;
use crate::canned;

/// Every so many inquiries comes a repeat.
const REPEAT_EVERY: u64 = 10;
/// Repeats are of somebody among so many before.
const REPEAT_AMONG: u64 = 999;
/// So many companies that two persons of one name at one company are 398,920 persons apart: whoever has
/// the name of somebody at the same company may be taken for them.
const COMPANIES: u64 = 9973;
/// What inquiries weigh, within a few bytes.
const BYTES: usize = 665;

const FIRST: [&str; 8] = ["Mila", "Theo", "Frida", "Oskar", "Nele", "Ugo", "Petra", "Rolf"];
const LAST: [&str; 5] = ["Quillfeather", "Zanzotter", "Brummelkamp", "Okonkwo-Vast", "Fjordlund"];
/// Prefix and how many digits follow: Australia (ACMA), United Kingdom (Ofcom), Germany (BNetzA).
const PHONES: [(&str, u64); 18] = [
    ("+61 2 5550 ", 4),
    ("+61 2 7010 ", 4),
    ("+61 3 5550 ", 4),
    ("+61 3 7010 ", 4),
    ("+61 7 5550 ", 4),
    ("+61 7 7010 ", 4),
    ("+61 8 5550 ", 4),
    ("+61 8 7010 ", 4),
    ("+49 30 23125 ", 4),
    ("+49 69 90009 ", 4),
    ("+49 40 66969 ", 4),
    ("+49 221 4710 ", 4),
    ("+49 89 99998 ", 4),
    ("+44 20 7946 0", 3),
    ("+44 113 496 0", 3),
    ("+44 121 496 0", 3),
    ("+44 161 496 0", 3),
    ("+44 117 496 0", 3),
];

/// One inquiry to send.
pub struct Inquiry {
    pub body: String,
    /// The first of its person.
    pub fresh: bool,
}

/// The inquiry of that number, counted from 0.
pub fn inquiry(number: u64) -> Inquiry {
    let of = original(number);
    Inquiry { body: body(number, of), fresh: of == number }
}

/// A person who never comes again, for measuring memory.
pub fn distinct(number: u64) -> Inquiry {
    Inquiry { body: body(number, number), fresh: true }
}

fn original(number: u64) -> u64 {
    if number % REPEAT_EVERY != REPEAT_EVERY - 1 {
        return number;
    }
    let back = 1 + (number.wrapping_mul(7919) % number.min(REPEAT_AMONG));
    let of = number - back;
    if of % REPEAT_EVERY == REPEAT_EVERY - 1 { of.saturating_sub(1) } else { of }
}

fn pick<'a>(from: &[&'a str], by: u64) -> &'a str {
    from[usize::try_from(by % from.len() as u64).unwrap_or(0)]
}

fn phone(person: u64) -> Option<String> {
    let mut rest = person;
    for (prefix, digits) in PHONES {
        let there = 10_u64.pow(u32::try_from(digits).unwrap_or(0));
        if rest < there {
            let width = usize::try_from(digits).unwrap_or(0);
            return Some(format!("{prefix}{rest:0width$}"));
        }
        rest -= there;
    }
    None
}

fn body(number: u64, person: u64) -> String {
    let (first, last) = (pick(&FIRST, person), pick(&LAST, person / 8));
    let company = last.to_lowercase();
    let mut email = format!(
        "{}.{company}.{person}@{company}-{}.example",
        first.to_lowercase(),
        person % COMPANIES
    );
    if number != person {
        email.make_ascii_uppercase();
    }
    let sells = person % 3 != 2;
    let mut text = String::with_capacity(BYTES + 64);
    // Writing to a string does not fail.
    let _ = write!(
        text,
        r#"{{"email":"{email}","first_name":"{first}","last_name":"{last}","company":"{last} Foods {}","country":"{}","city":"Hamburg","job_title":"Head of Operations","#,
        person % COMPANIES,
        pick(&["Germany", "Austria", "France", "Italy", "Poland"], person / 3),
    );
    if let Some(phone) = phone(person) {
        let _ = write!(text, r#""phone":"{phone}","#);
    }
    text.push_str(if sells {
        r#""employees":"320","industry":"food","product":"filler","budget":"45000 EUR","authority":"decision maker","timeline":"this quarter","#
    } else {
        r#""employees":"60","industry":"retail","product":"capper","budget":"2000 EUR","authority":"team","timeline":"no plans","#
    });
    let _ = write!(
        text,
        r#""utm_source":"search","utm_medium":"cpc","utm_campaign":"fillers-{}","marketing_consent":"yes","message":"Inquiry {number}: our old filler stops twice a day. "#,
        number % 7,
    );
    while text.len() + 2 < BYTES {
        text.push_str("Please call. ");
    }
    text.truncate(text.len().min(BYTES - 2).max(text.trim_end().len().min(BYTES - 2)));
    text.push_str("\"}");
    text
}

/// Proves on a few inquiries that they are what the figures say: valid, distinct, and routed as meant.
pub fn check(settings: &Path) -> Outcome<()> {
    let workspace = canned::workspace(settings)?;
    for number in [0, 1, 2, 9_999, 85_000, 131_000, 4_999] {
        let decision =
            canned::decision(&workspace, &inquiry(number).body, &mut IdBlock::new([7; 16]))?;
        let contact = &decision.inquiry.contact;
        let valid = |it: Option<&Checked>| it.is_some_and(|it| it.normal().is_some());
        let queue = decision.assignment.outcome().map(|outcome| outcome.queue.to_string());
        let bytes = inquiry(number).body.len();
        let meant = if original(number) % 3 == 2 { "nurture" } else { "sales" };
        let holds = valid(contact.email.as_ref())
            && valid(contact.phone.as_ref())
            && (BYTES - 40..=BYTES + 40).contains(&bytes);
        let first = decision.assignment.outcome().is_some()
            && match &decision.assignment {
                lead_router::domain::Assignment::Pending(branches) => {
                    branches.first().is_some_and(|branch| branch.queue.as_str() == meant)
                }
                lead_router::domain::Assignment::Settled { .. } => queue.as_deref() == Some(meant),
            };
        if !holds || !first {
            return Err(format!(
                "inquiry {number} is not as meant: {bytes} bytes, {:?}, {:?}",
                contact.phone.as_ref().map(|phone| phone.validity),
                decision.assignment
            )
            .into());
        }
    }
    Ok(())
}
