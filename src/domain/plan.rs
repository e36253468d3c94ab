//! The part of a decision that the store completes: whom to pick, and what it picked.

use serde::{Deserialize, Serialize};

use super::status::closed_list;
use super::{Name, Timestamp};

closed_list! {
    /// How a pool shares out. All methods run through one comparator in `assign::pick`:
    /// the smallest key wins, ties go to the smaller name (by bytes).
    Method {
        /// Whoever's last turn is longest ago.
        RoundRobin = "round_robin",
        /// Smooth weighted round robin (as nginx does it): 5:1:1 gives a a b a c a a.
        Weighted = "weighted",
        /// Whoever was assigned least in proportion to the weight, counted from the pool's average for
        /// those who come or come back; then whoever's last turn is longest ago.
        LeastAssigned = "least_assigned",
        /// Whoever was last assigned the longest time ago, by the clock.
        LongestIdle = "longest_idle",
        /// Whoever has the fewest open leads in proportion to the weight; then whoever's last turn is
        /// longest ago.
        LeastBusy = "least_busy",
    }
}

closed_list! {
    /// What becomes of a member's turn while the member cannot be picked (away, at a cap).
    Skip {
        /// The place is kept; nothing is owed for the time away.
        KeepTurn = "keep_turn",
        /// The place is lost: whoever comes back stands behind the others.
        LoseTurn = "lose_turn",
        /// What was missed is made up for at once.
        Accrue = "accrue",
    }
}

closed_list! {
    /// Who comes before the rules, for a lead to be sold, if a pool has them.
    OwnerStep {
        /// Who had the person's record before.
        Existing = "existing_owner",
        /// Whose account the company is.
        Account = "account_owner",
        /// Who has whoever referred the person.
        Referrer = "referrer_owner",
    }
}

impl Skip {
    /// The usual one.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::KeepTurn
    }
}

/// A cap on what a member may be given: the counter's name and how high it may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// Names member, window (of whose leads, if not of all) and window start in UTC
    /// (`anna:day:20260228T2300Z`, `anna:day/source=fair:…`), so a counter never needs
    /// resetting; it is stored under [`super::Key::Counter`]. What stands between the colons names the cap
    /// in receipts. Only `anna:open`, the open leads, goes down as well ([`super::Write::Lower`]).
    pub counter: String,
    /// The member may be picked while the counter is below this.
    pub limit: u32,
    /// When nobody will ask for the counter any more.
    pub until: Timestamp,
    /// Of a rolling window: the counters of so many parts before count as well. What stands behind the last colon
    /// is then the number of the part (`anna:rolling-day:493203`).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub earlier: u8,
}

impl Cap {
    /// The counters of the parts before, the latest first; none but for a rolling window.
    pub fn earlier_counters(&self) -> impl Iterator<Item = String> {
        let part = self.counter.rsplit_once(':').filter(|_| self.earlier > 0);
        let part = part.and_then(|(stem, number)| Some((stem, number.parse::<u64>().ok()?)));
        part.into_iter().flat_map(|(stem, number)| {
            let before = (1..=u64::from(self.earlier)).map_while(move |by| number.checked_sub(by));
            before.map(move |number| format!("{stem}:{number}"))
        })
    }

    /// The window, and what is counted in it: `day`, `rolling-day`, `day/source=fair`, `open`.
    #[must_use]
    pub fn label(&self) -> &str {
        self.counter.split(':').nth(1).unwrap_or_default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u8) -> bool {
    *number == 0
}

/// A member that every pure condition lets through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub member: Name,
    /// 1 to 1000.
    pub weight: u32,
    /// With method `least_busy` the first one counts the member's open leads.
    pub caps: Vec<Cap>,
}

/// What the store is asked to pick from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolPick {
    pub pool: Name,
    pub method: Method,
    #[serde(default = "usual_skip", skip_serializing_if = "Skip::is_usual")]
    pub skip: Skip,
    /// Sorted by name, at most 200.
    pub candidates: Vec<Candidate>,
    /// Members who could be picked, but not here (a rule names somebody else, or asks for a skill): they do not
    /// count as away. Empty where the method does not mind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Name>,
}

/// A member's place in a pool's state. Integers stay below 2^53 (the scripts count in doubles).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    pub member: Name,
    /// Smooth weighted round robin's running weight: what is owed to the member, in parts of a lead, of which one has
    /// a hundred for each point of weight in the draw.
    pub current: i64,
    /// The pool's turn number when the member was last picked; 0 = never. A pick on credit leaves it.
    pub turn: u64,
    /// How many were assigned in all, less those given back.
    pub assigned: u64,
    /// The pool's turn after the last draw that the member was in. 0 in narrow states.
    pub seen: u64,
    /// In wide states, by method: least assigned: thousandths of a lead that count as assigned; longest idle: when
    /// it last was, in milliseconds.
    pub level: i64,
    /// How many picks the member has to its credit, for leads given back and turns missed: the next ones are
    /// its own. Below 0: so many were taken back again after they were used.
    pub credit: i64,
}

