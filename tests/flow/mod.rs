//! Whole journeys through real processes: many at once, bad receivers, what is written where.

mod accounts;
mod backlog;
mod concurrency;
mod dead;
mod merging;
mod output;
mod receivers;
mod turns;
