//! `routing.yaml` and `pools.yaml` as written. Names are text here: every wrong one is found by
//! [`super::Router::compile`], all at once and each with its path.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

pub use super::cap_settings::{CapOfSettings, CapSettings, WindowSettings};
pub use super::hours::HoursSettings;
use crate::domain::OwnerStep;
use crate::rules::ConditionSource;

/// `routing.yaml`: which queue a lead goes to, and who is told.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RoutingSettings {
    /// The queues by name. `triage` and `qualify` need not be declared.
    #[cfg_attr(test, schemars(with = "BTreeMap<crate::domain::Name, QueueSettings>"))]
    pub queues: BTreeMap<String, QueueSettings>,
    /// Who waits for a person whatever the rules say: in `triage`, told to nobody but its destinations.
    pub do_not_route: Option<ConditionSource>,
    /// Who is asked before the rules, in this order, for leads to be sold: `existing_owner` (who had the person
    /// before), `account_owner` (whose account the company is). Without it only the first.
    pub owners: Option<Vec<OwnerStep>>,
    /// Which of those who wait is served first when members are scarce: the best `score`, or the highest
    /// `expected_value` (of `qualification.yaml`), then the better score; of equal ones who waits longer.
    pub served_first: ServedFirst,
    /// Ordered, the first match wins: from narrow to broad.
    pub rules: Vec<RuleSettings>,
    /// Where a lead goes that no rule takes; with `queue`. Mandatory.
    pub fallback: Option<TargetSettings>,
}

/// Which lead is served first when members are scarce.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ServedFirst {
    /// The best score.
    #[default]
    Score,
    /// The highest expected value.
    ExpectedValue,
}

/// Who is told about the leads of a queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct QueueSettings {
    /// Names of destinations. Without any, the leads are only seen in the worklists and reports.
    #[cfg_attr(test, schemars(with = "Vec<crate::domain::Name>"))]
    pub destinations: Vec<String>,
    /// 0 goes out first, 9 last. Without it: sales 1, qualify and triage 3, nurture 7, others 5.
    #[cfg_attr(test, schemars(range(min = 0, max = 9)))]
    pub priority: Option<i64>,
    /// Expected values (of `qualification.yaml`), rising: from each of them on its leads go out one priority sooner.
    #[cfg_attr(test, schemars(length(max = 9), extend("examples" = [[10000, 50000]])))]
    pub sooner_from: Vec<u32>,
}

/// One routing rule.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RuleSettings {
    /// Kept in the record of every inquiry that it decided.
    #[cfg_attr(test, schemars(with = "crate::domain::Name"))]
    pub name: String,
    /// For whom; absent = for everybody.
    #[serde(default)]
    pub when: Option<ConditionSource>,
    /// A decision table: of whom one of its rows is true, the rule takes. The name of a file in `tables`, or
    /// `{name, match}`.
    #[serde(default)]
    pub table: Option<TableSettings>,
    /// Where to. With a table: what its rows leave empty.
    #[serde(default)]
    pub assign: TargetSettings,
}

/// Which decision table a rule asks; in short form just its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSettings {
    /// The name of a file in `tables`.
    pub name: String,
    /// Which of several rows wins.
    pub policy: Option<String>,
}

/// A table with everything that can be said.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct TableInFull {
    /// The name of a file in `tables`.
    #[cfg_attr(test, schemars(with = "crate::domain::Name"))]
    name: String,
    /// `first`: the first row in the file that matches. `most_specific`: by columns from left to right, a value
    /// before a prefix, a longer prefix before a shorter one, that before a range, that before an empty cell.
    #[serde(default, rename = "match")]
    #[cfg_attr(test, schemars(extend("enum" = ["first", "most_specific"], "default" = "first")))]
    policy: Option<String>,
}

