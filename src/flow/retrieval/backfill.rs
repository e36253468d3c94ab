//! Pulling what was missed, a page at a time: each page is taken as if it had been posted, so what came before is a
//! duplicate, and whoever pulls may stop, go on and begin again.

use std::time::Duration;

use bytes::Bytes;

use super::conclude::piece;
use crate::capture::{
    self, BackfillWindow, CannotAsk, Captured, Meaning, Page, Request, Retrieval, RowProblem,
    Source,
};
use crate::domain::ports::{NoToken, OutboundRequest, Transport};
use crate::domain::{Status, Submission};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::inquiry::{Answer, Caller, Received};
use crate::flow::workspace::Workspace;

/// What a page brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backfilled {
    /// How many inquiries it held.
    pub found: u32,
    /// Of those, not known before; with those that are still to be fetched.
    pub taken: u32,
    /// Of those taken, still to be fetched.
    pub retrieving: u32,
    /// Known before.
    pub known: u32,
    /// Kept, because they could not be read.
    pub unreadable: u32,
    /// Where to go on; `None` = that was all.
    pub next: Option<Page>,
}

/// Why a page could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotBackfill {
    /// The preset lists nothing, or the source gives no token.
    #[error("the source cannot be asked for what was missed")]
    NoLists,
    /// A value that the list's address names is not given.
    #[error(
        "a value that the address of the list names is not given: `retrieval.with` of the source"
    )]
    Value,
    /// The vendor does not take the token.
    #[error("the vendor does not take the token")]
    Credentials,
    /// The vendor wants to be left alone.
    #[error("the vendor wants to be left alone for a while")]
    Limited(Option<Duration>),
    /// The vendor did not answer, or not with a list.
    #[error("the vendor did not answer with a list")]
    NoAnswer(Option<u16>),
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Flow {
    /// Pulls one page.
    ///
    /// # Errors
    /// If it cannot be had. What was taken until then stays; asking again is safe.
    pub async fn backfill(
        &self,
        workspace: &Workspace,
        source: &Source,
        window: BackfillWindow,
        page: &Page,
        transport: &dyn Transport,
    ) -> Result<Backfilled, CannotBackfill> {
        let retrieval = source.retrieval().filter(|it| it.lists());
        let retrieval = retrieval.ok_or(CannotBackfill::NoLists)?;
        let (status, body) = self
            .listed(workspace, (source, retrieval), transport, |asking| asking.page(window, page))
            .await?;
        let next = retrieval.after(page, &body);
        let request =
            Request { caller_known: true, ..Request::post(Some("application/json"), &body) };
        let captured = capture::capture(source, &request, self.now());
        let (rows, pieces) = match captured {
            // A list of none is a body in which nobody is.
            Ok(Captured::Inquiry { submission, .. }) if is_empty(&submission) => {
                (Vec::new(), Vec::new())
            }
            Ok(Captured::Inquiry { submission, .. }) => {
                (vec![Ok(*submission)], vec![capture::redacted_body(source, &request)])
            }
            Ok(Captured::Batch(rows)) => (rows, capture::redacted_rows(source, &request)),
            _ => return Err(CannotBackfill::NoAnswer(Some(status))),
        };
        let found = Backfilled { next, ..Backfilled::default() };
        Ok(self.take_page(workspace, source, (rows, pieces), found).await?)
    }

    /// What the vendor answers to a request, and its HTTP status. A token that it does not take is renewed once.
    async fn listed(
        &self,
        workspace: &Workspace,
        (source, retrieval): (&Source, &Retrieval),
        transport: &dyn Transport,
        request: impl Fn(&Retrieval) -> Result<OutboundRequest, CannotAsk> + Send,
    ) -> Result<(u16, Bytes), CannotBackfill> {
        let mut refused: Option<String> = None;
        let broken = loop {
            let got = self.with_token(workspace, source, retrieval, refused.as_deref()).await;
            let retrieval = match got {
                Ok(retrieval) => retrieval,
                Err(NoToken::Refused(status)) => break status,
                Err(NoToken::Later) => return Err(CannotBackfill::NoAnswer(None)),
            };
            let request = request(&retrieval).map_err(|_| CannotBackfill::Value)?;
            let answer = transport.send(request).await;
            let meaning = retrieval.judge(&answer);
            let Ok(answer) = answer else { return Err(CannotBackfill::NoAnswer(None)) };
            match meaning {
                Meaning::Taken => return Ok((answer.status, answer.body)),
                Meaning::Credentials if retrieval.renews(refused.as_deref()) => {
                    refused = Some(retrieval.token().to_owned());
                }
                Meaning::Credentials => break Some(answer.status),
                Meaning::Limited => {
                    let wait = answer.retry_after.and_then(|it| it.trim().parse().ok());
                    return Err(CannotBackfill::Limited(wait.map(Duration::from_secs)));
                }
                Meaning::Gone | Meaning::Again => {
                    return Err(CannotBackfill::NoAnswer(Some(answer.status)));
                }
            }
        };
        self.tell_broken(workspace, source.name(), broken).await?;
        Err(CannotBackfill::Credentials)
    }

    async fn take_page(
        &self,
        workspace: &Workspace,
        source: &Source,
        (rows, pieces): (Vec<Result<Submission, RowProblem>>, Vec<Vec<u8>>),
        mut page: Backfilled,
    ) -> Result<Backfilled, Unavailable> {
        let caller = Caller { batch_row: true, ..Caller::default() };
        let mut pieces = pieces.into_iter();
        for taken in rows {
            let bytes = pieces.next().unwrap_or_default();
            page.found += 1;
            let answer = match taken {
                Ok(submission) => {
                    let raw = move || piece(bytes.clone());
                    let received = Received { submission, raw: &raw };
                    self.inquire(workspace, source, received, &caller).await?
                }
                Err(problem) => {
                    let raw = piece(problem.row_redacted);
                    self.keep(workspace, source, problem.reason, raw, &caller).await?
                }
            };
            page.count(&answer);
        }
        Ok(page)
    }
}

fn is_empty(submission: &Submission) -> bool {
    submission.fields.is_empty() && submission.reference.is_empty()
}

impl Backfilled {
    fn count(&mut self, answer: &Answer) {
        if answer.duplicate {
            self.known += 1;
        } else if answer.status == Status::Unreadable {
            self.unreadable += 1;
        } else {
            self.taken += 1;
            self.retrieving += u32::from(answer.status == Status::Retrieving);
        }
    }
}
