//! The program: reads the command line and hands over.
#![forbid(unsafe_code)]

use std::io;
use std::process::ExitCode;

use clap::Parser as _;
use lead_router::cli::{
    Cli, Command, audit, backup, check, deliveries, demo, diff, find, healthcheck, inquiries, keys,
    leads, schemas, serve, test, worklists,
};

fn main() -> io::Result<ExitCode> {
    let cli = Cli::parse();
    let env = |name: &str| std::env::var(name).ok();
    let out = &mut io::stdout();
    let good = match cli.command {
        None => demo::run(cli.demo, out)?,
        Some(Command::Demo(args)) => demo::run(args, out)?,
        Some(Command::Serve(args)) => serve::run(args)?,
        Some(Command::Check(args)) => check::run(&args, &env, out)?,
        Some(Command::Schemas(args)) => schemas::run(&args, out).map(|()| true)?,
        Some(Command::Test(args)) => test::run(&args, &env, out)?,
        Some(Command::Diff(args)) => diff::run(&args, &env, out)?,
        Some(Command::Keys(args)) => keys::run(&args, keys::random(), out).map(|()| true)?,
        Some(Command::Backup(args)) => backup::run(&args, &env, out)?,
        Some(Command::Healthcheck(args)) => healthcheck::run(&args, &env, out)?,
        Some(Command::Find(args)) => find::run(&args, &env, out)?,
        Some(Command::Worklists(args)) => worklists::run(&args, &env, out)?,
        Some(Command::Leads(args)) => leads::run(&args, &env, out)?,
        Some(Command::Inquiries(args)) => inquiries::run(&args, &env, out)?,
        Some(Command::Deliveries(args)) => deliveries::run(&args, &env, out)?,
        Some(Command::Audit(args)) => audit::run(&args, out)?,
    };
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
