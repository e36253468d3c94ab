//! Closed lists: what became of a request, where an inquiry came from, how far a lead is.

macro_rules! closed_list {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize,
        )]
        #[cfg_attr(test, derive(::schemars::JsonSchema))]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)* }

        impl $name {
            /// Every one of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word used in the API, the store and the metrics.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The one named so.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use closed_list;

closed_list! {
    /// What became of one request: every received request ends in exactly one of these.
    Status {
        /// Handed to sales.
        Routed = "routed",
        /// Handed to nurture.
        Nurtured = "nurtured",
        /// Judged not worth following up; kept.
        Discarded = "discarded",
        /// Nobody could be assigned; waits where a person sees it.
        Held = "held",
        /// Promising but unknown: people ask the open questions.
        Qualifying = "qualifying",
        /// Kept until the person confirms the address; nobody but whoever sends the mail hears of it.
        AwaitingConfirmation = "awaiting_confirmation",
        /// A known person's new inquiry.
        Repeat = "repeat",
        /// Accepted; the data is still to be fetched from the vendor.
        Retrieving = "retrieving",
        /// Spam by the source's own filter (honeypot); kept for a while, never routed.
        Filtered = "filtered",
        /// A test inquiry: decided in full, never matched with or counted among real ones.
        Test = "test",
        /// The sender said that what it sent is to be forgotten, and it is.
        Erased = "erased",
        /// The same event again (a sender's retry).
        Duplicate = "duplicate",
        /// Authenticated but not understood; kept.
        Unreadable = "unreadable",
        /// Over a rate limit.
        Limited = "limited",
        /// Not proved to come from the source.
        Unauthenticated = "unauthenticated",
        /// No such workspace or source.
        Unknown = "unknown",
        /// Larger than the source's limit.
        TooLarge = "too_large",
        /// A content type or encoding that the source does not take.
        UnsupportedMediaType = "unsupported_media_type",
        /// Not even a request of this protocol.
        Malformed = "malformed",
        /// Not now: store down, draining, shedding or contention. Send again.
        Unavailable = "unavailable",
    }
}

closed_list! {
    /// The three outcome words of the field (after LeadConduit).
    Outcome {
        Success = "success",
        Failure = "failure",
        Error = "error",
    }
}

impl Status {
    /// Which outcome word goes with it.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Routed
            | Self::Nurtured
            | Self::Discarded
            | Self::Held
            | Self::Qualifying
            | Self::AwaitingConfirmation
            | Self::Repeat
            | Self::Retrieving
            | Self::Filtered
            | Self::Test
            | Self::Erased
            | Self::Duplicate => Outcome::Success,
            Self::Unreadable | Self::Limited => Outcome::Failure,
            Self::Unauthenticated
            | Self::Unknown
            | Self::TooLarge
            | Self::UnsupportedMediaType
            | Self::Malformed
            | Self::Unavailable => Outcome::Error,
        }
    }
}

closed_list! {
    /// The kind of place an inquiry came from.
    Channel {
        Website = "website",
        Ad = "ad",
        TradeShow = "trade_show",
        Webinar = "webinar",
        Referral = "referral",
        Social = "social",
        Telemarketing = "telemarketing",
        List = "list",
        Partner = "partner",
        Email = "email",
        Other = "other",
    }
}

closed_list! {
    /// How far a record is. A record at stage `inquiry` is not called a lead to people.
    Stage {
        /// Not yet qualified.
        Inquiry = "inquiry",
        /// First-level qualified (MQL).
        Lead = "lead",
        /// Sales took it (SAL).
        Accepted = "accepted",
        /// Second-level qualified (SQL).
        Prospect = "prospect",
        Won = "won",
        Lost = "lost",
        /// Passed back; nurture keeps it warm.
        Recycled = "recycled",
        Discarded = "discarded",
    }
}

impl Stage {
    /// Whether work on a lead at this stage goes on. A repeat of a closed one opens a new cycle.
    #[must_use]
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Won | Self::Lost | Self::Recycled | Self::Discarded)
    }
}

closed_list! {
    /// What to do with a lead.
    Category {
        Sell = "sell",
        Nurture = "nurture",
        Discard = "discard",
    }
}

closed_list! {
    /// What becomes of an inquiry from somebody who is known already: a source's policy.
    KnownPerson {
        /// It is laid into the record that is known.
        Merge = "merge",
        /// It gets a record of its own; the two are linked, and never joined.
        Link = "link",
        /// It gets a record of its own, and people are asked whether the two are one.
        Allow = "allow",
        /// It is noted as a touch of the known record, and changes nothing else; whoever posted it is told.
        Reject = "reject",
    }
}
