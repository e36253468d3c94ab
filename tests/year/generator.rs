//! A year of what happens to leads, as rows of the journal: inquiries of known and unknown people, late scans of badges,
//! what people say in any order, merges and partings, senders' retries, tests, strangers' campaigns.

use lead_router::domain::{
    BranchOutcome, Category, Channel, Currency, Disposition, InquiryId, JournalRow, Label, LeadId,
    Money, Name, Receipt, Stage, Status, Timestamp,
};

use super::plainly::at;

/// One row as it is committed; a retry has the claim of the row before.
pub struct Event {
    pub row: JournalRow,
    pub receipt_member: Option<Name>,
    pub claim: u64,
}

/// Numbers that look like chance and are the same every time.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }
}

#[derive(Clone)]
struct Lead {
    id: LeadId,
    cycle: u32,
    stage: Stage,
    gone: Option<usize>,
    owned: bool,
}

const SOURCES: [(&str, Channel); 5] = [
    ("website", Channel::Website),
    ("ads", Channel::Ad),
    ("fair", Channel::TradeShow),
    ("list", Channel::List),
    ("partner", Channel::Partner),
];
const BEGIN: &str = "2026-01-01T00:00:00Z";
const YEAR: i64 = 365 * 86_400_000;

/// So many inquiries over a year, and all that follows from them.
pub fn year(seed: u64, inquiries: u64) -> Vec<Event> {
    let mut chance = Chance::new(seed);
    let begin = Timestamp::parse(BEGIN).unwrap().as_millis();
    let mut leads: Vec<Lead> = Vec::new();
    let mut events = Vec::new();
    let step = YEAR / i64::try_from(inquiries).unwrap();
    for number in 0..inquiries {
        let now = begin + step * i64::try_from(number).unwrap();
        inquiry(&mut chance, &mut leads, &mut events, now);
        for _ in 0..chance.below(3) {
            let now = now + i64::try_from(chance.below(60_000)).unwrap();
            follow_up(&mut chance, &mut leads, &mut events, now);
        }
    }
    events
}

fn push(events: &mut Vec<Event>, row: JournalRow, member: Option<&str>) {
    let claim = events.len() as u64 + 1;
    let member = member.map(|name| Name::parse(name).unwrap());
    events.push(Event { row, receipt_member: member, claim });
}

fn inquiry(chance: &mut Chance, leads: &mut Vec<Lead>, events: &mut Vec<Event>, now: i64) {
    let (source, channel) = SOURCES[usize::try_from(chance.below(5)).unwrap()];
    let mut row = JournalRow::new(at(now), Name::parse("inquiry_decided").unwrap());
    row.inquiry = Some(InquiryId::from_bytes(id(events.len() as u64 + 1, 1)));
    row.source = Some(Name::parse(source).unwrap());
    row.channel = Some(channel);
    row.campaign = campaign(chance);
    row.version = Some(format!("{:08x}", chance.below(4)));
    row.score = Some(i32::try_from(chance.below(120)).unwrap());
    charge(&mut row, source);
    if source == "fair" && chance.one_in(2) {
        // Scans come in the evening, or days later.
        row.happened_at = Some(at(now - i64::try_from(chance.below(5 * 86_400_000)).unwrap()));
    }
    if chance.one_in(40) {
        row.status = Some(if chance.one_in(2) { Status::Test } else { Status::Filtered });
        row.lead = Some(LeadId::from_bytes(id(events.len() as u64 + 1, 9)));
        row.outcomes = vec![outcome(Stage::Lead, Category::Sell, true)];
        push(events, row, None);
        return;
    }
    let known = !leads.is_empty() && chance.one_in(5);
    let place = if known {
        alive(chance, leads)
    } else {
        let id = LeadId::from_bytes(id(leads.len() as u64 + 1, 2));
        leads.push(Lead { id, cycle: 1, stage: Stage::Inquiry, gone: None, owned: false });
        leads.len() - 1
    };
    let lead = &mut leads[place];
    if known {
        row.status = Some(Status::Repeat);
        if lead.stage.is_closed() {
            lead.cycle += 1;
            lead.stage = Stage::Inquiry;
        }
    }
    let (stage, category) = match chance.below(10) {
        0..4 => (Stage::Lead, Category::Sell),
        4..7 => (Stage::Inquiry, Category::Nurture),
        7 => (Stage::Inquiry, Category::Sell),
        _ => (Stage::Discarded, Category::Discard),
    };
    if !known || matches!(lead.stage, Stage::Inquiry) {
        lead.stage = stage;
    }
    row.lead = Some(lead.id);
    row.cycle = lead.cycle;
    let picked = stage == Stage::Lead;
    lead.owned |= picked;
    row.outcomes = vec![outcome(lead.stage, category, picked)];
    if stage == Stage::Discarded && lead.stage == stage {
        row.reason = Some(Name::parse("country").unwrap());
    }
    let member = ["ada", "bo", "cy"][usize::try_from(chance.below(3)).unwrap()];
    push(events, row, picked.then_some(member));
    if chance.one_in(20) {
        // The sender did not hear of it, and sends again.
        let last = events.last().unwrap();
        let again = Event {
            row: last.row.clone(),
            receipt_member: last.receipt_member.clone(),
            claim: last.claim,
        };
        events.push(again);
    }
}

