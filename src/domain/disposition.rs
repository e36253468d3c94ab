//! What people say back about a lead they worked on.

use super::status::closed_list;

closed_list! {
    /// What people say back. Tools that hold leads post it.
    Disposition {
        /// A qualifier asked, and calls it first-level qualified.
        FirstLevelQualified = "first_level_qualified",
        /// Tried, and nobody answered.
        NoAnswer = "no_answer",
    }
}
