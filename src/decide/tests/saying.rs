//! What people say back, for every stage a lead can be at.

use proptest::prelude::*;

use super::world::World;
use super::{Person, name};
use crate::decide::{Action, Answers, Refusal, Saying};
use crate::domain::{Category, Disposition, Found, Index, Known3, LeadId, Money, Stage, Timestamp};

fn say(disposition: Disposition) -> Action {
    Action::Say(Box::new(Saying::bare(disposition, None)))
}

fn routed() -> (World, LeadId) {
    let mut world = World::new();
    let lead = world.inquire(Person::BUYER).lead();
    (world, lead)
}

fn after(said: &[Disposition]) -> (World, LeadId) {
    let (mut world, lead) = routed();
    for disposition in said {
        world.operate(lead, say(*disposition)).unwrap();
    }
    (world, lead)
}

fn nurtured() -> (World, LeadId) {
    let mut world = World::new();
    let lead = world.inquire(Person::COLD).lead();
    (world, lead)
}

fn discarded_by_hand() -> (World, LeadId) {
    let (mut world, lead) = routed();
    world.operate(lead, Action::Discard { reason: None }).unwrap();
    (world, lead)
}

/// What becomes of a lead, in one letter: its stage, `!` after an end, `x` where something else has closed it.
fn becomes(begin: fn() -> (World, LeadId), disposition: Disposition) -> char {
    let (mut world, lead) = begin();
    match world.operate(lead, say(disposition)) {
        Ok(_) => match world.lead(lead).value.stage() {
            Stage::Inquiry => 'i',
            Stage::Lead => 'l',
            Stage::Accepted => 'a',
            Stage::Prospect => 'p',
            Stage::Won => 'w',
            Stage::Lost => 'o',
            Stage::Recycled => 'r',
            Stage::Discarded => 'd',
        },
        Err(Refusal::Ended(_)) => '!',
        Err(Refusal::ClosedAs(_) | Refusal::Closed) => 'x',
        Err(other) => panic!("{disposition}: {other}"),
    }
}

#[test]
fn every_disposition_at_every_stage() {
    use Disposition as D;
    type Begin = fn() -> (World, LeadId);
    // In the order of the list: first_level_qualified, accepted, contacted, no_answer, qualified, won, lost; six that pass it
    // back; three that give it up; and the person's own wish.
    let rows: [(&str, Begin, &str); 10] = [
        ("inquiry, nurtured", nurtured, "lai ipwo rrrrrr dddd"),
        ("lead", routed, "lal lpwo rrrrrr dddd"),
        ("accepted", || after(&[D::Accepted]), "aaa apwo rrrrrr dddd"),
        ("prospect", || after(&[D::Qualified]), "ppp ppwo rrrrrr dddd"),
        ("won", || after(&[D::Won]), "!!w !!wo !!!!!! !!!w"),
        ("lost", || after(&[D::Lost]), "!!o !!wo !!!!!! !!!o"),
        ("recycled", || after(&[D::NoNeed]), "lar xpwo rrrrrr dddd"),
        ("recycled, tried", || after(&[D::NoAnswer; 3]), "lar xpwo rrrrrr dddd"),
        ("discarded", || after(&[D::BadData]), "lad xpwo rrrrrr dddd"),
        ("discarded by hand", discarded_by_hand, "xxd xxwo xxxxxx xxxd"),
    ];
    for (stage, begin, wanted) in rows {
        let found: String =
            Disposition::ALL.iter().map(|disposition| becomes(begin, *disposition)).collect();
        assert_eq!(found, wanted.replace(' ', ""), "{stage}");
    }
}

#[test]
fn who_is_told_and_whose_it_is() {
    let (mut world, lead) = routed();
    let owner = world.lead(lead).value.assignment.owner().cloned();
    let mut telling = |disposition| world.operate(lead, say(disposition)).unwrap().0;
    let rows = [
        (Disposition::Accepted, "cycle 1: routed sales anna accepted | "),
        (Disposition::Qualified, "cycle 1: routed sales anna prospect | "),
        (
            Disposition::TimelineLater,
            "cycle 1: nurtured nurture - recycled | newsletter lead.recycled, crm lead.recycled",
        ),
        (
            Disposition::Accepted,
            "cycle 1: routed sales anna prospect | crm lead.reassigned, audit-log lead.reassigned, newsletter lead.reassigned",
        ),
        (Disposition::BadData, "cycle 1: discarded none - discarded | audit-log lead.discarded"),
    ];
    for (disposition, wanted) in rows {
        assert_eq!(telling(disposition), wanted, "{disposition}");
    }
    let after = world.lead(lead).value;
    assert_eq!(after.said.as_ref().unwrap().previous_owner(), owner.as_ref());
    assert_eq!(after.said.unwrap().reason, Some(name("bad_data")));
    let row = world.journal.last().unwrap();
    assert_eq!(
        (row.fact.as_str(), row.reason.as_ref()),
        ("disposition_noted", Some(&name("bad_data")))
    );
}

