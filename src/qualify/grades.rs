//! Fit and engagement as a letter and a digit, instead of one sum.

use crate::domain::{Category, Millipoints};

/// A cell of the grid: how far down from the best letter, and from the best digit.
pub(super) type Cell = (u8, u8);

/// Letters in the order of worth.
pub(super) const LETTERS: &str = "ABCDEF";
/// Digits in the order of worth.
pub(super) const DIGITS: &str = "123456";

/// Compiled grades: from which points on a letter or digit is given, and what follows from a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grades {
    /// Falling; below the last one comes one more letter.
    pub(super) fit: Vec<Millipoints>,
    pub(super) engagement: Vec<Millipoints>,
    pub(super) sell: Vec<Cell>,
    pub(super) nurture: Vec<Cell>,
    /// Who is sold stays so in these too.
    pub(super) keep: Vec<Cell>,
}

impl Grades {
    /// The cell for fit (never below zero here) and engagement.
    pub(super) fn cell(&self, fit: Millipoints, engagement: Millipoints) -> Cell {
        let place = |steps: &[Millipoints], points: Millipoints| {
            let at = steps.iter().position(|step| points.max(0) >= *step).unwrap_or(steps.len());
            u8::try_from(at).unwrap_or(u8::MAX)
        };
        (place(&self.fit, fit), place(&self.engagement, engagement))
    }

    /// What follows from a cell; `sold` = it is being sold now.
    pub(super) fn category(&self, cell: Cell, sold: bool) -> Category {
        if self.sell.contains(&cell) || (sold && self.keep.contains(&cell)) {
            Category::Sell
        } else if self.nurture.contains(&cell) {
            Category::Nurture
        } else {
            Category::Discard
        }
    }

    /// Reads `A1`; `None` if there is no such letter or digit here.
    pub(super) fn parse(&self, text: &str) -> Option<Cell> {
        let mut chars = text.chars();
        let (letter, digit) = (chars.next()?, chars.next()?);
        let place = |all: &str, wanted: char, steps: usize| {
            let at = all.chars().position(|known| known == wanted)?;
            (at <= steps).then(|| u8::try_from(at).ok())?
        };
        let cell =
            (place(LETTERS, letter, self.fit.len())?, place(DIGITS, digit, self.engagement.len())?);
        chars.next().is_none().then_some(cell)
    }
}

/// A cell as people write it: `A1`.
pub(super) fn word((letter, digit): Cell) -> String {
    let of = |all: &str, at: u8| all.chars().nth(usize::from(at)).unwrap_or('?');
    [of(LETTERS, letter), of(DIGITS, digit)].into_iter().collect()
}
