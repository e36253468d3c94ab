//! The facts: what happened, with the fields that both the log line and the counters take.

use std::time::Duration;

use tracing::{debug, error, info, warn};

use super::metric::{Metric, Metrics};
use crate::domain::{Flag, InquiryId, LeadId, Name, Status, Verdict};

/// Something that happened. Messages are fixed; everything variable is a field.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Fact<'a> {
    /// A capture request came in (also to an unknown source).
    RequestReceived,
    /// It was answered. `source` is a configured name or `(unknown)`.
    RequestAnswered {
        request: &'a str,
        workspace: &'a str,
        source: &'a str,
        status: Status,
        inquiry: Option<InquiryId>,
        took: Duration,
    },
    InquiryFlagged {
        workspace: &'a Name,
        source: &'a Name,
        flag: Flag,
    },
    /// A decision was committed.
    InquiryCommitted {
        workspace: &'a Name,
        inquiry: InquiryId,
        lead: Option<LeadId>,
        status: Status,
        rounds: u32,
        rule_errors: u32,
    },
    /// An outbound attempt ended.
    AttemptMade {
        workspace: &'a Name,
        destination: &'a Name,
        delivery: &'a str,
        verdict: Verdict,
        http_status: Option<u16>,
        error: Option<&'a str>,
        took: Duration,
    },
    /// A signature held where the vendor's text leaves open what it signs: which form it was.
    SignedFormHeld {
        workspace: &'a Name,
        source: &'a Name,
        form: &'a str,
    },
    /// What stands behind a reference was asked for: `taken`, `gone`, `credentials`, `limited`, `again`.
    RetrievalTried {
        workspace: &'a Name,
        source: &'a Name,
        inquiry: InquiryId,
        meaning: &'static str,
        http_status: Option<u16>,
        took: Duration,
    },
    /// A token endpoint was asked: `given`, `refused`, `limited`, `odd`, `unanswered`.
    TokenAsked {
        workspace: &'a Name,
        destination: &'a Name,
        outcome: &'static str,
    },
    /// A delivery ended: `delivered`, `dead`, `handed_over`, `dropped`, `erased`, `not_wanted`, `stopped`.
    DeliveryEnded {
        workspace: &'a Name,
        destination: &'a Name,
        delivery: &'a str,
        how: &'static str,
        age: Duration,
    },
    DestinationPaused {
        workspace: &'a Name,
        destination: &'a Name,
        reason: &'a str,
    },
    LeaseLost {
        workspace: &'a Name,
        queue: &'a Name,
        delivery: &'a str,
    },
    /// A store call failed: `unreachable`, `refused`, `corrupt`. `detail` never holds values.
    StoreTroubled {
        during: &'static str,
        kind: &'static str,
        detail: &'a str,
    },
    /// A background loop met something it could not handle, and goes on.
    LoopTroubled {
        name: &'static str,
        detail: &'a str,
    },
    /// Another configuration is in force. `asked` = what made us look: `poll`, `signal`, `api`.
    ConfigurationReloaded {
        hash: &'a str,
        asked: &'static str,
        /// The name of the key that asked, if one did.
        by: Option<&'a str>,
    },
    /// Somebody asked to look at the files, and they are what is in force already.
    ConfigurationUnchanged {
        asked: &'static str,
        by: Option<&'a str>,
    },
    ConfigurationRefused {
        errors: usize,
        first: &'a str,
        asked: &'static str,
        by: Option<&'a str>,
    },
    AlertRaised {
        workspace: &'a Name,
        kind: &'static str,
        about: &'a str,
    },
    /// A tool said what somebody did: `noted`, `duplicate`, `too_old`, or `unknown` and not kept.
    EngagementTold {
        workspace: &'a Name,
        status: &'static str,
    },
    OperatorActed {
        workspace: &'a Name,
        actor: &'a str,
        action: &'static str,
        on: &'a str,
    },
    /// A clock of a lead said something: `warned` or `breached`.
    ClockTold {
        workspace: &'a Name,
        lead: LeadId,
        /// Its name; nothing where an attempt is due.
        clock: &'a str,
        awaited: &'a str,
        how: &'static str,
        late: Duration,
    },
    /// The store was asked to write its files anew, because somebody was erased.
    StorePurged {
        workspace: &'a Name,
    },
    /// Somebody logged in to the console (`in`), out (`out`), or was not let in (`refused`, `limited`).
    ConsoleVisited {
        actor: Option<&'a str>,
        how: &'static str,
    },
    ClockSkewed {
        millis: i64,
    },
    /// The process began to serve.
    Started {
        public: &'a str,
        private: &'a str,
        store: &'a str,
    },
    /// The process is on its way out: `draining`, `stopped`, `gave_up`.
    Stopping {
        step: &'static str,
    },
}

