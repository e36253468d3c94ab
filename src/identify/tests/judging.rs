//! Who is the same person, case by case.

use super::*;
use Field::*;

const PHONE: &str = "030 23125-100";
const ANNA: &[(Field, &str)] =
    &[(Email, "anna@acme.example"), (Phone, "+49 30 23125 100"), (FullName, "Anna Quillfeather")];

fn close(lead: &mut Lead, stage: Stage) {
    lead.assignment = Assignment::Settled {
        outcome: BranchOutcome {
            status: Status::Discarded,
            stage,
            category: Category::Discard,
            queue: name("none"),
            pool: None,
            wait: None,
            opens_at: None,
            clock: None,
            counted: false,
        },
        owner: None,
    };
}

#[test]
fn keys_stand_in_their_order_and_only_for_valid_values() {
    let kinds = |fields: &[(Field, &str)]| -> Vec<&str> {
        keys(&inquiry(1, fields), &pepper()).iter().map(|it| it.kind.as_str()).collect()
    };
    let mut all = ANNA.to_vec();
    all.push((ExternalId, "7"));
    assert_eq!(
        kinds(&all),
        ["email", "email_name", "phone", "phone_name", "external_id", "name_company"]
    );
    let written = [(CompanyName, "Acme Ltd."), (FullName, "Anna Quillfeather")];
    assert_eq!(kinds(&written), ["name_company"]);
    let both = [
        (Email, "anna@acme.example"),
        (CompanyName, "Acme Tools"),
        (FullName, "Anna Quillfeather"),
    ];
    assert_eq!(kinds(&both), ["email", "email_name", "name_company", "name_company"]);
    assert_eq!(kinds(&[(Email, "anna@acme.example")]), ["email"]);
    assert_eq!(kinds(&[(Email, "anna@"), (Phone, "12"), (FullName, "Anna Quillfeather")]), [""; 0]);
    let mut test = inquiry(1, ANNA);
    test.is_test = true;
    assert_eq!(keys(&test, &pepper()), []);
    let mut filtered = inquiry(1, ANNA);
    filtered.filtered = true;
    assert_eq!(keys(&filtered, &pepper()), []);
}

#[test]
fn keys_depend_on_pepper_purpose_and_cut() {
    let pepper = pepper();
    let hashes = [
        pepper.hash("email", &[b"ab", b"c"]),
        pepper.hash("email", &[b"a", b"bc"]),
        pepper.hash("email", &[b"abc"]),
        pepper.hash("phone", &[b"abc"]),
        Pepper::new([4; 32]).hash("email", &[b"abc"]),
    ];
    for (at, hash) in hashes.iter().enumerate() {
        assert!(!hashes[..at].contains(hash));
    }
    assert_eq!(format!("{pepper:?}"), "Pepper");
}

#[test]
fn a_pepper_is_plain_hmac_over_lengths_and_parts() {
    // Computed with Python's hmac: key 03 × 32, 0000000000000005 "email" 0000000000000003 "abc".
    let hash = pepper().hash("email", &[b"abc"]);
    assert_eq!(
        hash.map(|byte| format!("{byte:02x}")).concat(),
        "9dbfb7fdba43f31f10246977fd0d23c8d8a03af0d04038d940f912ad4e1f18af"
    );
}

#[test]
fn an_external_id_belongs_to_its_source() {
    let here = inquiry(1, &[(ExternalId, "7")]);
    let mut submission = submission(&[(ExternalId, "7")]);
    submission.source = name("other");
    let there = normalise(submission, &Hints::default(), inquiry_id(2), T0);
    assert_ne!(keys(&here, &pepper()), keys(&there, &pepper()));
    assert_eq!(judged(&here, &[lead(9, &[(ExternalId, "7")])]).matched_on, ["external_id"]);
}

/// What is asked, the lead it should be, by which keys, and who is refused why.
type Row = (
    &'static [(Field, &'static str)],
    Option<u8>,
    &'static [&'static str],
    &'static [(u8, &'static str)],
);

