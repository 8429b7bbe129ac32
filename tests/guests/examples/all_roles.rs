//! Worker, producer and consumer in one component. Config: `{"n"?}`, 3 without. The
//! producer gives 0 … n-1 to worker `all_roles`, which doubles them; the consumer logs
//! the sum as "sum: s" at the end.

use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, Outcome, consumer, host, log, producer, worker};

#[derive(Deserialize)]
struct Config {
    n: Option<u64>,
}

#[producer]
fn numbers() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
    let config: Config = host::config()?;
    Ok((0..config.n.unwrap_or(3)).map(|n| Dispatch::to("all_roles").arg(&n)))
}

#[worker]
fn double(n: u64) -> u64 {
    n * 2
}

#[consumer(finish = report)]
fn add(sum: &mut u64, _job: u64, outcome: Outcome) -> Result<(), Failure> {
    *sum += outcome.data::<u64>()?;
    Ok(())
}

fn report(sum: &mut u64) {
    log::info!("sum: {sum}");
}
