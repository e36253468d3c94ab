//! Tests of assign.
mod pick;
