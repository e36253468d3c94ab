//! The one table: what each disposition means.

use crate::domain::{Disposition, Stage};

/// What follows from a disposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The lead is at least this far. Takes back what passed it back before.
    Reaches(Stage),
    /// It ends as won or lost.
    Ends(Stage),
    /// It goes back to nurture: recycled.
    PassesBack,
    /// It is given up.
    Discards,
    /// One more try in vain; after the last one it goes back to nurture.
    Tries,
    /// Nothing but that it is known.
    Notes,
}

/// What it says of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dealt {
    /// Nobody dealt with the person yet, as far as this says.
    No,
    /// Somebody tried.
    Tried,
    /// The person was reached.
    Reached,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub effect: Effect,
    pub dealt: Dealt,
    /// Somebody of ours answers for the lead with it; the person does not.
    pub acknowledges: bool,
    /// As people read it on a button.
    pub label: &'static str,
}

impl Row {
    /// Whether the lead leaves whoever has it: passed back, or given up.
    #[must_use]
    pub fn leaves(&self) -> bool {
        matches!(self.effect, Effect::PassesBack | Effect::Discards)
    }

    /// Whether a reason may stand beside it.
    #[must_use]
    pub fn takes_reason(&self) -> bool {
        self.effect == Effect::Ends(Stage::Lost) || self.leaves()
    }

    /// Whether an amount may stand beside it.
    #[must_use]
    pub fn takes_amount(&self) -> bool {
        self.effect == Effect::Ends(Stage::Won)
    }

    /// Whether it may say when the lead is worth another try.
    #[must_use]
    pub fn takes_revisit(&self) -> bool {
        self.effect == Effect::PassesBack
    }
}

/// What a disposition means.
#[must_use]
pub fn row(disposition: Disposition) -> Row {
    use Dealt::{No, Reached, Tried};
    use Disposition as D;
    use Effect::{Discards, Ends, Notes, PassesBack, Reaches, Tries};
    let (effect, dealt, label) = match disposition {
        D::FirstLevelQualified => (Reaches(Stage::Lead), Reached, "First-level qualified"),
        D::Accepted => (Reaches(Stage::Accepted), No, "Accepted"),
        D::Contacted => (Notes, Reached, "Contacted"),
        D::NoAnswer => (Tries, Tried, "Nobody answered"),
        D::Qualified => (Reaches(Stage::Prospect), Reached, "Second-level qualified"),
        D::Won => (Ends(Stage::Won), Reached, "Won"),
        D::Lost => (Ends(Stage::Lost), Reached, "Lost"),
        D::TimelineLater => (PassesBack, Reached, "Later"),
        D::NoBudget => (PassesBack, Reached, "No budget"),
        D::NoAuthority => (PassesBack, Reached, "Nobody who decides"),
        D::NoNeed => (PassesBack, Reached, "No need"),
        D::Competitor => (PassesBack, Reached, "With a competitor"),
        D::WrongNumber => (PassesBack, Tried, "Wrong number"),
        D::NotAFit => (Discards, No, "Not a fit"),
        D::BadData => (Discards, No, "Bad data"),
        D::Duplicate => (Discards, No, "Duplicate"),
        // What the person allows is no stage: consent sees to it.
        D::Unsubscribed => (Notes, No, "Wants no more"),
    };
    Row { effect, dealt, acknowledges: disposition != D::Unsubscribed, label }
}

/// Whether somebody dealt with the person, or tried: the first one is the first touch.
#[must_use]
pub fn is_touch(disposition: Disposition) -> bool {
    row(disposition).dealt != Dealt::No
}

/// Whether somebody answers for the lead with it.
#[must_use]
pub fn acknowledges(disposition: Disposition) -> bool {
    row(disposition).acknowledges
}
