//! Who is away, as people say: the section of the pools' page, and its forms.

use std::collections::BTreeMap;

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use super::act::part;
use super::posted::Posted;
use super::refusal::Refusal;
use super::visit::{Said, Visit};
use super::words::{Mark, Tone, When, spaced};
use crate::domain::{Name, Roster, Timestamp};
use crate::flow::{PoolView, RosterChange, RosterError};
use crate::http::keys::Scope;

/// One member, whatever the pools.
pub struct Person {
    pub name: String,
    pub mark: Option<Mark>,
    pub paused: bool,
    /// Days off that people said and that are not over: from, until, by whom.
    pub off: Vec<(When, When, String)>,
}

/// Everybody in the pools now, by name.
pub fn people(pools: &[PoolView], roster: &Roster, now: Timestamp) -> Vec<Person> {
    let members = pools.iter().flat_map(|pool| &pool.members).filter(|member| member.configured);
    let away: BTreeMap<&Name, Option<&str>> =
        members.map(|member| (&member.name, member.away.as_deref())).collect();
    let off = |name: &Name| {
        let said = roster.members.get(name).into_iter().flat_map(|absence| &absence.time_off);
        let ahead = said.filter(|off| off.until > now);
        ahead.map(|off| (When::at(off.from), When::at(off.until), off.by.to_string())).collect()
    };
    away.into_iter()
        .map(|(name, away)| Person {
            name: name.to_string(),
            mark: away.map(|why| Mark::new(spaced(why), Tone::Warn)),
            paused: away == Some("paused"),
            off: off(name),
        })
        .collect()
}

/// Pause, resume, days off and back from them: in all pools the member is in.
pub async fn act_on_member(
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Refusal> {
    let (visit, posted) = Visit::posted(&request, payload, Scope::Operate).await?;
    let member: Name = part(&request, "name")?;
    let back = visit.back(None, "pools");
    let change = change(request.match_info().get("action").unwrap_or_default(), &posted)?;
    let done =
        visit.flow().change_roster(&visit.workspace, &member, &change, &visit.key.name).await;
    let said = match done {
        Ok(_) => Said::done(became(&member, &change)),
        Err(RosterError::NoMember) => return Err(Refusal::NotFound),
        Err(RosterError::Unavailable(_)) => return Err(Refusal::Unavailable),
        Err(refused) => Said::not_done(format!("Not done: {refused}.")),
    };
    Ok(visit.go(&back, &said))
}

fn change(word: &str, posted: &Posted) -> Result<RosterChange, Refusal> {
    Ok(match word {
        "pause" => RosterChange::Pause,
        "resume" => RosterChange::Resume,
        "time-off" => {
            let from = posted.get("from").unwrap_or_default();
            let to = posted.get("to").unwrap_or(from);
            RosterChange::TimeOff { from: from.to_owned(), to: to.to_owned() }
        }
        "clear-time-off" => RosterChange::ClearTimeOff,
        _ => return Err(Refusal::NotFound),
    })
}

fn became(member: &Name, change: &RosterChange) -> String {
    match change {
        RosterChange::Pause => format!("Paused. {member} gets nothing until resumed."),
        RosterChange::Resume => format!("Resumed. {member} gets leads again; who waits is tried."),
        RosterChange::TimeOff { from, to } if from == to => format!("{member} is off on {from}."),
        RosterChange::TimeOff { from, to } => format!("{member} is off from {from} to {to}."),
        RosterChange::ClearTimeOff => {
            format!("{member} is back: the days off said here are taken back; who waits is tried.")
        }
    }
}