#[test]
fn who_is_known() {
    let anna = lead(1, ANNA);
    let office = lead(2, &[(Email, "info@acme.example"), (FullName, "Anna Quillfeather")]);
    let unnamed = lead(3, &[(Email, "office@acme.example"), (Phone, "+49 30 23125 300")]);
    let leads = [anna, office, unnamed];
    let table: &[Row] = &[
        (&[(Email, "ANNA+x@acme.example")], Some(1), &["email"], &[]),
        (&[(Email, "anna@acme.example"), (FullName, "A. Quillfeather")], Some(1), &["email"], &[]),
        // A personal mailbox proves it even where the last name differs (married).
        (&[(Email, "anna@acme.example"), (FullName, "Anna Zanzotter")], Some(1), &["email"], &[]),
        (ANNA, Some(1), &["email", "email_name", "phone", "phone_name"], &[]),
        (
            &[(Phone, PHONE), (FullName, "Anna Quillfeather")],
            Some(1),
            &["phone", "phone_name"],
            &[],
        ),
        (&[(Phone, PHONE), (FullName, "A. Quillfeather")], Some(1), &["phone"], &[]),
        (&[(Phone, PHONE), (FullName, "Bert Zanzotter")], None, &[], &[(1, "phone_other_name")]),
        (&[(Phone, PHONE)], None, &[], &[(1, "phone_name_unknown")]),
        (
            &[(Phone, "+49 30 23125 300"), (FullName, "Anna Quillfeather")],
            None,
            &[],
            &[(3, "phone_name_unknown")],
        ),
        (&[(Email, "info@acme.example"), (FullName, "A Quillfeather")], Some(2), &["email"], &[]),
        // A function's mailbox alone is nobody.
        (&[(Email, "info@acme.example")], None, &[], &[(2, "role_mailbox_name_unknown")]),
        (
            &[(Email, "info@acme.example"), (FullName, "Bert Zanzotter")],
            None,
            &[],
            &[(2, "role_mailbox_other_name")],
        ),
        (
            &[(Email, "office@acme.example"), (FullName, "Bert Zanzotter")],
            None,
            &[],
            &[(3, "role_mailbox_name_unknown")],
        ),
        (&[(Email, "office@acme.example")], Some(3), &["email"], &[]),
        // A mailbox of one's own at the same company: a namesake.
        (
            &[(Email, "bert@acme.example"), (FullName, "Anna Quillfeather")],
            None,
            &[],
            &[(1, "other_mailbox_of_its_own"), (2, "namesake")],
        ),
        // One mailbox, two first names: a couple, or a mailbox that several use.
        (
            &[(Email, "anna@acme.example"), (FullName, "Bert Quillfeather")],
            None,
            &[],
            &[(1, "email_other_name")],
        ),
        (
            &[(Email, "bert@acme.example"), (Phone, PHONE), (FullName, "Bert Zanzotter")],
            None,
            &[],
            &[(1, "phone_other_name")],
        ),
    ];
    for (number, (fields, lead, matched_on, refused)) in table.iter().enumerate() {
        let judgement = judged(&inquiry(50, fields), &leads);
        assert_eq!(judgement.lead, lead.map(lead_id), "row {number}");
        assert_eq!(judgement.matched_on, *matched_on, "row {number}");
        let words: Vec<_> =
            refused.iter().map(|(n, why)| (lead_id(*n), (*why).to_owned())).collect();
        assert_eq!(judgement.refused, words, "row {number}");
        assert!(!judgement.shared);
    }
}

#[test]
fn of_several_the_oldest_open_then_the_newest_closed() {
    let mut leads = [lead(1, ANNA), lead(2, ANNA), lead(3, ANNA)];
    let again = inquiry(50, ANNA);
    let chosen = |leads: &[Lead]| judged(&again, leads).lead;
    assert_eq!(chosen(&leads), Some(lead_id(1)));
    close(&mut leads[0], Stage::Lost);
    assert_eq!(chosen(&leads), Some(lead_id(2)));
    close(&mut leads[1], Stage::Won);
    close(&mut leads[2], Stage::Discarded);
    assert_eq!(chosen(&leads), Some(lead_id(3)));
    let all = judged(&again, &leads);
    assert_eq!(all.refused, [], "the others are the same person's");
    assert_eq!(all.joins, [], "and history");
}

#[test]
fn a_merged_lead_stands_for_its_survivor() {
    let mut leads =
        [lead(1, ANNA), lead(2, &[(Email, "a.q@acme.example")]), lead(3, &[(ExternalId, "7")])];
    leads[1] = absorb(&leads[1], &leads[0], at(4));
    leads[2] = absorb(&leads[2], &leads[1], at(5));
    leads[0].merged_into = Some(lead_id(2));
    leads[1].merged_into = Some(lead_id(3));
    let by_phone = inquiry(50, &[(Phone, "030 23125 100"), (FullName, "Anna Quillfeather")]);
    let judgement = judged(&by_phone, &leads);
    assert_eq!(judgement.lead, Some(lead_id(3)), "known by the name of the lead merged away");
    assert_eq!(judgement.matched_on, ["phone", "phone_name"]);
    leads[2].merged_into = Some(lead_id(1));
    assert!(judged(&by_phone, &leads).lead.is_some(), "a loop ends");
}

