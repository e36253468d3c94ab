//! What must hold from the first day on, through HTTP, on both engines: one file per scenario.

mod apart;
mod assignment_away;
mod assignment_fairness;
mod defects;
mod engines;
mod fetched;
mod first_level;
mod known_person;
mod merged;
mod owner_wins;
mod processes;
mod s01_bant_score_explained;
mod s02_eligibility_gate;
mod s03_zero_is_a_score;
mod s10_rule_error_is_loud;
mod s13_decay_by_construction;
mod s14_dry_run;
mod s15_refused;
mod s16_rule_error;
mod same_person;
mod scene;
mod shared_tablet;
mod stage;
mod tables;
mod unresponsive;
