//! A host as `top` looks at it and steers it.

use super::Watched;
use crate::signals::Stopper;
use std::sync::Arc;
use wodehost::board::{Detail, Snapshot};
use wodehost::store::{Change, Changed};
use wodehost::{Host, JobId};

/// A host, and who has to know that the user cancelled something.
pub(crate) struct Steered {
    pub(crate) host: Arc<Host>,
    pub(crate) stopper: Arc<Stopper>,
}

impl Watched for Steered {
    fn look(&self, queued_max: usize) -> Snapshot {
        self.host.look(queued_max)
    }

    fn detail(&self, job: JobId) -> Option<Detail> {
        self.host.detail(job)
    }

    fn pause(&self, job: JobId) {
        self.host.pause(job);
    }

    fn resume(&self, job: JobId) {
        self.host.resume(job);
    }

    fn cancel(&self, job: JobId) {
        self.stopper.user_cancels();
        self.host.cancel(job);
    }

    fn cancel_group(&self, group: &str) {
        self.stopper.user_cancels();
        self.host.cancel_group(group);
    }

    fn change(&self, store: &str, jobs: &[u64], change: Change) -> Result<Vec<Changed>, String> {
        let id = self.host.id();
        if store != id.to_string() {
            return Err("it has another store".to_owned());
        }
        let jobs: Vec<JobId> = jobs.iter().map(|job| JobId::new(id, *job)).collect();
        let changed = match change {
            Change::Retry { resets_state } => self.host.retry_recorded(&jobs, resets_state),
            Change::Cancel => {
                self.stopper.user_cancels();
                self.host.cancel_recorded(&jobs)
            }
            Change::Drop => self.host.drop_recorded(&jobs),
        };
        changed.map_err(|error| error.to_string())
    }
}
