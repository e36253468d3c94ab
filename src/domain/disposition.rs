//! What people say back about a lead they worked on.

use super::status::closed_list;

closed_list! {
    /// What people say back: the field's terms.
    Disposition {
        /// A qualifier asked, and calls it first-level qualified.
        FirstLevelQualified = "first_level_qualified",
        /// Sales took it.
        Accepted = "accepted",
        /// Somebody talked or wrote with the person.
        Contacted = "contacted",
        /// Tried, and nobody answered.
        NoAnswer = "no_answer",
        /// Second-level qualified: need, budget, authority and date are confirmed.
        Qualified = "qualified",
        /// They bought.
        Won = "won",
        /// They did not buy.
        Lost = "lost",
        /// Not now: at some later time.
        TimelineLater = "timeline_later",
        /// They cannot pay.
        NoBudget = "no_budget",
        /// Whoever wrote cannot decide, and nobody who can was found.
        NoAuthority = "no_authority",
        /// They do not need it.
        NoNeed = "no_need",
        /// They are with somebody else's product.
        Competitor = "competitor",
        /// The number is not the person's.
        WrongNumber = "wrong_number",
        /// Not somebody we sell to.
        NotAFit = "not_a_fit",
        /// Nobody is behind it: invented, or unusable.
        BadData = "bad_data",
        /// The same as another one.
        Duplicate = "duplicate",
        /// The person wants to hear no more.
        Unsubscribed = "unsubscribed",
    }
}
