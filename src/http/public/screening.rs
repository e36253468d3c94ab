//! Between reading an inquiry and taking it: how often the person posts, whether the visitor proved to be none of the robots,
//! and from which network a consent came.

use super::capturing::Capturing;
use crate::capture::{Challenged, Source};
use crate::domain::{Field, Flag, Name, Quota, Submission};
use crate::flow::{Caller, Counted};
use crate::http::caller;

/// Where the network of a consent is kept.
const ADDRESS: &str = "consent_address";

impl Capturing<'_> {
    /// Looks a single inquiry over. `Some` = one too many of this person: seconds until it may come again.
    pub async fn screen(
        &self,
        workspace: &Name,
        source: &Source,
        submission: &mut Submission,
        caller: &Caller,
    ) -> Option<u32> {
        if caller.api_key.is_some() || submission.is_test {
            return None;
        }
        if let Some(wait) = self.person_too_often(workspace, source, submission).await {
            return Some(wait);
        }
        self.challenged(source, submission).await;
        if source.is_public() && !submission.consents.is_empty() {
            let network = caller::address(&self.active, self.request).map(caller::network);
            submission.attribution.extend(network.map(|network| (ADDRESS.to_owned(), network)));
        }
        None
    }

    async fn person_too_often(
        &self,
        workspace: &Name,
        source: &Source,
        submission: &Submission,
    ) -> Option<u32> {
        let count = source.rates().person_per_hour?;
        let quota = Quota { count, within: std::time::Duration::from_hours(1) };
        let email = submission.fields.get(&Field::Email)?.expose().trim().to_lowercase();
        let whose = (workspace, source.name());
        self.state.flow.too_often(whose, Counted::Person(&email), quota).await
    }

    /// Shows the widget's token to its provider, if the source asks for one.
    async fn challenged(&self, source: &Source, submission: &mut Submission) {
        let Some(challenge) = source.challenge().filter(|_| !submission.filtered) else { return };
        let caught = |submission: &mut Submission, by| {
            submission.filtered = true;
            submission.filtered_by = Some(Name::fixed(by));
        };
        let token = submission.challenge.take().filter(|token| !token.trim().is_empty());
        let Some(token) = token else { return caught(submission, "challenge_missing") };
        let Some(transport) = self.state.transport.get() else { return };
        let answer = transport.send(challenge.request(&token)).await;
        match challenge.judge(&answer) {
            Challenged::Passed => {}
            Challenged::Failed => caught(submission, "challenge_failed"),
            Challenged::Unverified => submission.flags.push(Flag::ChallengeUnverified),
        }
    }
}
