//! The figures, and what is made of several: median, least and most.

use std::time::Duration;

use crate::memory::Memory;
use crate::stages::Stages;

/// One run under a closed loop.
#[derive(Debug, Clone, Copy, Default)]
pub struct Run {
    /// Answered 202, a second.
    pub per_second: f64,
    /// Milliseconds until the answer.
    pub p50: f64,
    pub p99: f64,
    /// Processor time per accepted inquiry, in microseconds: the service or ceiling, its redis-server.
    pub cpu_us: f64,
    pub redis_cpu_us: f64,
    /// Redis' own time in scripts, in microseconds, and calls of them, each per accepted inquiry.
    pub script_us: f64,
    pub calls: f64,
    /// Commits tried for an accepted inquiry, warming up included.
    pub rounds: f64,
    /// Which part of the machine others used, and which nobody did.
    pub others: f64,
    pub idle: f64,
}

/// One run with deliveries, to the last one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Through {
    /// Accepted a second while the load lasted.
    pub accepted: f64,
    /// Delivered a second while the load lasted.
    pub meanwhile: f64,
    /// Delivered a second until the last new lead was out.
    pub delivered: f64,
    /// Events that came twice.
    pub again: u64,
    /// Processor time per delivery over the whole run, in microseconds: service, redis-server.
    pub cpu_us: f64,
    pub redis_cpu_us: f64,
    /// Resident bytes of the service at most.
    pub resident: u64,
    pub others: f64,
}

/// Half of what is sustained, open loop.
#[derive(Debug, Clone, Copy, Default)]
pub struct Half {
    pub rate: f64,
    /// Milliseconds from when it was due to its answer.
    pub accept: (f64, f64),
    /// Milliseconds from when it was due to its arrival at the receiver.
    pub arrival: (f64, f64),
    pub others: f64,
}

/// Start-up: exec to the first 200 of `/healthz`, and to the first 202.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    pub healthy: Duration,
    pub accepted: Duration,
    /// Resident bytes then.
    pub resident: u64,
}

/// Everything found.
#[derive(Debug, Default)]
pub struct Figures {
    pub b: Vec<Run>,
    pub b_prime: Vec<Run>,
    /// The service, deliveries paused.
    pub paused: Vec<Run>,
    /// Both over more connections.
    pub b_prime_more: Vec<Run>,
    pub paused_more: Vec<Run>,
    pub through: Vec<Through>,
    /// The service on the embedded store, deliveries paused.
    pub embedded: Vec<Run>,
    /// Posts a second of the bare client.
    pub outbound: Vec<f64>,
    pub half: Vec<Half>,
    pub memory: Option<Memory>,
    pub stages: Stages,
    pub starts: Vec<Start>,
    pub redis: String,
}

impl Figures {
    /// What is delivered a second, sustained: the median.
    pub fn sustained(&self) -> f64 {
        Spread::of(self.through.iter().map(|through| through.delivered)).median
    }
}

/// Median, least, most.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spread {
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

impl Spread {
    /// Of some figures.
    pub fn of(figures: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = figures.collect();
        sorted.sort_by(f64::total_cmp);
        let (Some(&least), Some(&most)) = (sorted.first(), sorted.last()) else {
            return Self::default();
        };
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        };
        Self { median, least, most }
    }
}

/// A quotient; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "counts of a bench stay far below 2^53")]
pub fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