#[test]
fn a_deal_is_kept_with_its_amount_and_a_correction_is_told_from_work() {
    let (mut world, lead) = routed();
    let euro = crate::domain::Currency::parse("EUR").unwrap();
    let deal = Money::parse("12500.50", euro);
    let won = Saying { deal, ..Saying::bare(Disposition::Won, None) };
    let (text, _) = world.operate(lead, Action::Say(Box::new(won))).unwrap();
    assert_eq!(text, "cycle 1: routed sales anna won | ");
    assert_eq!(world.lead(lead).value.said.unwrap().deal, deal);
    assert_eq!(
        world.operate(lead, say(Disposition::Accepted)).map(|done| done.0),
        Err(Refusal::Ended(Disposition::Won))
    );
    let why = Saying { reason: Some(name("price")), ..Saying::bare(Disposition::Lost, None) };
    world.operate(lead, Action::Say(Box::new(why))).unwrap();
    let after = world.lead(lead).value;
    assert_eq!((after.stage(), after.said.unwrap().reason), (Stage::Lost, Some(name("price"))));
}

#[test]
fn a_duplicate_is_looked_at_beside_the_other_one() {
    let (mut world, lead) = routed();
    let other = world.inquire(Person::COLD.of("else@fjordlund.example")).lead();
    let saying = Saying { of: Some(other), ..Saying::bare(Disposition::Duplicate, None) };
    world.operate(lead, Action::Say(Box::new(saying))).unwrap();
    assert_eq!(world.lead(lead).value.stage(), Stage::Discarded);
    assert_eq!(world.indexes[&Index::Review].len(), 1);
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let (mut world, lead) = routed();
    let euro = crate::domain::Currency::parse("EUR").unwrap();
    let deal = Money::parse("1", euro);
    let amount = Saying { deal, ..Saying::bare(Disposition::Lost, None) };
    let reason = Saying { reason: Some(name("why")), ..Saying::bare(Disposition::Contacted, None) };
    let at = Some(Timestamp::EPOCH);
    let revisit = Saying { revisit_at: at, ..Saying::bare(Disposition::Won, None) };
    for (saying, what) in [(amount, "amount"), (reason, "reason"), (revisit, "revisit_at")] {
        let wanted = Refusal::NotBeside(what, saying.disposition);
        let refused = world.operate(lead, Action::Say(Box::new(saying)));
        assert_eq!(refused.map(|done| done.0), Err(wanted));
    }
}

#[test]
fn second_level_answers_are_scored_and_may_change_the_category() {
    let (mut world, lead) = routed();
    let found = Found::Criterion(name("needs"), Known3::No);
    let answers = Answers { found: vec![found], ..Answers::default() };
    let saying = Saying { answers, ..Saying::bare(Disposition::Qualified, None) };
    let before = world.lead(lead).value.score;
    world.operate(lead, Action::Say(Box::new(saying))).unwrap();
    let after = world.lead(lead).value;
    assert!(after.score < before);
    assert_eq!((after.category(), after.stage()), (Some(Category::Nurture), Stage::Prospect));
}

#[test]
fn whoever_is_asked_about_leaves_the_list_when_it_ends() {
    let mut world = World::new();
    let lead = world.inquire(Person::CURIOUS).lead();
    assert_eq!(world.worklists(lead), [Index::Qualify]);
    world.operate(lead, say(Disposition::Won)).unwrap();
    assert_eq!(world.worklists(lead), []);
}

fn any_disposition() -> impl Strategy<Value = Disposition> {
    // Tries are counted as they come, and what a person wants to hear holds at once.
    let free = |it: &Disposition| !matches!(it, Disposition::NoAnswer | Disposition::Unsubscribed);
    let all: Vec<Disposition> = Disposition::ALL.iter().copied().filter(free).collect();
    proptest::sample::select(all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_order_of_the_same_words_leads_to_the_same_place(
        words in proptest::collection::vec(any_disposition(), 1..7),
        turns in proptest::collection::vec(any::<prop::sample::Index>(), 7),
    ) {
        let place = |order: &[(usize, Disposition)]| {
            let (mut world, lead) = routed();
            let began = world.now;
            world.now = began.after(std::time::Duration::from_hours(24));
            for (hour, disposition) in order {
                let hours = u64::try_from(*hour).unwrap() + 1;
                let at = began.after(std::time::Duration::from_hours(hours));
                let saying = Saying::bare(*disposition, Some(at));
                let _refused = world.operate(lead, Action::Say(Box::new(saying)));
            }
            let lead = world.lead(lead).value;
            let said = lead.said.clone().unwrap_or_default();
            (lead.stage(), lead.queue().cloned(), lead.assignment.owner().cloned(), said.reason, said.revisit_at)
        };
        let said: Vec<(usize, Disposition)> = words.into_iter().enumerate().collect();
        let mut shuffled = said.clone();
        for (from, to) in turns.iter().take(said.len()).enumerate() {
            shuffled.swap(from, to.index(said.len()));
        }
        prop_assert_eq!(place(&said), place(&shuffled), "{:?} against {:?}", said, shuffled);
    }
}
