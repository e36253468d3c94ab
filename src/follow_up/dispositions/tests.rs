//! The table holds together; a workspace's own words.

use proptest::prelude::*;

use super::*;
use crate::domain::{Currency, Disposition, Lead, Name, Said, Stage, Timestamp};
use crate::rules::example::Example;

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn compiled(yaml: &str) -> Result<Dispositions, Vec<String>> {
    let settings: DispositionSettings = serde_saphyr::from_str(yaml).unwrap();
    Dispositions::of(&settings).map_err(|problems| {
        problems
            .into_iter()
            .map(|problem| format!("{}: {}", problem.path, problem.message))
            .collect()
    })
}

fn at(hour: i64) -> Timestamp {
    Timestamp::from_millis(1_772_000_000_000 + hour * 3_600_000)
}

fn once(disposition: Disposition, hour: i64) -> Once {
    Once { disposition, at: at(hour), deal: None, reason: None, revisit_at: None }
}

/// What was said, heard in that order; what is impossible is left out.
fn heard(order: &[(Disposition, i64)]) -> (Option<Stands>, Said) {
    let mut lead: Lead = Example::unknown().lead;
    let mut stands = None;
    for (disposition, hour) in order {
        if let Ok(heard) = hear(&lead, &once(*disposition, *hour)) {
            stands = Some(heard.after);
            lead.said = Some(Box::new(heard.said));
        }
    }
    (stands, lead.said.map(|said| *said).unwrap_or_default())
}

#[test]
fn who_dealt_with_the_person_and_who_answers_for_the_lead() {
    let not: Vec<&str> =
        Disposition::ALL.iter().filter(|it| !is_touch(**it)).map(|it| it.as_str()).collect();
    assert_eq!(not, ["accepted", "not_a_fit", "bad_data", "duplicate", "unsubscribed"]);
    assert!(Disposition::ALL.iter().all(|it| acknowledges(*it) == (it.as_str() != "unsubscribed")));
}

#[test]
fn what_happened_later_holds_however_it_arrives() {
    use Disposition as D;
    for (order, stands) in [
        (vec![(D::Contacted, 1)], Stands::Untouched),
        (vec![(D::Accepted, 1), (D::Qualified, 2)], Stands::Open(Stage::Prospect)),
        (vec![(D::Qualified, 2), (D::Accepted, 1)], Stands::Open(Stage::Prospect)),
        (vec![(D::Qualified, 1), (D::Accepted, 2)], Stands::Open(Stage::Prospect)),
        (vec![(D::TimelineLater, 2), (D::Accepted, 1)], Stands::Back),
        (vec![(D::Accepted, 3), (D::TimelineLater, 2)], Stands::Open(Stage::Accepted)),
        (vec![(D::NoNeed, 1), (D::BadData, 2)], Stands::Discarded),
        (vec![(D::Won, 5), (D::TimelineLater, 2)], Stands::Ended(Stage::Won)),
        (vec![(D::Won, 5), (D::Lost, 2)], Stands::Ended(Stage::Won)),
        (vec![(D::Won, 2), (D::Lost, 5)], Stands::Ended(Stage::Lost)),
    ] {
        assert_eq!(heard(&order).0, Some(stands), "{order:?}");
    }
    let (_, said) = heard(&[(D::Contacted, 5), (D::NoAnswer, 3), (D::Accepted, 4)]);
    assert_eq!((said.first_touch, said.acknowledged), (Some(at(3)), Some(at(3))));
}

#[test]
fn after_an_end_only_a_correction_is_possible() {
    let mut lead = Example::unknown().lead;
    let won = hear(&lead, &once(Disposition::Won, 5)).unwrap();
    lead.said = Some(Box::new(won.said));
    let refused = hear(&lead, &once(Disposition::Accepted, 6));
    assert_eq!(refused, Err(Impossible::Ended(Disposition::Won)));
    assert!(hear(&lead, &once(Disposition::Accepted, 4)).unwrap().late);
    assert!(hear(&lead, &once(Disposition::Contacted, 6)).is_ok());
    let lost = hear(&lead, &once(Disposition::Lost, 6)).unwrap();
    assert_eq!((lost.before, lost.after), (Stands::Ended(Stage::Won), Stands::Ended(Stage::Lost)));
}

