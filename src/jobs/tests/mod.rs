//! The loop behind the queues, against a store in memory and receivers of every kind.

mod flaky;
mod looping;
mod receivers;
mod scene;
