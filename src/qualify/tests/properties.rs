//! Over any settings and person: the lines add up, and not knowing is never a no.

use proptest::prelude::*;

use super::{Example, judge};
use crate::domain::{Answer, Category, Known3, Qualification};
use crate::qualify::{
    AskSettings, CapSettings, CriteriaSettings, LineSettings, PointsEach, PointsSettings,
    Qualifier, Settings, ThresholdSettings,
};
use crate::rules::Lists;

const KEYS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn points() -> impl Strategy<Value = f64> {
    (-40_000_i32..60_000).prop_map(|millipoints| f64::from(millipoints) / 1000.0)
}

/// A line on `answers.<key>`: more than `least` is yes, and perhaps less than five is no.
fn line(index: usize) -> impl Strategy<Value = LineSettings> {
    (0..KEYS.len(), 5..20, any::<bool>(), points(), points(), any::<bool>()).prop_map(
        move |(key, least, no, yes_points, no_points, wanted)| {
            let condition = |operator: &str, value: i32| {
                let field = format!("answers.{}", KEYS[key]);
                serde_json::from_value(serde_json::json!({"field": field, operator: value}))
                    .unwrap()
            };
            LineSettings {
                name: format!("line-{index}"),
                text: None,
                yes: Some(condition("gt", least)),
                when: None,
                no: no.then(|| condition("lt", 5)),
                points: PointsSettings::Each(PointsEach { yes: yes_points, no: no_points }),
                ask: None,
                wanted: Some(wanted),
            }
        },
    )
}

fn settings() -> impl Strategy<Value = Settings> {
    let lines = (line(0), line(1), line(2), line(3), line(4), line(5));
    let cap = |sign: f64| {
        prop::option::of((0_i32..30_000).prop_map(move |c| sign * f64::from(c) / 1000.0))
    };
    (lines, cap(-1.0), cap(1.0), 1..60, prop::option::of(0.1..1.0_f64)).prop_map(
        |((a, b, c, d, e, f), min, max, sell, ask)| {
            let mut settings = Settings {
                criteria: CriteriaSettings { budget: vec![a, b, c], ..Default::default() },
                company: vec![d, e],
                contact: vec![f],
                thresholds: ThresholdSettings {
                    sell: Some(f64::from(sell)),
                    nurture: Some(f64::from(sell) / 2.0),
                    ask: ask.map(|part| AskSettings { completeness_below: part, min_score: None }),
                    ..ThresholdSettings::default()
                },
                ..Settings::default()
            };
            settings.caps.budget = CapSettings { min, max };
            settings
        },
    )
}

/// For each key: nothing, a number, or a text that is no number.
fn person() -> impl Strategy<Value = Example> {
    let answer = prop_oneof![
        Just(None),
        (0..30_u8).prop_map(|number| Some(number.to_string())),
        Just(Some("plenty".to_owned())),
    ];
    prop::collection::vec(answer, KEYS.len()).prop_map(|answers| {
        let mut example = Example::unknown();
        for (key, answer) in KEYS.iter().zip(answers) {
            if let Some(answer) = answer {
                example.answer(key, &answer);
            }
        }
        example
    })
}

fn adds_up(judged: &Qualification) -> bool {
    let sum: i64 = judged.lines.iter().map(|line| line.points).sum();
    judged.score == sum + judged.floor
        && judged.score >= 0
        && (judged.floor == 0 || judged.score == 0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn lines_and_floor_are_the_score(settings in settings(), example in person()) {
        let Ok(qualifier) = Qualifier::compile(&settings, &Lists::default()) else { return Ok(()) };
        let judged = judge(&qualifier, &example);
        prop_assert!(adds_up(&judged), "{:?}", judged);
        prop_assert_eq!(&judge(&qualifier, &example), &judged, "twice the same");
        let (sell, nurture) = qualifier.thresholds().unwrap();
        let category = match judged.score {
            score if score >= sell => Category::Sell,
            score if score >= nurture => Category::Nurture,
            _ => Category::Discard,
        };
        prop_assert_eq!(judged.category, category);
        prop_assert!(judged.completeness <= 1000);
        prop_assert!(!judged.ask || (judged.category != Category::Sell && !judged.open.is_empty()));
        let cap = settings.caps.budget;
        let budget: i64 = judged
            .lines
            .iter()
            .filter(|line| line.group == crate::domain::Criterion::Budget)
            .map(|line| line.points)
            .sum();
        #[expect(clippy::cast_possible_truncation, reason = "caps are small")]
        let millipoints = |points: f64| (points * 1000.0).round() as i64;
        prop_assert!(cap.max.is_none_or(|max| budget <= millipoints(max)));
        prop_assert!(cap.min.is_none_or(|min| budget >= millipoints(min)));
        prop_assert_eq!(qualifier.explain(&judged, None).is_empty(), false);
    }

    /// Taking an answer away makes the lines on it unknown and worth nothing; it never makes a no.
    #[test]
    fn not_knowing_is_never_a_no(settings in settings(), example in person(), key in 0..KEYS.len()) {
        let Ok(qualifier) = Qualifier::compile(&settings, &Lists::default()) else { return Ok(()) };
        let mut silent = example.clone();
        silent.lead.answers.retain(|answer: &Answer| answer.key != KEYS[key]);
        let (with, without) = (judge(&qualifier, &example), judge(&qualifier, &silent));
        prop_assert!(without.completeness <= with.completeness);
        let no = |judged: &Qualification| -> Vec<u16> {
            let lines = judged.lines.iter().filter(|line| line.answer == Known3::No);
            lines.map(|line| line.line).collect()
        };
        let before = no(&with);
        prop_assert!(no(&without).iter().all(|line| before.contains(line)));
        for line in &without.lines {
            prop_assert!(line.answer != Known3::Unknown || line.points == 0);
        }
    }

    /// What is open is what is unknown and asked about, most points first.
    #[test]
    fn open_questions_are_the_unknown_ones(settings in settings(), example in person()) {
        let Ok(qualifier) = Qualifier::compile(&settings, &Lists::default()) else { return Ok(()) };
        let judged = judge(&qualifier, &example);
        let unknown: Vec<_> = judged
            .lines
            .iter()
            .filter(|line| line.answer == Known3::Unknown)
            .map(|line| &qualifier.line(line.line).unwrap().name)
            .collect();
        prop_assert_eq!(unknown.len(), judged.open.len());
        prop_assert!(judged.open.iter().all(|name| unknown.contains(&name)));
    }
}