#[test]
fn what_happened_before_the_cycle_moves_nothing() {
    let mut lead = Example::unknown().lead;
    lead.begin_cycle(Timestamp::from_millis(at(5).as_millis() + 700));
    assert_eq!(lead.cycle, 2);
    let before = hear(&lead, &once(Disposition::Won, 4)).unwrap();
    assert_eq!((before.after, before.late, before.said.last.len()), (Stands::Untouched, true, 0));
    let now = hear(&lead, &once(Disposition::Won, 5)).unwrap();
    assert_eq!(now.after, Stands::Ended(Stage::Won), "tools that know no milliseconds");
}

#[test]
fn words_of_crms_and_of_the_workspace_are_understood() {
    let terms = compiled(
        "{use: [won, lost, contacted, accepted, duplicate, not_a_fit], aliases: {'In Negotiation!': accepted, sql: won}, \
         labels: {won: Sold}, reasons: {lost: [price]}, currency: eur}",
    )
    .unwrap();
    let meant = |word: &str| terms.meant(word, None).map(Disposition::as_str);
    for (word, wanted) in [
        ("won", Some("won")),
        ("Closed Won", Some("won")),
        ("closedlost", Some("lost")),
        ("conversion", Some("won")),
        (" in negotiation", Some("accepted")),
        ("SQL", Some("won")),
        ("return", Some("not_a_fit")),
        ("no_budget", None),
        ("what?", None),
        ("", None),
    ] {
        assert_eq!(meant(word), wanted, "{word}");
    }
    let by_reason = |reason| terms.meant("return", Some(&name(reason))).map(Disposition::as_str);
    assert_eq!(
        (by_reason("duplicate"), by_reason("price")),
        (Some("duplicate"), Some("not_a_fit"))
    );
    assert_eq!((terms.label(Disposition::Won), terms.label(Disposition::Lost)), ("Sold", "Lost"));
    let euro = Currency::parse("EUR");
    assert_eq!(terms.deal("12.5", None).map(|deal| deal.currency), euro);
    assert_eq!(
        terms.deal("12.5", Some("usd")).map(|deal| deal.to_string()).as_deref(),
        Some("12.50 USD")
    );
    assert_eq!(Dispositions::default().deal("12.5", None), None, "no currency is guessed");
}

#[test]
fn mistakes_are_all_said_at_once() {
    let found = compiled(
        "{use: [won], aliases: {lost: won, '!!': won}, labels: {won: ''}, reasons: {won: [price], lost: ['No!']}, \
         currency: euro, revisit_after: 1h, links: {offer: [won, won, lost], good_for: 90d}}",
    )
    .unwrap_err();
    let wanted = [
        "aliases.!!: expected a word of at most 64 letters",
        "aliases.lost: this word has a meaning of its own",
        "reasons.won: no reason stands beside it",
        "reasons.lost[0]: a name begins with a lower-case letter or digit and goes on with those, '-', '_' or '.'",
        "currency: expected three letters of ISO 4217, such as EUR",
        "revisit_after: expected between 1d and 1830d",
        "links.good_for: expected between 1h and 30d",
        "links.offer[1]: it is offered twice",
        "links.offer[2]: it is not among those in `use`",
        "labels.won: expected 1 to 40 characters",
    ];
    let mut sorted: Vec<&str> = found.iter().map(String::as_str).collect();
    let mut wanted: Vec<&str> = wanted.to_vec();
    sorted.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(sorted, wanted);
}

fn any_disposition() -> impl Strategy<Value = Disposition> {
    proptest::sample::select(Disposition::ALL)
}

proptest! {
    #[test]
    fn any_order_of_the_same_words_stands_the_same(
        words in proptest::collection::vec(any_disposition(), 1..9),
        seed in any::<prop::sample::Index>(),
        turns in proptest::collection::vec(any::<prop::sample::Index>(), 9),
    ) {
        let said: Vec<(Disposition, i64)> = words.into_iter().zip(1..).collect();
        let mut shuffled = said.clone();
        for (from, to) in turns.iter().take(said.len()).enumerate() {
            shuffled.swap(from, to.index(said.len()));
        }
        shuffled.rotate_left(seed.index(said.len()));
        let (one, other) = (heard(&said), heard(&shuffled));
        prop_assert_eq!(one.0, other.0, "{:?} against {:?}", said, shuffled);
        prop_assert_eq!(one.1.reason, other.1.reason, "{:?} against {:?}", said, shuffled);
    }
}