impl Seat {
    /// Of somebody who never sat here.
    #[must_use]
    pub fn new(member: Name) -> Self {
        Self { member, current: 0, turn: 0, assigned: 0, seen: 0, level: 0, credit: 0 }
    }
}

/// What the store remembers of a pool, sorted by member. Members no longer configured stay.
/// Packed by `assign::pack_state`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolState {
    /// How many picks the pool has made.
    pub turn: u64,
    /// How many of them were given back.
    pub returned: u64,
    /// The weights in the last draw by running weights, summed; 0 = there was none.
    pub drawn: u32,
    pub seats: Vec<Seat>,
    /// The method whose levels the seats keep, where it needs any; `None` = a narrow state.
    pub levels_of: Option<Method>,
}

fn usual_skip() -> Skip {
    Skip::KeepTurn
}

/// Who was passed over because a cap was reached. As text `bo:day:20`; older receipts have only the name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Capped {
    pub member: Name,
    /// The cap's window and its limit.
    pub cap: Option<(String, u32)>,
}

impl Capped {
    /// By this cap.
    #[must_use]
    pub fn by(member: &Name, cap: &Cap) -> Self {
        Self { member: member.clone(), cap: Some((cap.label().to_owned(), cap.limit)) }
    }

    /// `day 20/20`, or nothing where it is not known.
    #[must_use]
    pub fn why(&self) -> String {
        let said = |(label, limit): &(String, u32)| format!("{label} {limit}/{limit}");
        self.cap.as_ref().map(said).unwrap_or_default()
    }
}

impl std::fmt::Display for Capped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.cap {
            Some((label, limit)) => write!(f, "{}:{label}:{limit}", self.member),
            None => self.member.fmt(f),
        }
    }
}

impl From<Capped> for String {
    fn from(capped: Capped) -> Self {
        capped.to_string()
    }
}

impl TryFrom<String> for Capped {
    type Error = super::ParseNameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut parts = text.split(':');
        let member = Name::parse(parts.next().unwrap_or_default())?;
        let cap = match (parts.next(), parts.next().and_then(|limit| limit.parse().ok())) {
            (Some(label), Some(limit)) => Some((label.to_owned(), limit)),
            _ => None,
        };
        Ok(Self { member, cap })
    }
}

/// What the store picked, and why not the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which branch of the plan was taken, from 0.
    pub branch: u8,
    /// The owner, if the branch picks one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Name>,
    /// The pool's turn number of this pick; 0 without a pick.
    #[serde(default)]
    pub turn: u64,
    /// Members passed over because a cap was reached, over all branches tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capped: Vec<Capped>,
    /// How many members tied with the winner before the name decided; 1 = no tie, 0 = it was a pick on credit.
    #[serde(default)]
    pub tied: u32,
}

impl Receipt {
    /// The receipt of a plan that picks nobody.
    #[must_use]
    pub fn of_branch(branch: u8) -> Self {
        Self { branch, member: None, turn: 0, capped: Vec::new(), tied: 0 }
    }

    /// Packed as the scripts pack it: `branch|member|turn|tied|capped,capped` ([`Capped`] as text).
    #[must_use]
    pub fn pack(&self) -> String {
        let member = self.member.as_ref().map_or("", Name::as_str);
        let capped = self.capped.iter().map(Capped::to_string).collect::<Vec<_>>().join(",");
        format!("{}|{member}|{}|{}|{capped}", self.branch, self.turn, self.tied)
    }

    /// Reads what [`Receipt::pack`] wrote.
    #[must_use]
    pub fn unpack(text: &str) -> Option<Self> {
        let mut parts = text.split('|');
        let branch = parts.next()?.parse().ok()?;
        let member = match parts.next()? {
            "" => None,
            name => Some(Name::parse(name).ok()?),
        };
        let turn = parts.next()?.parse().ok()?;
        let tied = parts.next()?.parse().ok()?;
        let capped = match parts.next()? {
            "" => Vec::new(),
            all => all
                .split(',')
                .map(|one| Capped::try_from(one.to_owned()).ok())
                .collect::<Option<_>>()?,
        };
        parts.next().is_none().then_some(Self { branch, member, turn, capped, tied })
    }
}
