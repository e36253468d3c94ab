//! Whole journeys through real processes: many at once, bad receivers, what is written where.

mod concurrency;
mod output;
mod receivers;
