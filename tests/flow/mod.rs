//! Whole journeys through real processes: many at once, bad receivers, what is written where.

mod concurrency;
mod merging;
mod output;
mod receivers;
