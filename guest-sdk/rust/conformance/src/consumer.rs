//! Logs what it is given.

use crate::request::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wodehost_guest::{Emitted, Failure, Outcome, Raw, checkpoint, consumer, log};

#[derive(Default)]
struct Count(u64);

#[consumer(finish = finish, on_emit = hear)]
fn consume(count: &mut Count, job: Raw, outcome: Outcome) -> Result<(), Failure> {
    if let Some(what) = job.read().ok().and_then(|job| Request::read(job).ok()) {
        match what.with.as_str() {
            Some("consumer fails") => return Err(Failure::of("as asked")),
            Some("consumer throws") => conformance_deep(),
            Some(_) | None => (),
        }
    }
    count.0 += 1;
    log::info!(
        "outcome {} {} {} {} {}",
        STANDARD.encode(&job.0),
        outcome.worker,
        outcome.status,
        outcome.reason,
        STANDARD.encode(&outcome.data::<Raw>()?.0),
    );
    checkpoint::save(&count.0)
}

#[expect(clippy::needless_pass_by_value, reason = "the attribute calls it so")]
fn hear(_: &mut Count, emitted: Emitted) -> Result<(), Failure> {
    let value = STANDARD.encode(&emitted.data::<Raw>()?.0);
    log::info!(
        "emitted {} {} {} {value}",
        emitted.job_id,
        emitted.attempt,
        emitted.seq
    );
    Ok(())
}

fn finish(count: &mut Count) {
    log::info!("finished {}", count.0);
}

#[inline(never)]
#[expect(clippy::panic, reason = "that is what was asked for")]
fn conformance_deep() -> ! {
    panic!("as asked")
}