fn charge(row: &mut JournalRow, source: &str) {
    let euro = Currency::parse("EUR").unwrap();
    match source {
        "list" => row.cost = Money::parse("2.5", euro),
        "partner" => row.fee = Money::parse("40", euro),
        _ => {}
    }
}

/// What people say back, in any order; merges and partings; erasures.
fn follow_up(chance: &mut Chance, leads: &mut [Lead], events: &mut Vec<Event>, now: i64) {
    let mut row = JournalRow::new(at(now), Name::parse("disposition_noted").unwrap());
    if leads.len() > 3 && chance.one_in(30) {
        merge(chance, leads, events, row);
        return;
    }
    let place = alive(chance, leads);
    let lead = &mut leads[place];
    row.lead = Some(lead.id);
    row.cycle = lead.cycle;
    if chance.one_in(50) {
        row.fact = Name::parse("lead_erased").unwrap();
        push(events, row, None);
        return;
    }
    if chance.one_in(2) {
        // Told later than it was.
        row.happened_at = Some(at(now - i64::try_from(chance.below(30 * 86_400_000)).unwrap()));
    }
    let (said, stage) = match chance.below(9) {
        0 => (Disposition::Contacted, lead.stage),
        1 => (Disposition::NoAnswer, lead.stage),
        2 => (Disposition::Accepted, Stage::Accepted),
        3 | 4 => (Disposition::Qualified, Stage::Prospect),
        5 => (Disposition::Won, Stage::Won),
        6 => (Disposition::Lost, Stage::Lost),
        7 => (Disposition::TimelineLater, Stage::Recycled),
        _ => (Disposition::NotAFit, Stage::Discarded),
    };
    row.disposition = Some(said);
    if said == Disposition::Won {
        let amount = chance.below(90_000).to_string();
        row.amount = Money::parse(&amount, Currency::parse("EUR").unwrap());
    }
    if stage.is_closed() && stage != Stage::Won && !chance.one_in(4) {
        row.reason = Some(
            Name::parse(
                ["price", "competitor", "later"][usize::try_from(chance.below(3)).unwrap()],
            )
            .unwrap(),
        );
    }
    // Of what happened before, nothing may follow any more: it is only noted.
    if row.happened_at.is_none() || chance.one_in(2) {
        lead.stage = stage;
    } else {
        row.reason = None;
    }
    row.outcomes = vec![outcome(lead.stage, Category::Sell, false)];
    push(events, row, None);
}

fn merge(chance: &mut Chance, leads: &mut [Lead], events: &mut Vec<Event>, mut row: JournalRow) {
    let parted = leads.iter().position(|lead| lead.gone.is_some()).filter(|_| chance.one_in(4));
    if let Some(back) = parted {
        let into = leads[back].gone.take().unwrap();
        row.fact = Name::parse("leads_unmerged").unwrap();
        row.lead = Some(leads[into].id);
        row.merged = vec![leads[back].id];
        row.outcomes = vec![outcome(leads[into].stage, Category::Sell, false)];
        push(events, row, None);
        return;
    }
    let (into, gone) = (alive(chance, leads), alive(chance, leads));
    let holds = leads.iter().any(|lead| lead.gone == Some(gone));
    if into == gone || holds || (leads[into].stage.is_closed() && !leads[gone].stage.is_closed()) {
        return;
    }
    leads[gone].gone = Some(into);
    row.fact = Name::parse("leads_merged").unwrap();
    row.lead = Some(leads[into].id);
    row.merged = vec![leads[gone].id];
    row.outcomes = vec![outcome(leads[into].stage, Category::Sell, false)];
    push(events, row, None);
}

/// A lead that stands for itself.
fn alive(chance: &mut Chance, leads: &[Lead]) -> usize {
    let from = usize::try_from(chance.below(leads.len() as u64)).unwrap();
    let order = (from..leads.len()).chain(0..from);
    order.into_iter().find(|place| leads[*place].gone.is_none()).unwrap()
}

fn campaign(chance: &mut Chance) -> Option<Label> {
    match chance.below(6) {
        0 => None,
        1 => Label::of("Spring Sale"),
        2 => Label::of("spring  sale"),
        3 => Label::of("brand"),
        4 => Label::of(&format!("q{}", chance.below(8))),
        _ => Label::of("someone@mail.example"),
    }
}

fn outcome(stage: Stage, category: Category, picked: bool) -> BranchOutcome {
    BranchOutcome {
        status: Status::Routed,
        stage,
        category,
        queue: Name::parse("sales").unwrap(),
        pool: picked.then(|| Name::parse("team").unwrap()),
        wait: None,
        opens_at: None,
        counted: false,
        clock: None,
    }
}

pub fn id(number: u64, kind: u8) -> [u8; 16] {
    let mut bytes = [kind; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// What the store lays beside the row.
pub fn receipt(event: &Event) -> Receipt {
    Receipt { member: event.receipt_member.clone(), ..Receipt::of_branch(0) }
}
