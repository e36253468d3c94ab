//! One lead: who it is, how it stands and why, what happened, what can be done.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::act::part;
use super::answering::Asking;
use super::nurture::Watched;
use super::past::{Event, Sent, sent, timeline, waits_on};
use super::person::{Person, title};
use super::refusal::Refusal;
use super::saying::Says;
use super::score::Score;
use super::shell::Shell;
use super::visit::Visit;
use super::words::{Mark, Sentence, When, age, points};
use crate::decide::{Configuration, explained, in_words};
use crate::domain::{GivenIds, Lead, LeadId, Name, Receipt, Record, Stage, Status};
use crate::flow::{Story, Touched};
use crate::http::keys::Scope;

#[derive(Template)]
#[template(path = "lead.html")]
struct LeadPage {
    shell: Shell,
    id: String,
    stands: Stands,
    score: Option<Score>,
    asking: Option<Asking>,
    watched: Watched,
    says: Says,
    why: Option<Why>,
    person: Person,
    events: Vec<Event>,
    sent: Vec<Sent>,
    account: Option<AtCompany>,
    clock: Option<Clock>,
    /// Whether the address was confirmed; until when it waits for that, or since when it is, and from where.
    confirmation: Option<(&'static str, When, Option<String>)>,
    /// Records that went up in this one.
    absorbed: Vec<String>,
    apart: Vec<String>,
    linked: Vec<String>,
    /// Destination, what it is there, id.
    given: Vec<(String, String, String)>,
    can: Can,
}

/// How long it waits for people.
struct Clock {
    name: String,
    overdue: bool,
    /// What is waited for: in words, by when, since when it is done.
    awaited: Vec<(&'static str, When, Option<When>)>,
    next_attempt: Option<When>,
    waited: String,
    touched: bool,
    breaches: u32,
    previous: Vec<String>,
}

/// Who else is at the company, and whose account it is.
struct AtCompany {
    owner: Option<String>,
    by_list: bool,
    people: Vec<Colleague>,
    more: bool,
}

struct Colleague {
    path: String,
    name: String,
    status: Mark,
    owner: Option<String>,
}

/// How a lead stands.
struct Stands {
    name: String,
    company: Option<String>,
    status: Mark,
    category: Option<Mark>,
    stage: &'static str,
    /// A record that is not yet qualified is not called a lead to people.
    word: &'static str,
    definition: Option<String>,
    queue: Option<String>,
    pool: Option<String>,
    owner: Option<String>,
    score: String,
    cycle: u32,
    inquiries: u32,
    created: When,
    updated: When,
    age: String,
    merged_from: Option<String>,
}

/// Why the last decision came out as it did.
pub struct Why {
    pub inquiry: String,
    pub sentences: Vec<Sentence>,
    pub owner: Option<Owned>,
    pub configuration: String,
    pub is_current: bool,
}

/// Why this owner.
pub struct Owned {
    pub owner: String,
    pub turn: u64,
    pub tied: u32,
    pub capped: Vec<(String, String)>,
    pub ruled_out: Vec<(String, String)>,
}

/// What the page offers.
struct Can {
    operate: bool,
    correct: bool,
    release: bool,
    discard: bool,
    queues: Vec<String>,
    members: Vec<String>,
    seen: i64,
    list: Option<&'static str>,
}

/// The page.
pub async fn lead_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::LeadsRead)?;
    let id: LeadId = part(&request, "id")?;
    let story = visit.flow().story(&visit.workspace.name, id).await?;
    let story = story.ok_or(Refusal::NotFound)?;
    let lead = &story.view.lead;
    let last = story.inquiries.last();
    let hash = last.map_or("", |touched| touched.entry.record.config.as_str());
    let configuration = &*visit.flow().made_by(&visit.workspace, hash).await?;
    let score =
        last.map(|touched| Score::of_now(&touched.entry, lead, configuration, visit.flow().now()));
    let name = title(&lead.contact, &lead.company);
    let events = timeline(&visit, &story);
    let account = at_company(&visit, lead).await?;
    let clock = clock(&visit, lead).await?;
    let ids = |ids: &[LeadId]| ids.iter().map(ToString::to_string).collect();
    let deliveries = story.view.deliveries.iter().rev();
    Ok(visit.page(&LeadPage {
        shell: visit.shell(&name, "").await?,
        id: lead.id.to_string(),
        asking: asking(&visit, &story),
        watched: Watched::of(&visit, lead).await?,
        says: says(&visit, lead),
        score,
        why: last.filter(|_| visit.may(Scope::InquiriesRead)).map(|last| Why {
            owner: picked(&story),
            ..why(configuration, &visit, last, Some(lead))
        }),
        person: Person::of(
            &lead.contact,
            &lead.company,
            &lead.answers,
            &lead.consents,
            &lead.attribution,
        ),
        events,
        account,
        clock,
        confirmation: confirmation(lead),
        absorbed: ids(&lead.absorbed),
        apart: ids(&lead.apart),
        linked: ids(&lead.linked),
        given: given(&story.view.given),
        sent: deliveries.map(|(_, job)| sent(job, &visit.workspace.name)).collect(),
        can: can(&visit, lead),
        stands: stands(&visit, lead, name, id),
    }))
}