#[test]
fn a_shared_key_proves_nothing_but_the_name_behind_it_does() {
    let bert = lead(1, &[(Email, "info@acme.example"), (FullName, "Bert Zanzotter")]);
    let again = inquiry(50, &[(Email, "info@acme.example"), (FullName, "Bert Zanzotter")]);
    let found = keys(&again, &pepper());
    let mut facts = facts(&again, std::slice::from_ref(&bert));
    facts.keys[0].1.value = KeySet::Shared(17);
    let judgement = judge(&again, &found, &facts);
    assert_eq!(judgement.lead, Some(bert.id));
    assert_eq!(judgement.matched_on, ["email_name"]);
    assert!(judgement.shared);
    facts.keys.truncate(1);
    assert_eq!(judge(&again, &found, &facts), Judgement { shared: true, ..Judgement::default() });
}

#[test]
fn nobody_is_known_without_facts() {
    let anna = inquiry(1, ANNA);
    assert_eq!(judge(&anna, &keys(&anna, &pepper()), &Facts::default()), Judgement::default());
}

#[test]
fn a_name_at_a_company_is_enough_where_it_is_one_persons() {
    let office: &[(Field, &str)] = &[
        (Email, "dora.fjordlund@mill.example"),
        (CompanyName, "Mill GmbH"),
        (FullName, "Dora Fjordlund"),
    ];
    let fair: &[(Field, &str)] =
        &[(CompanyName, "MILL Gesellschaft"), (FullName, "Dora Fjordlund")];
    let written: &[(Field, &str)] = &[(CompanyName, "Mill AG"), (FullName, "Dora Fjordlundt")];
    let at_fair = judged(&inquiry(50, written), &[lead(1, office)]);
    assert_eq!((at_fair.lead, at_fair.matched_on), (Some(lead_id(1)), vec!["name_company".into()]));
    assert_eq!(judged(&inquiry(50, fair), &[lead(1, office)]).lead, None, "another company's name");
    // A second one of that name, with a mailbox of her own: now the name says nothing.
    let namesake: &[(Field, &str)] = &[
        (Email, "d.fjordlund2@mill.example"),
        (CompanyName, "Mill"),
        (FullName, "Dora Fjordlund"),
    ];
    let both = judged(&inquiry(50, written), &[lead(1, office), lead(2, namesake)]);
    assert_eq!(both.lead, None);
    let refused =
        [(lead_id(1), "namesake".to_owned()), (lead_id(2), "numbered_mailbox".to_owned())];
    assert_eq!(both.refused, refused);
}

#[test]
fn a_bridging_inquiry_shows_two_records_to_be_one() {
    let by_mail = lead(1, &[(Email, "eli@mill.example"), (FirstName, "Eli")]);
    let by_phone = lead(2, &[(Phone, "+49 30 23125 700"), (FullName, "Eli Brummelkamp")]);
    let leads = [by_phone, by_mail];
    let bridge: &[(Field, &str)] =
        &[(Email, "eli@mill.example"), (Phone, "+49 30 23125 700"), (FullName, "Eli Brummelkamp")];
    let judgement = judged(&inquiry(50, bridge), &leads);
    assert_eq!((judgement.lead, judgement.joins.as_slice()), (Some(lead_id(1)), &[lead_id(2)][..]));
    // A closed one is history, not work: it stays.
    let mut closed = leads.clone();
    close(&mut closed[0], Stage::Won);
    assert_eq!(judged(&inquiry(50, bridge), &closed).joins, []);
    // What parts two records is stronger than what joins them.
    let couple = [
        leads[1].clone(),
        lead(
            3,
            &[
                (Email, "eli@mill.example"),
                (Phone, "+49 30 23125 700"),
                (FullName, "Eli Brummelkamp"),
            ],
        ),
        lead(4, &[(Email, "eli@mill.example"), (FirstName, "Ottilie")]),
    ];
    assert!(!judged(&inquiry(50, bridge), &couple).joins.contains(&lead_id(4)));
}

