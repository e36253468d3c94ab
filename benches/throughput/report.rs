//! The report, and its place in `docs/performance.md`.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::figures::{Figures, Run, Spread};
use crate::load::{CONNECTIONS, CONNECTIONS_MORE};
use crate::{Extent, Outcome, machine};

const BEGIN: &str = "<!-- measured: begin (written by `make bench`) -->";
const END: &str = "<!-- measured: end -->";

/// Writes the text between the marks of its page.
pub fn write(text: &str) -> Outcome<PathBuf> {
    write_to("docs/performance.md", (BEGIN, END), text)
}

/// Writes a text between two marks of a page.
pub fn write_to(page: &str, (begin, end): (&str, &str), text: &str) -> Outcome<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(page);
    let held = std::fs::read_to_string(&path)?;
    let (before, rest) = held.split_once(begin).ok_or_else(|| format!("{page}: no {begin}"))?;
    let (_, after) = rest.split_once(end).ok_or_else(|| format!("{page}: no {end}"))?;
    std::fs::write(&path, format!("{before}{begin}\n{text}{end}{after}"))?;
    Ok(path)
}

/// The figures in Markdown.
pub fn text(extent: Extent, found: &Figures) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = place(&mut out, extent, found);
    let _ = accepting(&mut out, found);
    let _ = ratios(&mut out, found);
    let _ = delivering(&mut out, found);
    let _ = memory(&mut out, found);
    out
}

fn over<T>(of: &[T], figure: impl Fn(&T) -> f64) -> Spread {
    Spread::of(of.iter().map(figure))
}

fn place(out: &mut String, extent: Extent, found: &Figures) -> std::fmt::Result {
    let others = Spread::of(
        [&found.b, &found.b_prime, &found.paused, &found.embedded]
            .into_iter()
            .flatten()
            .map(|run| 100.0 * run.others),
    );
    writeln!(
        out,
        "{}. {}; lead-router {}, {}, redis-server {}. {} repetitions, each run {} s after {} ms of warming up.",
        machine::date(),
        machine::line(),
        env!("CARGO_PKG_VERSION"),
        machine::version("rustc", "--version"),
        found.redis,
        extent.reps,
        extent.secs.as_secs(),
        extent.warm.as_millis(),
    )?;
    let noise =
        if others.median >= 5.0 { " **A noisy machine: take the ratios with care.**" } else { "" };
    writeln!(
        out,
        "Others on the machine used {:.0} % of it in the median run ({:.0} to {:.0} %).{noise}\n",
        others.median, others.least, others.most
    )
}

fn line(out: &mut String, what: &str, runs: &[Run]) -> std::fmt::Result {
    let rate = over(runs, |run| run.per_second);
    writeln!(
        out,
        "| {what} | {:.0} ({:.0} to {:.0}) | {:.1} / {:.1} | {:.1} | {:.1} | {:.1} in {:.2} | {:.2} | {:.0} % |",
        rate.median,
        rate.least,
        rate.most,
        over(runs, |run| run.p50).median,
        over(runs, |run| run.p99).median,
        over(runs, |run| run.cpu_us).median,
        over(runs, |run| run.redis_cpu_us).median,
        over(runs, |run| run.script_us).median,
        over(runs, |run| run.calls).median,
        over(runs, |run| run.rounds).median,
        100.0 * over(runs, |run| run.idle).median,
    )
}

fn accepting(out: &mut String, found: &Figures) -> std::fmt::Result {
    writeln!(out, "### Accepting\n")?;
    writeln!(
        out,
        "| closed loop, {CONNECTIONS} connections | accepted/s: median (least to most) | p50 / p99 ms | CPU us per inquiry | of Redis | of that in the script, in how many calls | rounds | of the machine idle |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- | --- |")?;
    line(out, "b: bare route, one small script", &found.b)?;
    line(out, "b': bare route, our commit script", &found.b_prime)?;
    line(out, "the service, deliveries paused", &found.paused)?;
    line(out, "the service, embedded store", &found.embedded)?;
    line(out, &format!("b', {CONNECTIONS_MORE} connections"), &found.b_prime_more)?;
    line(out, &format!("the service, {CONNECTIONS_MORE} connections"), &found.paused_more)?;
    let stages = found.stages;
    writeln!(
        out,
        "\nThe pure part of an inquiry alone, on one thread: {:.1} us to capture it, {:.1} to normalise it, {:.1} for its keys, {:.1} to decide and write the commit down.\n",
        stages.capture, stages.normalise, stages.keys, stages.decide
    )
}