fn confirmation(lead: &Lead) -> Option<(&'static str, When, Option<String>)> {
    let asked = lead.confirmation.as_deref()?;
    let waits = lead.assignment.status() == Status::AwaitingConfirmation;
    Some(match &asked.confirmed {
        Some(it) => {
            let network = it.network.as_ref().map(|network| network.expose().to_owned());
            ("confirmed", When::at(it.at), network)
        }
        None if waits => ("yet to be confirmed, until", When::at(asked.until), None),
        None => ("not confirmed; asked", When::at(asked.asked_at), None),
    })
}

async fn clock(visit: &Visit, lead: &Lead) -> Result<Option<Clock>, Refusal> {
    let shown = visit.flow().clock(&visit.workspace, lead).await?;
    let Some(shown) = shown else { return Ok(None) };
    let clocks = &shown.clocks;
    let acknowledged = clocks.acknowledged_at.or(clocks.touched_at);
    let lines = [
        ("To be taken on", shown.acknowledge_due_at, acknowledged),
        ("First touch", shown.first_touch_due_at, clocks.touched_at),
    ];
    let line = |(what, due, done): (&'static str, Option<_>, Option<_>)| {
        Some((what, When::at(due?), done.map(When::at)))
    };
    Ok(Some(Clock {
        name: shown.name.as_ref().map(ToString::to_string).unwrap_or_default(),
        overdue: !shown.overdue.is_empty(),
        awaited: lines.into_iter().filter_map(line).collect(),
        next_attempt: lead.tries.and_then(|tries| tries.next).map(When::at),
        waited: age(shown.waited),
        touched: clocks.first_touch_at.is_some(),
        breaches: clocks.breaches,
        previous: clocks.previous.iter().map(ToString::to_string).collect(),
    }))
}

/// So many colleagues are shown.
const COLLEAGUES_MAX: u32 = 20;

async fn at_company(visit: &Visit, lead: &Lead) -> Result<Option<AtCompany>, Refusal> {
    let owner = visit.flow().account_owner(&visit.workspace, lead).await?;
    let (people, more) =
        visit.flow().colleagues(&visit.workspace.name, lead, COLLEAGUES_MAX).await?;
    if owner.is_none() && people.is_empty() {
        return Ok(None);
    }
    let colleague = |person: &Lead| Colleague {
        path: visit.path(&format!("leads/{}", person.id)),
        name: title(&person.contact, &person.company),
        status: Mark::status(person.assignment.status().as_str()),
        owner: person.assignment.owner().map(ToString::to_string),
    };
    Ok(Some(AtCompany {
        by_list: owner.as_ref().is_some_and(|owner| owner.lead.is_none()),
        owner: owner.map(|owner| owner.member.to_string()),
        people: people.iter().map(colleague).collect(),
        more,
    }))
}

/// The form for answers, for whoever may act.
fn asking(visit: &Visit, story: &Story) -> Option<Asking> {
    let lead = &story.view.lead;
    let path = visit.path(&format!("leads/{}", lead.id));
    let open = story.inquiries.last().map(|last| &last.entry.record.qualification.open);
    visit.may(Scope::Operate).then(|| {
        let open = open.map_or(&[][..], Vec::as_slice);
        Asking::of(lead, open, &visit.workspace.decide, path, visit.session.token())
    })
}

/// What was said back, and the form for whoever may act.
fn says(visit: &Visit, lead: &Lead) -> Says {
    let path = visit.path(&format!("leads/{}", lead.id));
    let (token, can) = (visit.session.token(), visit.may(Scope::Operate));
    Says::of(lead, &visit.workspace, path, token, can)
}

