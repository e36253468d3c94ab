//! The program: reads the command line and hands over.
#![forbid(unsafe_code)]

use std::io;
use std::process::ExitCode;

use clap::Parser as _;
use lead_router::cli::{Cli, Command, check, keys};

fn main() -> io::Result<ExitCode> {
    let cli = Cli::parse();
    let out = &mut io::stdout().lock();
    let good = match cli.command {
        Some(Command::Check(args)) => check::run(&args, &|name| std::env::var(name).ok(), out)?,
        Some(Command::Keys(args)) => keys::run(&args, keys::random(), out).map(|()| true)?,
        _ => false,
    };
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
