//! `follow-up.yaml` of a workspace, against the files that it names things of.

use super::load::{Loader, Read};
use crate::assign::Router;
use crate::follow_up::{Around, FollowUp, FollowUpSettings};
use crate::qualify::Qualifier;
use crate::rules::Lists;

impl Loader<'_> {
    /// What is done about leads that were handed over; `None` if something is wrong, which is noted. Without its
    /// neighbours only the file's own shape is looked at.
    pub(super) fn follow_up(
        &mut self,
        inside: &str,
        router: Option<&Router>,
        qualifier: Option<&Qualifier>,
        lists: &Lists,
    ) -> Option<FollowUp> {
        let read: Read<FollowUpSettings> = self.read(&format!("{inside}follow-up.yaml"))?;
        let around = Around { router: router?, qualifier: qualifier?, lists };
        FollowUp::compile(&read.settings, around)
            .map_err(|problems| self.problems(&read, problems))
            .ok()
    }
}