/// Why an inquiry was decided as it was, by the names of the configuration that did.
pub fn why(
    configuration: &Configuration,
    visit: &Visit,
    touched: &Touched,
    lead: Option<&Lead>,
) -> Why {
    let (entry, receipt) = (&touched.entry, touched.receipt.as_ref());
    let owner = entry.assignment.owner();
    let sentences = match lead {
        Some(lead) => explained(configuration, entry, receipt, lead),
        None => in_words(configuration, entry, receipt),
    };
    Why {
        inquiry: entry.inquiry.id.to_string(),
        sentences: sentences.iter().map(|sentence| Sentence::of(sentence)).collect(),
        owner: owner.zip(receipt).map(|(owner, receipt)| owned(owner, receipt, &entry.record)),
        configuration: entry.record.config.clone(),
        is_current: entry.record.config == visit.workspace.decide.hash,
    }
}

/// Why the lead's owner is its owner: from the newest inquiry for which that member was picked.
fn picked(story: &Story) -> Option<Owned> {
    let owner = story.view.lead.assignment.owner()?;
    story.inquiries.iter().rev().find_map(|touched| {
        let receipt = touched.receipt.as_ref()?;
        let theirs = receipt.member.as_ref() == Some(owner);
        theirs.then(|| owned(owner, receipt, &touched.entry.record))
    })
}

fn owned(owner: &Name, receipt: &Receipt, record: &Record) -> Owned {
    Owned {
        owner: owner.to_string(),
        turn: receipt.turn,
        tied: receipt.tied,
        capped: receipt.capped.iter().map(|one| (one.member.to_string(), one.why())).collect(),
        ruled_out: record
            .ruled_out
            .iter()
            .map(|(member, why)| (member.to_string(), super::words::spaced(why)))
            .collect(),
    }
}

fn stands(visit: &Visit, lead: &Lead, name: String, asked: LeadId) -> Stands {
    let outcome = lead.assignment.outcome();
    let definitions = visit.workspace.decide.qualifier.definitions();
    let (word, definition) = match lead.stage() {
        Stage::Inquiry => ("Inquiry", &definitions.inquiry),
        Stage::Prospect => ("Prospect", &definitions.prospect),
        Stage::Lead | Stage::Accepted => ("Lead", &definitions.lead),
        _ => ("Lead", &None),
    };
    let company = lead.company.name.as_ref().map(|company| company.expose().to_owned());
    let shown = |name: &Name| Some(name.to_string()).filter(|name| name != crate::assign::NONE);
    Stands {
        company: company.filter(|company| *company != name),
        name,
        status: Mark::status(lead.assignment.status().as_str()),
        category: outcome.map(|outcome| Mark::status(outcome.category.as_str())),
        stage: lead.stage().as_str(),
        word,
        definition: definition.as_ref().map(|definition| definition.text.clone()),
        queue: outcome.and_then(|outcome| shown(&outcome.queue)),
        pool: outcome.and_then(|outcome| outcome.pool.as_ref()).map(ToString::to_string),
        owner: lead.assignment.owner().map(ToString::to_string),
        score: points(lead.score),
        cycle: lead.cycle,
        inquiries: lead.inquiries,
        created: When::at(lead.created_at),
        updated: When::at(lead.updated_at),
        age: age(visit.flow().now().since(lead.created_at)),
        merged_from: (lead.id != asked).then(|| asked.to_string()),
    }
}

fn can(visit: &Visit, lead: &Lead) -> Can {
    let router = &visit.workspace.decide.router;
    let outcome = lead.assignment.outcome();
    let list = outcome.and_then(|outcome| waits_on(outcome.queue.as_str(), outcome.pool.is_some()));
    Can {
        operate: visit.may(Scope::Operate),
        correct: visit.may(Scope::LeadsWrite),
        release: matches!(lead.assignment.status(), Status::Held | Status::AwaitingConfirmation),
        discard: lead.stage() != Stage::Discarded,
        queues: router.queues().map(ToString::to_string).collect(),
        members: members(visit),
        seen: lead.updated_at.as_millis(),
        list: list.map(crate::flow::word),
    }
}

/// Everybody in a pool, each once, by name.
pub fn members(visit: &Visit) -> Vec<String> {
    let router = &visit.workspace.decide.router;
    let mut members: Vec<String> =
        router.pools().flat_map(|(_, members)| members).map(ToString::to_string).collect();
    members.sort_unstable();
    members.dedup();
    members
}

/// What receivers call its records, a line each.
fn given(all: &GivenIds) -> Vec<(String, String, String)> {
    let ids = all.iter().flat_map(|(destination, ids)| {
        ids.iter().map(|(what, id)| (destination.to_string(), what.clone(), id.clone()))
    });
    ids.collect()
}
