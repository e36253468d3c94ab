//! The steps on jobs: claim, settle, redrive, pause; their arguments as the scripts name them.

use ::redis::Value;

use super::answer::Answer;
use super::commit::{add_job, life};
use super::pieces::Pieces;
use super::script::{CLAIM, Call, Function, PAUSE, REDRIVE, SETTLE};
use crate::domain::packing::pack;
use crate::domain::ports::{ClaimJobs, Claimed, Pause, Redrive, Settle, Settled, StoreError};
use crate::domain::{
    DeadKind, DeliveryId, Index, JobOutcome, LeasedJob, Name, Pace, Shard, Timestamp,
};
use crate::store::space::Space;
use crate::store::step::JobValue;
use crate::store::step::redrive::state_after;

/// The call of a claim.
pub(super) fn claim(claim: &ClaimJobs) -> Call {
    let mut call = begin(CLAIM, &claim.workspace, claim.now);
    call.arg(claim.queue.as_str()).arg(claim.incarnation.as_str());
    call.arg(claim.permits).arg(claim.lease_ms).arg(claim.take);
    pace(&mut call, claim.pace);
    for name in &claim.lapsed {
        call.arg(name.as_str());
    }
    call
}

/// The call of a settle.
pub(super) fn settle(settle: &Settle) -> Call {
    let now = settle.now;
    let mut call = begin(SETTLE, &settle.workspace, now);
    call.arg(settle.queue.as_str()).arg(settle.incarnation.as_str()).arg(settle.job.as_bytes());
    match &settle.outcome {
        JobOutcome::Done { until } => call.arg("done").arg(life(*until, now)),
        JobOutcome::Again { due } => {
            call.arg("again").arg((*due).max(Timestamp::EPOCH).as_millis())
        }
        JobOutcome::Dead => {
            let of = Index::DeadOf(DeadKind::of_state(&settle.state), settle.queue.clone());
            call.arg("dead").arg(of.encode())
        }
        JobOutcome::HandedOver { until, .. } => call.arg("handed_over").arg(life(*until, now)),
        JobOutcome::Released => call.arg("released").arg(0),
    };
    call.arg(&*pack(&settle.state));
    match &settle.pause {
        Some(pause) => call.arg(pause_text(pause)).arg(pause_end(pause)),
        None => call.arg("").arg(""),
    };
    call.arg(settle.permits).arg(settle.lease_ms).arg(settle.take);
    pace(&mut call, settle.pace);
    if let JobOutcome::HandedOver { job, .. } = &settle.outcome {
        let mut arguments = Pieces::default();
        add_job(&Space::new(&settle.workspace), job, &mut arguments);
        for argument in arguments.iter() {
            call.arg(argument);
        }
    }
    call
}

/// What a settle came to.
pub(super) fn settled(settle: &Settle, value: Value) -> Result<Settled, StoreError> {
    if value == Value::Int(0) {
        return Ok(Settled::LeaseLost);
    }
    claimed(settle.now, settle.lease_ms, value).map(Settled::Done)
}

/// What a claim came to.
pub(super) fn claimed(now: Timestamp, lease_ms: u32, value: Value) -> Result<Claimed, StoreError> {
    let mut answer = Answer::of(value)?;
    let next_due = answer.maybe_time()?;
    let lease_until = Timestamp::from_millis(now.as_millis() + i64::from(lease_ms));
    let mut jobs: Vec<LeasedJob> = Vec::new();
    while !answer.is_over() {
        let id = DeliveryId::from_bytes(answer.id()?);
        jobs.push(JobValue::read(&answer.bytes()?)?.leased(id, lease_until));
    }
    Ok(Claimed { jobs, next_due })
}

/// The call of a redrive, given the dead job's state.
pub(super) fn redrive(
    workspace: &Name,
    job: DeliveryId,
    now: Timestamp,
    how: Redrive,
    state: &[u8],
) -> Call {
    let mut call = begin(REDRIVE, workspace, now);
    let (word, until) = match how {
        Redrive::Replay => ("replay", now),
        Redrive::Drop { until } => ("drop", until),
    };
    call.arg(job.as_bytes()).arg(word).arg(&*pack(&state_after(state, how, now)));
    call.arg(life(until, now));
    call
}

/// The call of a pause.
pub(super) fn pause(workspace: &Name, queue: &Name, now: Timestamp, pause: Option<&Pause>) -> Call {
    let mut call = begin(PAUSE, workspace, now);
    call.arg(queue.as_str()).arg(pause.map_or(String::new(), pause_text));
    call
}

/// A script that works on one workspace: its first two arguments are workspace and time.
pub(super) fn begin(function: Function, workspace: &Name, now: Timestamp) -> Call {
    let mut call = Call::new(function, Shard::of(workspace));
    call.arg(workspace.as_str()).arg(now.as_millis());
    call
}

/// How fast, as three numbers; as it likes = 0, 0, 0.
fn pace(call: &mut Call, pace: Option<Pace>) {
    let pace = pace.unwrap_or(Pace { every_us: 0, burst: 0, jobs: 0 });
    call.arg(pace.every_us).arg(pace.burst).arg(pace.jobs);
}

fn pause_end(pause: &Pause) -> String {
    pause.until.map_or_else(|| "-".to_owned(), |until| until.as_millis().to_string())
}

fn pause_text(pause: &Pause) -> String {
    format!("{}|{}", pause.reason, pause_end(pause))
}
