//! What a person did, as marketing tools and pages see it: opened, clicked, visited, attended.

use serde::{Deserialize, Serialize};

use super::status::closed_list;
use super::{Pii, Timestamp};

closed_list! {
    /// A kind of engagement.
    EngagementKind {
        /// Programs that look through mail open it too: often worth nothing.
        EmailOpened = "email_opened",
        EmailClicked = "email_clicked",
        PageViewed = "page_viewed",
        VideoWatched = "video_watched",
        Downloaded = "downloaded",
        /// Began to fill in a form, and did not send it.
        FormStarted = "form_started",
        WebinarRegistered = "webinar_registered",
        WebinarAttended = "webinar_attended",
        EventAttended = "event_attended",
        MeetingBooked = "meeting_booked",
        /// Answered a message.
        Replied = "replied",
        /// Wants no more messages: it stops what is going on ([`super::Consent`]).
        Unsubscribed = "unsubscribed",
    }
}

/// One thing that a person did, or several alike that were folded into one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engagement {
    #[serde(rename = "k")]
    pub kind: EngagementKind,
    #[serde(rename = "a")]
    pub at: Timestamp,
    /// The page, without its query: what is behind the question mark may name the person.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Pii>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<Pii>,
    /// By what it is recognised when it is told again: a keyed hash. 0 of several folded into one.
    #[serde(rename = "i", default, skip_serializing_if = "is_none_of_them")]
    pub mark: u64,
    /// How many there were; their time is `at` on average.
    #[serde(rename = "n", default = "one", skip_serializing_if = "is_one")]
    pub count: u32,
}

impl Engagement {
    /// Whether two would be worth the same at the same time, whatever the configuration.
    fn is_like(&self, other: &Self) -> bool {
        self.kind == other.kind && self.page == other.page && self.campaign == other.campaign
    }
}

/// What became of one that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    New,
    /// It was told before.
    Known,
    /// It happened before the oldest that is remembered by itself, so nobody can say whether it was told before.
    TooOld,
}

/// What a lead did: the newest ones by themselves, older ones folded, by time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Engagements {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    log: Vec<Engagement>,
    /// Whatever happened before this was told before, as far as anybody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    folded_to: Option<Timestamp>,
}

impl Engagements {
    /// So many stand by themselves or for several.
    pub const MAX: usize = 200;

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.log.is_empty()
    }

    /// By time, the oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Engagement> {
        self.log.iter()
    }

    /// Whether there are any that happened after that time.
    #[must_use]
    pub fn any_after(&self, at: Timestamp) -> bool {
        self.latest().is_some_and(|newest| newest > at)
    }

    /// When the newest happened.
    #[must_use]
    pub fn latest(&self) -> Option<Timestamp> {
        self.log.last().map(|newest| newest.at)
    }

    /// Forgets what happened after that time.
    pub fn forget_after(&mut self, at: Timestamp) {
        self.log.retain(|one| one.at <= at);
    }

    /// How many there were in all.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.log.iter().map(|it| u64::from(it.count)).sum()
    }

    /// Notes what was told, in whatever order it comes; says for each what became of it.
    pub fn note(&mut self, told: &[Engagement]) -> Vec<Noted> {
        let noted = told.iter().map(|one| self.add(one)).collect();
        self.fold();
        noted
    }

    /// What another record about the same person knows.
    pub fn merge(&mut self, other: &Self) {
        for one in &other.log {
            if self.log.iter().all(|known| known.mark != one.mark || known.mark == 0) {
                self.insert(one.clone());
            }
        }
        self.folded_to = self.folded_to.max(other.folded_to);
        self.fold();
    }

    fn add(&mut self, one: &Engagement) -> Noted {
        if self.log.iter().any(|known| known.mark == one.mark && known.mark != 0) {
            return Noted::Known;
        }
        if self.folded_to.is_some_and(|folded| one.at < folded) {
            return Noted::TooOld;
        }
        self.insert(one.clone());
        Noted::New
    }

    fn insert(&mut self, one: Engagement) {
        let place = self.log.partition_point(|known| known.at <= one.at);
        self.log.insert(place, one);
    }

    /// Lays the oldest ones of a kind together until there are few enough: first those that are alike, else those of the
    /// same kind, without what they differ in. There are fewer kinds than places, so there always are two.
    fn fold(&mut self) {
        while self.log.len() > Self::MAX {
            let Some((first, second)) = self.pair() else { return };
            let later = self.log.remove(second);
            let earlier = self.log.remove(first);
            self.folded_to = self.folded_to.max(Some(later.at));
            self.insert(folded(earlier, &later));
        }
    }

    /// The oldest one that has another of its kind behind it, and that: one like it, if there is one.
    fn pair(&self) -> Option<(usize, usize)> {
        let behind = |first: usize, fits: &dyn Fn(&Engagement) -> bool| {
            let rest = self.log.iter().enumerate().skip(first + 1);
            rest.filter(|(_, it)| fits(it)).map(|(second, _)| (first, second)).next()
        };
        (0..self.log.len()).find_map(|first| {
            let own = &self.log[first];
            behind(first, &|it| it.is_like(own))
                .or_else(|| behind(first, &|it| it.kind == own.kind))
        })
    }
}

