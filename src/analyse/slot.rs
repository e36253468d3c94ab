//! By what sums are kept apart.

use super::Day;

/// By what inquiries and leads are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Not at all.
    All,
    Source,
    Channel,
    Campaign,
    Medium,
    /// Sell, nurture, discard: as it is now.
    Category,
    /// The last one it was given to.
    Pool,
    /// The last one it was given to.
    Owner,
    /// The configuration that decided its first inquiry.
    Version,
    /// Ten points of score.
    Band,
    /// Campaigns within sources: both at once.
    SourceCampaign,
}

impl Dimension {
    /// Every one.
    pub const ALL: &'static [Self] = &[
        Self::All,
        Self::Source,
        Self::Channel,
        Self::Campaign,
        Self::SourceCampaign,
        Self::Medium,
        Self::Category,
        Self::Pool,
        Self::Owner,
        Self::Version,
        Self::Band,
    ];

    /// Its name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Source => "source",
            Self::Channel => "channel",
            Self::Campaign => "campaign",
            Self::Medium => "medium",
            Self::Category => "category",
            Self::Pool => "pool",
            Self::Owner => "owner",
            Self::Version => "version",
            Self::Band => "score",
            Self::SourceCampaign => "source/campaign",
        }
    }

    /// A property of the single inquiry, and not of the lead.
    #[must_use]
    pub fn is_of_inquiries(self) -> bool {
        matches!(
            self,
            Self::All
                | Self::Source
                | Self::Channel
                | Self::Campaign
                | Self::Medium
                | Self::SourceCampaign
        )
    }
}

/// On which day something counts, and for which of a lead's inquiries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// All that became of a lead, on the day of its first inquiry and for that.
    First,
    /// The same, for its latest inquiry.
    Latest,
    /// Each thing on the day it happened, for the first inquiry.
    Happened,
}

impl View {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::First, Self::Latest, Self::Happened];
}

/// One set of sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    pub day: Day,
    pub view: View,
    pub dimension: Dimension,
}

impl Slot {
    /// View and dimension as one number, for the store's key.
    #[must_use]
    pub fn part(self) -> u8 {
        self.view as u8 * 16 + self.dimension as u8
    }

    /// Every slot of a day.
    pub fn of_day(day: Day) -> impl Iterator<Item = Self> {
        View::ALL.iter().flat_map(move |view| {
            Dimension::ALL.iter().map(move |dimension| Self {
                day,
                view: *view,
                dimension: *dimension,
            })
        })
    }
}
