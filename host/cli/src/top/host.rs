//! A host as `top` looks at it.

use super::Watched;
use wodehost::board::{Detail, Snapshot};
use wodehost::{Host, JobId};

impl Watched for Host {
    fn look(&self, queued_max: usize) -> Snapshot {
        Host::look(self, queued_max)
    }

    fn detail(&self, job: JobId) -> Option<Detail> {
        Host::detail(self, job)
    }

    fn pause(&self, job: JobId) {
        Host::pause(self, job);
    }

    fn resume(&self, job: JobId) {
        Host::resume(self, job);
    }

    fn cancel(&self, job: JobId) {
        Host::cancel(self, job);
    }

    fn cancel_group(&self, group: &str) {
        Host::cancel_group(self, group);
    }
}