fn ratios(out: &mut String, found: &Figures) -> std::fmt::Result {
    let inside = |part: &[f64], whole: &[f64]| {
        Spread::of(part.iter().zip(whole).map(|(part, whole)| part / whole))
    };
    let rate = |runs: &[Run]| runs.iter().map(|run| run.per_second).collect::<Vec<_>>();
    let (b, own, paused) = (rate(&found.b), rate(&found.b_prime), rate(&found.paused));
    let delivered: Vec<f64> = found.through.iter().map(|through| through.delivered).collect();
    let script = |runs: &[Run]| runs.iter().map(|run| run.script_us).collect::<Vec<_>>();
    writeln!(out, "### Ratios, each inside one repetition\n")?;
    writeln!(out, "| ratio | median (least to most) | goal |\n| --- | --- | --- |")?;
    let rows = [
        ("accepted, deliveries paused / b", inside(&paused, &b), "0.40"),
        ("accepted, deliveries paused / b'", inside(&paused, &own), "0.85; below 0.6 is a fault"),
        (
            &format!("the same over {CONNECTIONS_MORE} connections"),
            inside(&rate(&found.paused_more), &rate(&found.b_prime_more)),
            "",
        ),
        ("delivered to the last one / b", inside(&delivered, &b), "0.25"),
        (
            "time in the commit script / in b's, per inquiry",
            inside(&script(&found.b_prime), &script(&found.b)),
            "2.5; above 4 is a fault",
        ),
        ("b' / b", inside(&own, &b), ""),
        ("accepted, embedded store / b", inside(&rate(&found.embedded), &b), ""),
    ];
    for (what, spread, goal) in rows {
        let Spread { median, least, most } = spread;
        writeln!(out, "| {what} | {median:.2} ({least:.2} to {most:.2}) | {goal} |")?;
    }
    writeln!(out)
}

fn delivering(out: &mut String, found: &Figures) -> std::fmt::Result {
    let through = &found.through;
    let delivered = over(through, |it| it.delivered);
    let outbound = Spread::of(found.outbound.iter().copied());
    writeln!(out, "### Delivering\n")?;
    writeln!(
        out,
        "- Under a closed loop: {:.0} accepted/s and {:.0} delivered/s while it lasts; to the last one {:.0} delivered/s ({:.0} to {:.0}); {:.0} us of the service and {:.0} us of Redis per delivery, accepting included. Delivered twice: {}.",
        over(through, |it| it.accepted).median,
        over(through, |it| it.meanwhile).median,
        delivered.median,
        delivered.least,
        delivered.most,
        over(through, |it| it.cpu_us).median,
        over(through, |it| it.redis_cpu_us).median,
        through.iter().map(|it| it.again).sum::<u64>(),
    )?;
    writeln!(
        out,
        "- The bare outbound client (o): {:.0} posts/s ({:.0} to {:.0}).",
        outbound.median, outbound.least, outbound.most
    )?;
    let half = &found.half;
    writeln!(
        out,
        "- At half of that, {:.0}/s, open loop, from when each inquiry was due: answered after {:.1} ms (p50) and {:.1} ms (p99), at the receiver after {:.1} and {:.1} ms.\n",
        over(half, |it| it.rate).median,
        over(half, |it| it.accept.0).median,
        over(half, |it| it.accept.1).median,
        over(half, |it| it.arrival.0).median,
        over(half, |it| it.arrival.1).median,
    )
}

fn memory(out: &mut String, found: &Figures) -> std::fmt::Result {
    let mib = |bytes: u64| crate::figures::ratio(bytes, 1024 * 1024);
    writeln!(out, "### Memory and start\n")?;
    if let Some(memory) = &found.memory {
        writeln!(
            out,
            "- Redis, {} distinct leads: {:.0} bytes per lead with its job queued, {:.0} after delivery. By kind, with the job queued:",
            memory.leads, memory.queued, memory.delivered
        )?;
        for (kind, bytes) in &memory.kinds {
            writeln!(out, "  - {kind}: {bytes:.0}")?;
        }
        writeln!(
            out,
            "- The service, resident: {:.0} MiB before, {:.0} MiB with {} jobs queued, at most {:.0} MiB while they are delivered; at most {:.0} MiB under the closed loop with deliveries.",
            mib(memory.idle),
            mib(memory.resident_queued),
            memory.leads,
            mib(memory.resident_most),
            mib(found.through.iter().map(|it| it.resident).max().unwrap_or(0)),
        )?;
    }
    let millis = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
    let healthy = over(&found.starts, |start| millis(start.healthy));
    let accepted = over(&found.starts, |start| millis(start.accepted));
    writeln!(
        out,
        "- Start, from exec: first 200 of `/healthz` after {:.0} ms ({:.0} to {:.0}), first 202 after {:.0} ms ({:.0} to {:.0}); {:.0} MiB resident then.",
        healthy.median,
        healthy.least,
        healthy.most,
        accepted.median,
        accepted.least,
        accepted.most,
        over(&found.starts, |start| mib(start.resident)).median,
    )
}
