//! A token for a vendor's API, where it has to be had first.

use std::borrow::Cow;

use crate::capture::{Retrieval, Source};
use crate::domain::Job;
use crate::domain::ports::NoToken;
use crate::flow::context::Flow;
use crate::flow::workspace::Workspace;

impl Flow {
    /// The retrieval of a source with a token that is good; another one than `refused`.
    pub(super) async fn with_token<'a>(
        &self,
        workspace: &Workspace,
        source: &Source,
        retrieval: &'a Retrieval,
        refused: Option<&str>,
    ) -> Result<Cow<'a, Retrieval>, NoToken> {
        let Some(grant) = retrieval.grant() else { return Ok(Cow::Borrowed(retrieval)) };
        let of = Job::retrieval_queue(source.name()).ok_or(NoToken::Later)?;
        let tokens = self.tokens.get().ok_or(NoToken::Later)?;
        let token = tokens.access_token(&workspace.name, &of, grant, refused).await?;
        Ok(Cow::Owned(retrieval.with_token(&token)))
    }
}
