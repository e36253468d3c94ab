//! Records laid together and parted again.

use super::*;
use Field::*;

const MAIL: (Field, &str) = (Email, "ida@zanzotter.example");
const PRIVATE: (Field, &str) = (Email, "ida.fjordlund@gmail.com");
const NAME: (Field, &str) = (FullName, "Ida Fjordlund");

/// Two records, and the second one gone up in the first.
fn merged() -> (Lead, Lead, Lead) {
    let one = lead(1, &[MAIL, NAME]);
    let other = lead(2, &[PRIVATE, NAME, (Phone, "+49 30 23125 700"), (Message, "Privately")]);
    let whole = absorb(&one, &other, at(3));
    let gone = Lead {
        merged_into: Some(one.id),
        merged_away: Some(Box::new(MergedAway { at: at(3), survivor: one.clone() })),
        ..other
    };
    (one, whole, gone)
}

#[test]
fn parting_gives_both_back_as_they_were() {
    let (one, whole, gone) = merged();
    assert_eq!((whole.inquiries, whole.absorbed.as_slice()), (2, &[gone.id][..]));
    let parted = part(&whole, &gone, &[], at(9)).unwrap();
    let as_before = |lead: Lead, before: &Lead| Lead {
        updated_at: before.updated_at,
        apart: Vec::new(),
        ..lead
    };
    assert_eq!(parted.survivor.apart, [gone.id]);
    assert_eq!(parted.back.apart, [one.id]);
    assert_eq!(as_before(parted.survivor, &one), one);
    let back = as_before(parted.back, &gone);
    assert_eq!(back, Lead { merged_into: None, merged_away: None, ..gone });
    assert!(part(&one, &one, &[], at(9)).is_none(), "it was not merged");
}

#[test]
fn what_came_since_goes_to_whom_it_is_proved_to_be() {
    let (_, mut whole, gone) = merged();
    let came = [
        inquiry(4, &[PRIVATE, NAME, (Title, "Plant manager")]),
        inquiry(5, &[MAIL, NAME, (City, "Kiel")]),
        inquiry(6, &[NAME, (Phone, "+49 30 23125 701")]),
    ];
    let keys: Vec<Vec<IndexedBy>> = came.iter().map(|it| keys(it, &pepper())).collect();
    for (inquiry, keys) in came.iter().zip(&keys) {
        whole = merge(Some(&whole), whole.id, inquiry, keys, inquiry.received_at);
    }
    // What somebody wrote into the common record belongs to no inquiry.
    whole.answers.push(Answer { key: "asked-by-phone".into(), value: "in May".into() });
    let third = lead(7, &[(ExternalId, "T-7"), NAME]);
    whole = absorb(&whole, &third, at(8));
    let since = [
        Since::Inquiry(&came[0], &keys[0]),
        Since::Inquiry(&came[1], &keys[1]),
        Since::Inquiry(&came[2], &keys[2]),
        Since::Lead(&third),
    ];
    let parted = part(&whole, &gone, &since, at(9)).unwrap();
    assert_eq!(parted.moved, [inquiry_id(4)]);
    let (stays, back) = (parted.survivor, parted.back);
    assert_eq!((stays.inquiries, back.inquiries), (4, 2));
    assert_eq!(stays.absorbed, [third.id], "another one that went up in it stays");
    let of = |text: &Option<Pii>| text.as_ref().map(|it| it.expose().to_owned());
    assert_eq!(
        (of(&stays.contact.title), of(&back.contact.title).as_deref()),
        (None, Some("Plant manager"))
    );
    assert_eq!(of(&stays.contact.city).as_deref(), Some("Kiel"));
    assert_eq!(of(&stays.contact.external_id).as_deref(), Some("web:T-7"));
    let phones = |lead: &Lead| lead.contact.phone.as_ref().unwrap().normal().unwrap().to_owned();
    assert_eq!((phones(&stays), phones(&back)), ("+493023125701".into(), "+493023125700".into()));
    let answers: Vec<&str> = stays.answers.iter().map(|answer| answer.key.as_str()).collect();
    assert_eq!(answers, ["asked-by-phone"]);
}

#[test]
fn two_who_were_told_apart_are_never_joined() {
    let mut one = lead(1, &[MAIL, NAME]);
    let mut other = lead(2, &[(Phone, "+49 30 23125 700"), NAME]);
    let bridge = inquiry(3, &[MAIL, NAME, (Phone, "+49 30 23125 700")]);
    let before = judged(&bridge, &[one.clone(), other.clone()]);
    assert_eq!((before.lead, before.joins), (Some(one.id), vec![other.id]));
    set_apart(&mut one, &mut other);
    let after = judged(&bridge, &[one.clone(), other.clone()]);
    assert_eq!((after.lead, after.joins, after.review), (Some(one.id), vec![], vec![]));
    // Linked ones neither; and one side's word is enough.
    one.apart.clear();
    other.apart.clear();
    other.linked.push(one.id);
    let linked = judged(&bridge, &[one, other]);
    assert_eq!((linked.joins, linked.review), (vec![], vec![]));
}

#[test]
fn two_slips_of_one_name_are_joined_by_the_name_between_them() {
    let of = |n, name| lead(n, &[MAIL, (FullName, name)]);
    let (one, other) = (of(1, "Theodoora Zanzotter"), of(2, "Thoedora Zanzotter"));
    let alone = inquiry(3, &[MAIL, (FullName, "Thoedora Zanzotter")]);
    assert_eq!(judged(&alone, std::slice::from_ref(&one)).lead, None, "by themselves they are two");
    let bridge = inquiry(4, &[MAIL, (FullName, "Theodora Zanzotter")]);
    let judged = judged(&bridge, &[one, other]);
    assert_eq!((judged.lead, judged.joins), (Some(lead_id(1)), vec![lead_id(2)]));
}

#[test]
fn people_look_at_namesakes_and_not_at_switchboards() {
    let known = lead(1, &[MAIL, NAME, (Phone, "+49 30 23125 700")]);
    let namesake = inquiry(2, &[(Email, "i.f@zanzotter.example"), NAME]);
    assert_eq!(judged(&namesake, std::slice::from_ref(&known)).review, [known.id]);
    let couple = inquiry(3, &[MAIL, (FullName, "Tilo Fjordlund")]);
    assert_eq!(judged(&couple, std::slice::from_ref(&known)).review, [known.id]);
    let desk = inquiry(4, &[(Phone, "+49 30 23125 700"), (FullName, "Tilo Quillfeather")]);
    let desk = judged(&desk, std::slice::from_ref(&known));
    assert_eq!((desk.refused.len(), desk.review.len()), (1, 0));
    let words = in_common(&known, &lead(5, &[(Email, "i.f@zanzotter.example"), NAME]));
    assert_eq!(words, ["other_mailbox_of_its_own"]);
}