impl Fact<'_> {
    /// Writes the log line.
    #[expect(clippy::too_many_lines, reason = "one arm per fact, and nothing but arms")]
    pub(super) fn log(&self) {
        match *self {
            Self::RequestReceived | Self::EngagementTold { .. } | Self::TokenAsked { .. } => {}
            Self::RequestAnswered { request, workspace, source, status, inquiry, took } => info!(
                request.id = request,
                workspace,
                source.name = source,
                status = status.as_str(),
                inquiry.id = inquiry.map(tracing::field::display),
                duration_ms = millis(took),
                "request answered"
            ),
            Self::InquiryFlagged { workspace, source, flag } => {
                debug!(%workspace, source.name = %source, flag = flag.as_str(), "inquiry flagged");
            }
            Self::InquiryCommitted { workspace, inquiry, lead, status, rounds, rule_errors } => {
                debug!(
                    %workspace,
                    inquiry.id = %inquiry,
                    lead.id = lead.map(tracing::field::display),
                    status = status.as_str(),
                    rounds,
                    rule_errors,
                    "inquiry committed"
                );
            }
            Self::AttemptMade {
                workspace,
                destination,
                delivery,
                verdict,
                http_status,
                error,
                took,
            } => info!(
                %workspace,
                destination.name = %destination,
                delivery.id = delivery,
                verdict = verdict.as_str(),
                http_status,
                error,
                duration_ms = millis(took),
                "attempt made"
            ),
            Self::SignedFormHeld { workspace, source, form } => {
                info!(%workspace, source.name = %source, form, "signed form held");
            }
            Self::RetrievalTried { workspace, source, inquiry, meaning, http_status, took } => {
                info!(
                    %workspace,
                    source.name = %source,
                    inquiry.id = %inquiry,
                    meaning,
                    http_status,
                    duration_ms = millis(took),
                    "reference asked for"
                );
            }
            Self::DeliveryEnded { workspace, destination, delivery, how, age } => info!(
                %workspace,
                destination.name = %destination,
                delivery.id = delivery,
                how,
                age_ms = millis(age),
                "delivery ended"
            ),
            Self::DestinationPaused { workspace, destination, reason } => {
                warn!(%workspace, destination.name = %destination, reason, "destination paused");
            }
            Self::LeaseLost { workspace, queue, delivery } => {
                warn!(%workspace, queue.name = %queue, delivery.id = delivery, "lease lost");
            }
            Self::StoreTroubled { during, kind, detail } => {
                warn!(during, kind, detail, "store troubled");
            }
            Self::LoopTroubled { name, detail } => error!(name, detail, "loop troubled"),
            Self::ConfigurationReloaded { hash, asked, by } => {
                info!(hash, asked, by, "configuration reloaded");
            }
            Self::ConfigurationUnchanged { asked, by } => {
                info!(asked, by, "configuration unchanged");
            }
            Self::ConfigurationRefused { errors, first, asked, by } => {
                error!(errors, first, asked, by, "configuration refused, the running one stays");
            }
            Self::AlertRaised { workspace, kind, about } => {
                warn!(%workspace, kind, about, "alert raised");
            }
            Self::OperatorActed { workspace, actor, action, on } => {
                info!(%workspace, actor, action, on, "operator acted");
            }
            Self::ClockTold { workspace, lead, clock, awaited, how, late } => info!(
                %workspace,
                lead.id = %lead,
                clock,
                awaited,
                how,
                late_ms = millis(late),
                "clock told"
            ),
            Self::StorePurged { workspace } => {
                info!(%workspace, "the store's files are written anew after an erasure");
            }
            Self::ConsoleVisited { actor, how } => info!(actor, how, "console visited"),
            Self::ClockSkewed { millis } => warn!(millis, "store and system clock differ"),
            Self::Started { public, private, store } => info!(public, private, store, "started"),
            Self::Stopping { step } => info!(step, "stopping"),
        }
    }

    /// Moves the counters.
    #[expect(clippy::too_many_lines, reason = "one short arm for each fact")]
    pub(super) fn count(&self, metrics: &Metrics) {
        match *self {
            Self::RequestReceived => {
                metrics.add(Metric::RequestsReceived, &[], 1);
                metrics.add(Metric::RequestsInFlight, &[], 1);
            }
            Self::RequestAnswered { workspace, source, status, took, .. } => {
                let labels =
                    [("workspace", workspace), ("source", source), ("status", status.as_str())];
                metrics.add(Metric::RequestsAnswered, &labels, 1);
                metrics.add(Metric::RequestsInFlight, &[], -1);
                metrics.observe(Metric::AnswerSeconds, &[], took.as_secs_f64());
            }
            Self::InquiryFlagged { flag, .. } => {
                metrics.add(Metric::InquiriesFlagged, &[("flag", flag.as_str())], 1);
            }
            Self::InquiryCommitted { workspace, rounds, rule_errors, .. } => {
                let rounds = ["0", "1", "2", "3", "4", "5", "6", "7", "8"]
                    .get(rounds as usize)
                    .copied()
                    .unwrap_or("more");
                metrics.add(Metric::CommitRounds, &[("rounds", rounds)], 1);
                if rule_errors > 0 {
                    let labels = [("workspace", workspace.as_str())];
                    metrics.add(Metric::RuleErrors, &labels, i64::from(rule_errors));
                }
            }
            Self::AttemptMade { workspace, destination, verdict, took, .. } => {
                let labels = of(workspace, destination, ("verdict", verdict.as_str()));
                metrics.add(Metric::AttemptsMade, &labels, 1);
                metrics.observe(Metric::AttemptSeconds, &labels[..2], took.as_secs_f64());
            }
            Self::SignedFormHeld { workspace, source, form } => {
                let labels = [
                    ("workspace", workspace.as_str()),
                    ("source", source.as_str()),
                    ("form", form),
                ];
                metrics.add(Metric::SignedFormsHeld, &labels, 1);
            }
            Self::RetrievalTried { workspace, source, meaning, .. } => {
                let labels = [
                    ("workspace", workspace.as_str()),
                    ("source", source.as_str()),
                    ("meaning", meaning),
                ];
                metrics.add(Metric::RetrievalsTried, &labels, 1);
            }
            Self::TokenAsked { workspace, destination, outcome } => {
                let labels = of(workspace, destination, ("outcome", outcome));
                metrics.add(Metric::TokensAsked, &labels, 1);
            }
            Self::DeliveryEnded { workspace, destination, how, age, .. } => {
                let labels = of(workspace, destination, ("how", how));
                metrics.add(Metric::DeliveriesEnded, &labels, 1);
                if how == "delivered" {
                    metrics.observe(Metric::DeliverySeconds, &labels[..2], age.as_secs_f64());
                }
            }
            Self::DestinationPaused { workspace, destination, reason } => {
                let labels = of(workspace, destination, ("reason", reason));
                metrics.add(Metric::DestinationsPaused, &labels, 1);
            }
            Self::LeaseLost { .. } => metrics.add(Metric::LeasesLost, &[], 1),
            Self::StoreTroubled { kind, .. } => {
                metrics.add(Metric::StoreTroubles, &[("kind", kind)], 1);
            }
            Self::ConfigurationReloaded { .. } => {
                metrics.add(Metric::ConfigurationReloads, &[("result", "loaded")], 1);
            }
            Self::ConfigurationRefused { .. } => {
                metrics.add(Metric::ConfigurationReloads, &[("result", "refused")], 1);
            }
            Self::AlertRaised { kind, .. } => {
                metrics.add(Metric::AlertsRaised, &[("kind", kind)], 1);
            }
            Self::EngagementTold { workspace, status } => {
                let labels = [("workspace", workspace.as_str()), ("status", status)];
                metrics.add(Metric::EngagementsTold, &labels, 1);
            }
            Self::OperatorActed { action, .. } => {
                metrics.add(Metric::OperatorActions, &[("action", action)], 1);
            }
            Self::ClockTold { workspace, clock, awaited, how, late, .. } => {
                let labels = [
                    ("workspace", workspace.as_str()),
                    ("clock", clock),
                    ("awaited", awaited),
                    ("how", how),
                ];
                metrics.add(Metric::ClocksTold, &labels, 1);
                metrics.observe(Metric::ClockLateSeconds, &labels[..1], late.as_secs_f64());
            }
            Self::ConsoleVisited { how, .. } => {
                metrics.add(Metric::ConsoleVisits, &[("how", how)], 1);
            }
            Self::ClockSkewed { millis } => metrics.set(Metric::ClockSkewMillis, &[], millis),
            Self::ConfigurationUnchanged { .. } => {
                metrics.add(Metric::ConfigurationReloads, &[("result", "unchanged")], 1);
            }
            Self::StorePurged { .. }
            | Self::LoopTroubled { .. }
            | Self::Started { .. }
            | Self::Stopping { .. } => {}
        }
    }
}

type Label<'a> = (&'static str, &'a str);

/// The labels of what a destination of a workspace did.
fn of<'a>(workspace: &'a Name, to: &'a Name, more: Label<'a>) -> [Label<'a>; 3] {
    [("workspace", workspace.as_str()), ("destination", to.as_str()), more]
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
