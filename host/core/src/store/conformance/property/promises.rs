//! What a store answered, and must not take back: no model, only what was heard.

use crate::store::{Answer, Reader, Write};
use std::collections::BTreeMap;

/// What was heard so far.
#[derive(Default)]
pub(super) struct Promises {
    jobs: BTreeMap<u64, Heard>,
    /// The most numbers that were somebody's.
    next: u64,
}

/// What was heard of a job.
#[derive(Default)]
struct Heard {
    fence: u32,
    /// That it ended, and nobody had it tried again.
    has_ended: bool,
    parent: Option<u64>,
}

impl Promises {
    /// Takes in a batch and its answers.
    pub(super) fn heard(&mut self, writes: &[Write], answers: &[Answer]) {
        for (write, answer) in writes.iter().zip(answers) {
            if let Answer::Claimed(entries) = answer {
                for entry in entries {
                    let heard = self.jobs.entry(entry.job.number).or_default();
                    assert!(entry.fence > heard.fence, "a claim raises the fence");
                    assert!(!heard.has_ended, "what is over is not claimed");
                    heard.fence = entry.fence;
                }
            }
            if *answer == Answer::Done {
                self.taken(write);
            }
        }
    }

    fn taken(&mut self, write: &Write) {
        match write {
            Write::Submit(job) => {
                let heard = Heard {
                    fence: u32::from(job.claim.is_some()),
                    has_ended: false,
                    parent: job.parent.as_ref().map(|parent| parent.number),
                };
                let old = self.jobs.insert(job.number, heard);
                assert!(old.is_none(), "a number belongs to one job");
                self.next = self.next.max(job.number + job.span);
            }
            Write::Finish { number, .. } => {
                let heard = self.jobs.entry(*number).or_default();
                assert!(!heard.has_ended, "job {number} ends once");
                heard.has_ended = true;
            }
            Write::Retry { number, .. } => {
                self.jobs.entry(*number).or_default().has_ended = false;
            }
            Write::Drop { number, .. } => self.dropped(*number),
            Write::Begin(_)
            | Write::Renew { .. }
            | Write::Expire(_)
            | Write::Claim { .. }
            | Write::Conditions { .. }
            | Write::Checkpoint { .. }
            | Write::Again { .. }
            | Write::Release { .. }
            | Write::Lost { .. }
            | Write::Deliver { .. }
            | Write::Cursor { .. }
            | Write::Rename { .. }
            | Write::Plugin { .. } => {}
        }
    }

    fn dropped(&mut self, number: u64) {
        self.jobs.remove(&number);
        let is_child = |heard: &&u64| self.jobs[heard].parent == Some(number);
        let children: Vec<u64> = self.jobs.keys().filter(is_child).copied().collect();
        for child in children {
            self.dropped(child);
        }
    }

    /// Everything that was heard is so still, and fences only rise.
    pub(super) fn kept(&mut self, read: &mut dyn Reader) {
        assert!(read.next_number().unwrap() >= self.next);
        for (number, heard) in &mut self.jobs {
            let entry = read.find(*number).unwrap();
            let entry = entry.unwrap_or_else(|| panic!("job {number} is lost"));
            assert!(entry.fence >= heard.fence, "the fence of {number} rises");
            assert!(
                !heard.has_ended || entry.done().is_some(),
                "{number} is over"
            );
            heard.fence = entry.fence;
        }
    }
}
