//! A run's parts that are not the library's: which plugin plays which role, and
//! where outcomes go that no consumer takes.

mod deliver;
mod plan;
mod watch;

pub(crate) use deliver::{Delivery, deliver_to_stdout};
pub(crate) use plan::{Named, Plan, Role};
pub(crate) use watch::Watcher;
