//! What the types of this room promise.

use super::*;

#[test]
fn ids_survive_text_and_json() {
    let id = IdBlock::new([7; 16]).inquiry();
    assert_eq!(id.to_string().parse::<InquiryId>(), Ok(id));
    assert!(id.to_string().starts_with("inq_0707"));
    assert!("lead_07".parse::<LeadId>().is_err());
    let json = serde_json::to_string(&id).unwrap();
    assert_eq!(serde_json::from_str::<InquiryId>(&json).unwrap(), id);
}

#[test]
fn a_block_repeats_itself_and_never_within_itself() {
    let ids = |mut block: IdBlock| (block.lead(), block.lead(), block.event());
    let (a, b, _) = ids(IdBlock::new([9; 16]));
    assert_ne!(a, b);
    assert_eq!(ids(IdBlock::new([9; 16])), ids(IdBlock::new([9; 16])));
}

#[test]
fn personal_text_is_masked_in_debug() {
    let text = format!("{:?}", Checked::valid("Ann@Example.test", "ann@example.test"));
    assert!(!text.contains("xample"), "{text}");
}

#[test]
fn names_are_safe_everywhere() {
    for good in ["a", "web-form", "x.y_z-9"] {
        assert_eq!(Name::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", "A", "-a", "a|b", "a:b", "a b", "é", &"a".repeat(65)] {
        assert!(Name::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn receipts_and_stored_values_survive_packing() {
    let name = |text| Name::parse(text).unwrap();
    let capped = |member, cap: Option<(&str, u32)>| Capped {
        member: name(member),
        cap: cap.map(|(label, limit)| (label.to_owned(), limit)),
    };
    let receipt = Receipt {
        branch: 2,
        member: Some(name("anna")),
        turn: 7,
        capped: vec![capped("bert", Some(("day", 20))), capped("carl", None)],
        tied: 3,
    };
    assert_eq!(receipt.pack(), "2|anna|7|3|bert:day:20,carl");
    assert_eq!(Receipt::unpack(&receipt.pack()), Some(receipt.clone()));
    assert_eq!(Receipt::unpack("0||0|0|"), Some(Receipt::of_branch(0)));
    assert_eq!(Receipt::unpack("0||0|0||"), None);
    let stored = Stored { version: 3, receipt: Some(receipt), body: b"{}".to_vec() };
    let packed = stored.receipt.as_ref().unwrap().pack();
    assert_eq!(Stored::decode(&Stored::encode(3, &packed, b"{}")), Some(stored));
    assert_eq!(Stored::decode(b"short"), None);
}

#[test]
fn key_sets_survive_packing() {
    let mut block = IdBlock::new([1; 16]);
    for set in
        [KeySet::Leads(vec![]), KeySet::Leads(vec![block.lead(), block.lead()]), KeySet::Shared(17)]
    {
        assert_eq!(KeySet::decode(&set.encode()), Some(set));
    }
    assert_eq!(KeySet::decode(b"123"), None);
}

#[test]
fn times_are_rfc_3339_in_milliseconds() {
    let at = Timestamp::parse("2026-03-01T12:00:00.250+01:00").unwrap();
    assert_eq!(at.to_string(), "2026-03-01T11:00:00.250Z");
    assert_eq!(at.as_millis() % 1000, 250);
    assert_eq!(Timestamp::parse("yesterday"), None);
}

#[test]
fn a_workspace_always_lands_in_the_same_shard() {
    assert_eq!(Shard::of(&Name::parse("demo").unwrap()), Shard::of(&Name::parse("demo").unwrap()));
    let shards: std::collections::BTreeSet<_> =
        (0..1000).map(|n| Shard::of(&Name::parse(&format!("w{n}")).unwrap())).collect();
    assert!(shards.len() > 200, "only {} shards used", shards.len());
}

#[test]
fn an_assignment_settles_by_its_receipt() {
    let outcome = |status, queue| BranchOutcome {
        status,
        stage: Stage::Lead,
        category: Category::Sell,
        queue: Name::parse(queue).unwrap(),
        pool: None,
        wait: None,
        opens_at: None,
        clock: None,
        counted: false,
    };
    let pending = Assignment::Pending(vec![
        outcome(Status::Routed, "sales"),
        outcome(Status::Held, "triage"),
    ]);
    let receipt = Receipt { member: Some(Name::parse("anna").unwrap()), ..Receipt::of_branch(0) };
    let settled = pending.clone().settle(Some(&receipt));
    assert_eq!(settled.status(), Status::Routed);
    assert_eq!(settled.owner().map(Name::as_str), Some("anna"));
    assert_eq!(pending.settle(Some(&Receipt::of_branch(1))).status(), Status::Held);
}

#[test]
fn score_lines_survive_packing() {
    let lines: Vec<ScoreLine> = Criterion::ALL
        .iter()
        .zip([Known3::Yes, Known3::No, Known3::Unknown].into_iter().cycle())
        .zip(0_u16..)
        .map(|((group, answer), line)| ScoreLine {
            line,
            group: *group,
            answer,
            points: i64::from(line) * 1000 - 2500,
            by_person: line == 3,
            until: (line == 4).then(|| Timestamp::from_millis(1_700_000_000_123)),
        })
        .collect();
    let qualification = Qualification {
        score: 0,
        lines,
        floor: 0,
        completeness: 400,
        grade: None,
        category: Category::Nurture,
        ask: true,
        open: Vec::new(),
        ineligible: None,
        errors: Vec::new(),
        expected: None,
    };
    let json = serde_json::to_string(&qualification).unwrap();
    assert!(
        json.contains(r#""lines":"0by-2500 1an-1500 2nu-500 3tY500 4cn1500@1700000000123 "#),
        "{json}"
    );
    assert_eq!(serde_json::from_str::<Qualification>(&json).unwrap(), qualification);
    for bad in ["0", "0b", "xby1", "0zy1", "0bz1", "0by"] {
        let json = json.replace("0by-2500", bad);
        assert!(serde_json::from_str::<Qualification>(&json).is_err(), "{bad}");
    }
}
