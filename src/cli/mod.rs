//! The command line: one file per subcommand. Without a subcommand it is the demo.
//!
//! Arguments are defined here; `check` and `keys` also run here, for they need nothing but files.
//! The rest is wired by `app`.

use clap::{Parser, Subcommand};

pub mod audit;
pub mod backfill;
pub mod backup;
pub mod check;
pub mod client;
pub mod config;
mod dead;
pub mod deliveries;
pub mod demo;
pub mod destinations;
pub mod diff;
pub mod dispositions;
pub mod doctor;
mod edit;
pub mod explain;
pub mod export;
pub mod find;
mod folder;
pub mod healthcheck;
pub mod init;
pub mod inquiries;
pub mod keys;
pub mod leads;
pub mod members;
pub mod people;
mod preset_list;
pub mod receive;
pub mod report;
mod rule_tests;
mod rule_tests_report;
pub mod rules;
pub mod schemas;
mod secrets;
pub mod serve;
pub mod sources;
pub mod spend;
mod stop_signal;
pub mod test;
pub mod worklists;

/// Verifies, matches, scores and assigns inquiries, and hands them over; loses none.
#[derive(Debug, Parser)]
#[command(name = "lead-router", version, about, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    /// For the demo, when no subcommand is given.
    #[command(flatten)]
    pub demo: demo::DemoArgs,
}

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run as a service
    Serve(serve::ServeArgs),
    /// Run the demo: loopback only, temporary store, built-in receiver (the default)
    Demo(demo::DemoArgs),
    /// Write a small configuration that works at once
    Init(init::InitArgs),
    /// Sources: presets, a new one, what to paste where, a sample post
    Sources(sources::SourcesArgs),
    /// Destinations: presets, a new one, what the receiver needs, a test
    Destinations(destinations::DestinationsArgs),
    /// Play the destinations on this machine and print what arrives
    Receive(receive::ReceiveArgs),
    /// Look at a deployment from end to end and say what to mend
    Doctor(doctor::DoctorArgs),
    /// Check a configuration folder; all errors at once
    Check(check::CheckArgs),
    /// Show the configuration in force and where each value comes from; reload it
    Config(config::ConfigArgs),
    /// Write the JSON Schemas of the configuration into a folder, for an editor
    Schemas(schemas::SchemasArgs),
    /// Run the rule tests of a configuration folder
    Test(test::TestArgs),
    /// Which decisions change from one configuration folder to another
    Diff(Box<diff::DiffArgs>),
    /// API keys
    Keys(keys::KeysArgs),
    /// Walk the store and verify that nothing is lost, doubled or dangling
    Audit(audit::AuditArgs),
    /// Copy the embedded store while the service runs
    Backup(backup::BackupArgs),
    /// Ask whether a running service is well
    Healthcheck(healthcheck::HealthcheckArgs),
    /// Where is my lead? By e-mail, phone, id or time
    Find(find::FindArgs),
    /// Why was it decided so? In words that can be read aloud
    Explain(explain::ExplainArgs),
    /// How many inquiries each routing rule won lately, and what its clauses said
    Rules(rules::RulesArgs),
    /// Pull what a source's webhook missed, from its vendor
    Backfill(backfill::BackfillArgs),
    /// How far inquiries came, what they cost, how soon people dealt with them
    Report(report::ReportArgs),
    /// Report what was spent, from a CSV or JSON file
    Spend(spend::SpendArgs),
    /// Everything that happened, as CloudEvents, one a line
    Export(export::ExportArgs),
    /// What waits for a person
    Worklists(worklists::WorklistsArgs),
    /// Show, assign, release, re-decide and discard leads
    Leads(leads::LeadsArgs),
    /// Say back what became of leads: singly, or as a table
    Dispositions(dispositions::DispositionsArgs),
    /// Pools, and who is away: pause, resume, days off
    Members(members::MembersArgs),
    /// Everything that is held about a person; forget them
    People(people::PeopleArgs),
    /// Show inquiries and why they were decided so; reprocess, release, discard
    Inquiries(inquiries::InquiriesArgs),
    /// List, replay and drop deliveries; pause and resume destinations
    Deliveries(deliveries::DeliveriesArgs),
}

#[cfg(test)]
mod tests;