impl<'de> Deserialize<'de> for TableSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = TableSettings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table's name, or a mapping with `name`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<TableSettings, E> {
                Ok(TableSettings { name: text.to_owned(), policy: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TableSettings, A::Error> {
                let TableInFull { name, policy } =
                    TableInFull::deserialize(MapAccessDeserializer::new(map))?;
                Ok(TableSettings { name, policy })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Where a lead goes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct TargetSettings {
    /// One of `queues`. Absent = as the category says: sell to `sales`, nurture to `nurture`, questions to
    /// `qualify`.
    #[cfg_attr(test, schemars(with = "Option<crate::domain::Name>"))]
    pub queue: Option<String>,
    /// A pool of `pools.yaml`; one of its members becomes the owner.
    #[cfg_attr(test, schemars(with = "Option<crate::domain::Name>"))]
    pub pool: Option<String>,
    /// Skills that whoever takes it needs, each with the field of the lead that says which: a lead without the field
    /// needs none.
    #[cfg_attr(test, schemars(extend("examples" = [{"language": "contact.language"}])))]
    pub skills: BTreeMap<String, String>,
    /// If nobody of the pool is there now, whoever comes first within this time (`30m`, `16h`, `2d`) gets it already,
    /// and is told when they begin.
    pub assign_within: Option<String>,
    /// As an `else`: wait so long (`30m`, `16h`, `2d`) for somebody of the pool before, then come here.
    pub hold: Option<String>,
    /// Only this member of the pool. Without `pool`: of the one pool the member is in.
    #[cfg_attr(test, schemars(with = "Option<crate::domain::Name>"))]
    pub member: Option<String>,
    /// What if nobody can be picked: `hold` (as without it), a queue, or another target.
    #[serde(rename = "else")]
    pub otherwise: Option<ElseSettings>,
}

/// What happens if nobody can be picked: `hold`, the name of a queue, or another target.
#[derive(Debug, Clone, PartialEq)]
pub enum ElseSettings {
    Hold,
    Queue(String),
    Target(Box<TargetSettings>),
}

impl<'de> Deserialize<'de> for ElseSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = ElseSettings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`hold`, the name of a queue, or a mapping with `queue` or `pool`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<ElseSettings, E> {
                Ok(match text {
                    "hold" => ElseSettings::Hold,
                    queue => ElseSettings::Queue(queue.to_owned()),
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ElseSettings, A::Error> {
                TargetSettings::deserialize(MapAccessDeserializer::new(map))
                    .map(|target| ElseSettings::Target(Box::new(target)))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// `pools.yaml`: who gets leads, in which order, and how many.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PoolSettings {
    /// IANA name of the time zone whose hours, days, weeks and months the caps count. Without it: the
    /// workspace's.
    #[cfg_attr(test, schemars(extend("examples" = ["Europe/Berlin"])))]
    pub zone: Option<String>,
    /// Working hours by name, for pools and members.
    pub hours: BTreeMap<String, HoursSettings>,
    /// The pools by name.
    #[cfg_attr(test, schemars(with = "BTreeMap<crate::domain::Name, PoolEntry>"))]
    pub pools: BTreeMap<String, PoolEntry>,
}

/// One pool.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PoolEntry {
    /// `round_robin`: whoever's turn is longest ago. `weighted`: in proportion to the weights, evenly
    /// spread. `least_assigned`: whoever got least for their weight. `longest_idle`: whoever got the last one the
    /// longest time ago. `least_busy`: whoever has the fewest open leads for their weight.
    #[cfg_attr(test, schemars(extend(
        "enum" = ["round_robin", "weighted", "least_assigned", "longest_idle", "least_busy"],
        "default" = "round_robin"
    )))]
    pub method: Option<String>,
    /// What becomes of the turn of somebody who is away or at a cap: it is kept, lost, or made up for.
    #[cfg_attr(test, schemars(extend(
        "enum" = ["keep_turn", "lose_turn", "accrue"],
        "default" = "keep_turn"
    )))]
    pub skip: Option<String>,
    /// Working hours of members who say none: one of `hours`. Without it: always.
    pub hours: Option<String>,
    /// At most so many leads for all members together.
    pub caps: CapSettings,
    /// Another time zone than the file's.
    pub zone: Option<String>,
    /// Who may be picked: names, or mappings with `name`.
    pub members: Vec<MemberSettings>,
}

/// One member; in short form just the name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberSettings {
    /// The owner's name in events, records and reports.
    pub name: String,
    /// 1 to 1000. Default 1.
    pub weight: Option<i64>,
    /// At most so many leads.
    pub caps: CapSettings,
    /// Away for a while: keeps the place, is not picked.
    pub paused: bool,
    /// Working hours: one of `hours`.
    pub hours: Option<String>,
    /// Another time zone than that of the hours or the pool.
    pub zone: Option<String>,
    /// Days off.
    pub time_off: Vec<TimeOffSettings>,
    /// What the member knows, by skill.
    pub skills: BTreeMap<String, Vec<String>>,
}

/// Days on which a member is given nothing, by the member's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TimeOffSettings {
    /// The first day: `2026-08-01`.
    pub from: String,
    /// The last day; without it only that one day.
    pub to: Option<String>,
}

/// One member with everything that can be said.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberInFull {
    /// The owner's name in events, records and reports.
    #[cfg_attr(test, schemars(with = "crate::domain::Name"))]
    name: String,
    /// The share of this member; does not count with `round_robin` and `longest_idle`.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1, max = 1000), extend("default" = 1)))]
    weight: Option<i64>,
    /// At most so many leads.
    #[serde(default)]
    caps: CapSettings,
    /// Away for a while: keeps the place, is not picked.
    #[serde(default)]
    paused: bool,
    /// Working hours: one of `hours`.
    #[serde(default)]
    hours: Option<String>,
    /// Another time zone than that of the hours or the pool.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("examples" = ["America/New_York"])))]
    zone: Option<String>,
    /// Days off.
    #[serde(default)]
    time_off: Vec<TimeOffSettings>,
    /// What the member knows, by skill: `{ language: [de, en] }`.
    #[serde(default)]
    skills: BTreeMap<String, Vec<String>>,
}

impl<'de> Deserialize<'de> for MemberSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = MemberSettings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member's name, or a mapping with `name`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<MemberSettings, E> {
                let name = text.to_owned();
                Ok(MemberSettings { name, ..MemberSettings::default() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<MemberSettings, A::Error> {
                let MemberInFull { name, weight, caps, paused, hours, zone, time_off, skills } =
                    MemberInFull::deserialize(MapAccessDeserializer::new(map))?;
                Ok(MemberSettings { name, weight, caps, paused, hours, zone, time_off, skills })
            }
        }
        deserializer.deserialize_any(Either)
    }
}
