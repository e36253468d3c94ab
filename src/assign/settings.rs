//! `routing.yaml` and `pools.yaml` as written. Names are text here: every wrong one is found by
//! [`super::Router::compile`], all at once and each with its path.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use crate::rules::ConditionSource;

/// `routing.yaml`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoutingSettings {
    /// By name.
    pub queues: BTreeMap<String, QueueSettings>,
    /// Ordered, the first match wins.
    pub rules: Vec<RuleSettings>,
    /// Where a lead goes that no rule takes. Mandatory.
    pub fallback: Option<TargetSettings>,
}

/// Who is told about the leads of a queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QueueSettings {
    /// Names of destinations. Without any, the leads are only seen in the worklists and reports.
    pub destinations: Vec<String>,
    /// 0 goes out first, 9 last. Default: sales 1, qualify and triage 3, nurture 7, others 5.
    pub priority: Option<i64>,
}

/// One routing rule.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSettings {
    pub name: String,
    /// Absent = always.
    #[serde(default)]
    pub when: Option<ConditionSource>,
    pub assign: TargetSettings,
}

/// Where a lead goes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TargetSettings {
    /// Absent = as the category says.
    pub queue: Option<String>,
    pub pool: Option<String>,
    /// Only this member of the pool. Without `pool`: of the one pool the member is in.
    pub member: Option<String>,
    /// What if everybody is at a cap. Absent = hold.
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

/// `pools.yaml`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PoolSettings {
    /// IANA name of the time zone whose days, weeks and months the caps count. Default: UTC.
    pub zone: Option<String>,
    /// By name.
    pub pools: BTreeMap<String, PoolEntry>,
}

/// One pool.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PoolEntry {
    /// `round_robin` (default) or `weighted`.
    pub method: Option<String>,
    /// Another zone than the file's.
    pub zone: Option<String>,
    pub members: Vec<MemberSettings>,
}

/// One member; in short form just the name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberSettings {
    pub name: String,
    /// 1 to 1000; counts with method `weighted`. Default 1.
    pub weight: Option<i64>,
    pub caps: CapSettings,
    /// Away for a while: keeps the place, is not picked.
    pub paused: bool,
}

/// At most so many leads within a calendar window. A member's counts are shared by all pools in
/// which the member has a cap of that window in the same zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CapSettings {
    pub hour: Option<i64>,
    pub day: Option<i64>,
    /// Monday to Sunday.
    pub week: Option<i64>,
    pub month: Option<i64>,
}

impl<'de> Deserialize<'de> for MemberSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Full {
            name: String,
            #[serde(default)]
            weight: Option<i64>,
            #[serde(default)]
            caps: CapSettings,
            #[serde(default)]
            paused: bool,
        }
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
                let Full { name, weight, caps, paused } =
                    Full::deserialize(MapAccessDeserializer::new(map))?;
                Ok(MemberSettings { name, weight, caps, paused })
            }
        }
        deserializer.deserialize_any(Either)
    }
}
