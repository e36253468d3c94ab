//! How long and how much.

use std::time::Duration;

/// A tenth of all destinations' groups each; one destination of each group misbehaves.
pub const GROUPS: usize = 10;

#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// Of the run with kills.
    pub length: Duration,
    pub kill_every: Duration,
    /// Destinations of a group that behave.
    pub good: usize,
    /// How often somebody inquires.
    pub every: Duration,
    /// Of a run without kills, and how many pairs of such there are.
    pub undisturbed: Duration,
    pub repetitions: usize,
    /// The schedule of attempts: does not end before the run does.
    pub retry: &'static str,
    /// Whether the figures are judged.
    pub counts: bool,
}

/// Thirty attempts each; in the long run over a quarter of an hour.
const RETRY_SHORT: &str = "[0s, 500ms, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 2s, 2s, 2s, 2s, 2s, 2s, 2s, 2s, 2s, 2s, 2s, 2s, 2s, 2s, 2s, 2s, 2s, 2s, 2s, 2s]";
const RETRY_LONG: &str = "[0s, 1s, 5s, 20s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s, 35s]";
/// From here on a run is a long one.
const LONG: u64 = 120;

impl Extent {
    pub fn of_environment() -> Self {
        let given = std::env::var("FAULTS_SOAK_SECS").ok();
        let secs: u64 = given.and_then(|text| text.parse().ok()).unwrap_or(9);
        let length = Duration::from_secs(secs);
        if secs < LONG {
            return Self {
                length,
                kill_every: Duration::from_secs(3),
                good: 1,
                every: Duration::from_millis(100),
                undisturbed: Duration::from_secs(4),
                repetitions: 1,
                retry: RETRY_SHORT,
                counts: false,
            };
        }
        Self {
            length,
            kill_every: Duration::from_secs(20),
            good: 4,
            every: Duration::from_millis(100),
            undisturbed: length / 15,
            repetitions: 3,
            retry: RETRY_LONG,
            counts: true,
        }
    }

    pub fn destinations(&self) -> usize {
        GROUPS * (self.good + 1)
    }
}