#[test]
fn nothing_of_a_record_is_lost_when_another_goes_up_in_it() {
    let mut one = lead(1, &[(Email, "eli@mill.example"), (FirstName, "Eli")]);
    let other =
        lead(2, &[(Phone, "+49 30 23125 700"), (FullName, "Eli Brummelkamp"), (Title, "Buyer")]);
    one = merge(Some(&one), one.id, &inquiry(9, &[(Email, "eli@mill.example")]), &[], at(9));
    let whole = absorb(&one, &other, at(10));
    assert_eq!(whole.inquiries, 3);
    assert_eq!(
        whole.touches.iter().map(|it| it.inquiry).collect::<Vec<_>>(),
        [1, 2, 9].map(inquiry_id)
    );
    assert_eq!(whole.contact.phone, other.contact.phone);
    assert_eq!(whole.contact.full_name, other.contact.full_name);
    assert_eq!(whole.seen.len(), 3);
    assert_eq!((whole.id, whole.created_at, &whole.keys), (one.id, one.created_at, &one.keys));
}

/// Who writes from a colleague's mailbox in a name of their own is refused, and nobody need look at it.
#[test]
fn another_name_altogether_is_another_person() {
    let asks = [(Email, "anna@acme.example"), (FullName, "Bert Zanzotter")];
    let judgement = judged(&inquiry(50, &asks), &[lead(1, ANNA)]);
    assert_eq!(judgement.refused, [(lead_id(1), "email_other_person".to_owned())]);
    assert_eq!((judgement.lead, judgement.review), (None, vec![]));
}

/// A name at a company proves nothing where something shows that the company has two of the name.
#[test]
fn two_mobile_phones_or_a_numbered_mailbox_show_a_namesake() {
    const NAME: (Field, &str) = (FullName, "Anna Quillfeather");
    const COMPANY: (Field, &str) = (CompanyName, "Acme GmbH");
    let judged = |known: &[(Field, &str)], asks: &[(Field, &str)]| {
        let judgement = judged(&inquiry(50, asks), &[lead(1, known)]);
        let why = judgement.refused.first().map_or_else(String::new, |(_, why)| why.clone());
        (judgement.lead.is_some(), why, judgement.review.len())
    };
    let mobile = |number| [NAME, COMPANY, (Phone, number)];
    let (one, other) = (mobile("+49 151 50000008"), mobile("+49 151 50000012"));
    assert_eq!(judged(&one, &other), (false, "other_mobile_of_its_own".to_owned(), 1));
    // The other one is the company's, or nobody knows what it is.
    let switchboard = mobile("+49 30 23125 100");
    assert_eq!(judged(&one, &switchboard), (true, String::new(), 0));
    assert_eq!(judged(&one, &mobile("+1 212 555 0123")), (true, String::new(), 0));
    assert_eq!(judged(&one, &[NAME, COMPANY]), (true, String::new(), 0));
    let numbered = [NAME, COMPANY, (Email, "anna.quillfeather2@acme.example")];
    let refused = (false, "numbered_mailbox".to_owned(), 1);
    assert_eq!(judged(&[NAME, COMPANY], &numbered), refused);
    assert_eq!(judged(&numbered, &switchboard), refused);
    // The number of the switchboard proves no more than the name there; a mobile phone is one person's.
    let with = |number| [numbered[0], numbered[1], numbered[2], (Phone, number)];
    assert_eq!(judged(&with("+49 30 23125 100"), &switchboard), refused);
    assert_eq!(judged(&with("+49 151 50000008"), &one), (true, String::new(), 0));
    assert_eq!(judged(&numbered, &numbered), (true, String::new(), 0));
    // Two mailboxes that the company has numbered are two people's: nobody need look.
    let first = [NAME, COMPANY, (Email, "anna.quillfeather@acme.example")];
    let apart = |looks| (false, "mailbox_numbered_apart".to_owned(), looks);
    assert_eq!(judged(&first, &numbered), apart(0));
    let third = [NAME, COMPANY, (Email, "anna.quillfeather3@acme.example")];
    assert_eq!(judged(&numbered, &third), apart(0));
    let other = [NAME, COMPANY, (Email, "a.quillfeather2@acme.example")];
    assert_eq!(judged(&first, &other), (false, "other_mailbox_of_its_own".to_owned(), 1));
    // A year of birth, or a mailbox anybody can have, says nothing.
    let private = [NAME, COMPANY, (Email, "anna.quillfeather84@gmail.com")];
    assert_eq!(judged(&[NAME, COMPANY], &private), (true, String::new(), 0));
}
