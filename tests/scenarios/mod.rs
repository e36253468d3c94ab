//! What must hold from the first day on, through HTTP, on both engines: one file per scenario.

mod apart;
mod assignment_away;
mod assignment_fairness;
mod defects;
mod known_person;
mod merged;
mod owner_wins;
mod processes;
mod same_person;
mod shared_tablet;
mod stage;
