//! `follow-up.yaml` checked, section by section; all mistakes at once.

use super::dispositions::Dispositions;
use super::nurture::Nurture;
use super::settings::FollowUpSettings;
use super::sla::Sla;
use crate::assign::Router;
use crate::domain::SettingProblem;
use crate::qualify::Qualifier;
use crate::rules::Lists;

/// What the sections may name.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Queues, pools and members.
    pub router: &'a Router,
    /// Criteria.
    pub qualifier: &'a Qualifier,
    /// Lists that conditions ask.
    pub lists: &'a Lists,
}

/// `follow-up.yaml`, compiled.
#[derive(Debug, Clone, Default)]
pub struct FollowUp {
    pub dispositions: Dispositions,
    pub sla: Sla,
    pub nurture: Nurture,
}

impl FollowUp {
    /// Checks and compiles every section.
    ///
    /// # Errors
    /// Everything that is wrong, each with its path in the file.
    pub fn compile(
        settings: &FollowUpSettings,
        around: Around<'_>,
    ) -> Result<Self, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        let mut below = |section: &str, found: Vec<SettingProblem>| {
            problems.extend(found.into_iter().map(|problem| problem.below(section)));
        };
        let dispositions = Dispositions::compile(&settings.dispositions, around)
            .map_err(|found| below("dispositions", found));
        let sla = Sla::compile(&settings.sla, around).map_err(|found| below("sla", found));
        let nurture =
            Nurture::compile(&settings.nurture, around).map_err(|found| below("nurture", found));
        match (dispositions, sla, nurture) {
            (Ok(dispositions), Ok(sla), Ok(nurture)) => Ok(Self { dispositions, sla, nurture }),
            _ => Err(problems),
        }
    }
}
