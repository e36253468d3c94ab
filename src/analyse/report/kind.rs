//! Which reports there are.

use super::{By, Material, Table, calibration, costs, fairness, funnel, reasons, speed};
use crate::analyse::{Dimension, View};

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// How many inquiries became leads, prospects and sales.
    Funnel,
    /// The same by when it happened.
    Activity,
    /// What inquiries, leads, prospects and sales cost, and what they brought.
    Costs,
    /// How soon people dealt with leads.
    Speed,
    /// The same in business time.
    BusinessSpeed,
    /// Whether that was as agreed, from when it was theirs.
    Sla,
    /// Which leads nobody dealt with in time.
    FollowUp,
    /// Who was given how much, against the weights.
    Fairness,
    /// Why leads were held, lost, passed back and discarded.
    Reasons,
    /// Whether the score foretells the sale.
    Calibration,
}

impl Report {
    /// Every one, in the order of the documentation.
    pub const ALL: &'static [Self] = &[
        Self::Funnel,
        Self::Activity,
        Self::Costs,
        Self::Speed,
        Self::BusinessSpeed,
        Self::Sla,
        Self::FollowUp,
        Self::Fairness,
        Self::Reasons,
        Self::Calibration,
    ];

    /// Its name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Funnel => "funnel",
            Self::Activity => "activity",
            Self::Costs => "costs",
            Self::Speed => "speed",
            Self::BusinessSpeed => "business-speed",
            Self::Sla => "sla",
            Self::FollowUp => "follow-up",
            Self::Fairness => "fairness",
            Self::Reasons => "reasons",
            Self::Calibration => "calibration",
        }
    }

    /// The one named so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == text)
    }

    /// What it says, in one line.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Funnel => "How far inquiries came",
            Self::Activity => "What happened when",
            Self::Costs => "What it cost, and what it brought",
            Self::Speed => "How soon people dealt with leads",
            Self::BusinessSpeed => "How soon, in business time",
            Self::Sla => "Whether people dealt with leads as agreed",
            Self::FollowUp => "Leads that nobody followed up in time",
            Self::Fairness => "Who was given how much",
            Self::Reasons => "Why leads were held, lost, passed back and discarded",
            Self::Calibration => "What became of each band of scores",
        }
    }

    /// By what it is told apart, unless somebody asks for something else.
    #[must_use]
    pub fn usual(self) -> By {
        match self {
            Self::Activity => By::Day,
            Self::Reasons => By::Dimension(Dimension::All),
            Self::Calibration => By::Dimension(Dimension::Band),
            Self::Fairness => By::Dimension(Dimension::Pool),
            _ => By::Dimension(Dimension::Source),
        }
    }

    /// The sums it reads.
    #[must_use]
    pub fn view(self, latest: bool) -> View {
        match (self, latest) {
            (Self::Activity, _) => View::Happened,
            (_, true) => View::Latest,
            (_, false) => View::First,
        }
    }

    /// Its table. Fairness is made of pools (the module `fairness`); of this it is empty.
    #[must_use]
    pub fn table(self, material: &Material) -> Table {
        match self {
            Self::Funnel | Self::Activity => funnel::table(self, material),
            Self::Costs => costs::table(material),
            Self::Speed => speed::by_the_wall(material),
            Self::BusinessSpeed => speed::in_business_time(material),
            Self::Sla => speed::as_agreed(material),
            Self::FollowUp => speed::follow_up(material),
            Self::Fairness => fairness::fairness(&[]),
            Self::Reasons => reasons::table(material),
            Self::Calibration => calibration::table(material),
        }
    }
}
