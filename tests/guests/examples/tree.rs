//! A tree of jobs. Job: `[fan, depth]`. Result: how many jobs there were, this one
//! included. Its children are waited for in the order in which they end.

use wodehost_guest::{Dispatch, Failure, jobs, worker};

#[worker]
fn tree(fan: u32, depth: u32) -> Result<u64, Failure> {
    let mut children = Vec::new();
    if depth > 0 {
        for _ in 0..fan {
            let child = Dispatch::to("tree").arg(&fan)?.arg(&(depth - 1))?;
            children.push(jobs::submit(child)?);
        }
    }
    let mut count = 1;
    while !children.is_empty() {
        let waiting: Vec<_> = children.iter().collect();
        let ended = jobs::wait_any(&waiting, None);
        let ended = ended.ok_or_else(|| Failure::new("a wait without a timeout gave up"))?;
        count += children.swap_remove(ended).result::<u64>()?;
    }
    Ok(count)
}