/// Two as one, at the time that they have on average.
fn folded(earlier: Engagement, later: &Engagement) -> Engagement {
    let (many, more) = (i64::from(earlier.count), i64::from(later.count));
    let apart = later.at.as_millis().saturating_sub(earlier.at.as_millis());
    let at = earlier.at.as_millis() + apart.saturating_mul(more) / (many + more).max(1);
    Engagement {
        kind: earlier.kind,
        at: Timestamp::from_millis(at),
        page: earlier.page.filter(|page| later.page.as_ref() == Some(page)),
        campaign: earlier.campaign.filter(|it| later.campaign.as_ref() == Some(it)),
        mark: 0,
        count: earlier.count.saturating_add(later.count),
    }
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_one(count: &u32) -> bool {
    *count == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_none_of_them(mark: &u64) -> bool {
    *mark == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many minutes later.
    fn viewed(at: i64) -> Engagement {
        Engagement {
            kind: EngagementKind::PageViewed,
            at: Timestamp::from_millis(at * 60_000),
            page: Some("/pricing".into()),
            campaign: None,
            mark: u64::try_from(at).unwrap() + 1,
            count: 1,
        }
    }

    #[test]
    fn what_comes_late_stands_where_it_belongs_and_what_comes_again_counts_once() {
        let mut known = Engagements::default();
        let told = [viewed(30), viewed(10), viewed(20), viewed(10)];
        let noted = known.note(&told);
        assert_eq!(noted, [Noted::New, Noted::New, Noted::New, Noted::Known]);
        let times: Vec<i64> = known.iter().map(|it| it.at.as_secs() / 60).collect();
        assert_eq!(times, [10, 20, 30]);
        assert_eq!(known.note(&told), [Noted::Known; 4]);
    }

    #[test]
    fn ten_thousand_are_kept_in_two_hundred_places_and_all_count() {
        let mut known = Engagements::default();
        for batch in 0..20 {
            let told: Vec<Engagement> = (0..500).map(|at| viewed(batch * 500 + at)).collect();
            assert!(known.note(&told).iter().all(|noted| *noted == Noted::New));
            assert!(known.iter().count() <= Engagements::MAX);
        }
        assert_eq!(known.count(), 10_000);
        assert!(known.iter().all(|it| it.page.is_some()), "they were all alike");
        assert_eq!(known.note(&[viewed(3)]), [Noted::TooOld], "it may have been told before");
        assert_eq!(known.note(&[viewed(9_999)]), [Noted::Known]);
        let text = serde_json::to_string(&known).unwrap();
        assert!(text.len() < 20_000, "{}", text.len());
        assert_eq!(serde_json::from_str::<Engagements>(&text).unwrap(), known);
    }

    #[test]
    fn those_that_differ_lose_what_they_differ_in() {
        let mut known = Engagements::default();
        let told: Vec<Engagement> = (0..300)
            .map(|at| Engagement { page: Some(format!("/{at}").into()), ..viewed(at) })
            .collect();
        known.note(&told);
        assert_eq!((known.iter().count(), known.count()), (Engagements::MAX, 300));
        let first = known.iter().next().unwrap();
        assert_eq!((first.count, first.page.as_ref()), (101, None));
        assert_eq!(first.at.as_secs() / 60, 50, "on average");
    }
}
