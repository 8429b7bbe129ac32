//! Jobs as users see them: options, attempts, events, and how they end.

mod earlier;
mod env;
mod event;
mod merge_sort;
mod option;
mod options;
mod outcome;
mod parallel;
mod pipeline;
mod reading;
mod receipts;
mod recorded;
mod retry;
mod state;
mod status;
mod tally;
mod written;

pub use earlier::{EARLIER_MAX, Earlier};
pub use env::{EnvError, JobEnv};
pub use event::{EventSender, Happened, JobEvent, JobEvents, job_events};
pub(crate) use event::{WAITING_BYTES_MAX, WAITING_MAX};
pub(crate) use merge_sort::{Before, merge_sort};
pub use option::{JobOption, OPTIONS, OptionInfo, OptionShape, OptionsError, nearest_option};
pub use options::{JobOptions, Spread};
pub use outcome::Outcome;
pub use parallel::parallel_status;
pub(crate) use parallel::{parallel_data, parallel_message, parallel_reason};
pub use pipeline::{Builtin, Pipeline, PipelineOn, Stage, StageName};
pub use receipts::{RECEIPTS_MAX, Receipts};
pub use recorded::Recorded;
pub use retry::{Backoff, Retries, Retry, RetryOn};
pub(crate) use state::{End, Event, FAULTS_MAX, Over, Step, TaskState};
pub use status::{NoReason, Reason, Status, trap_code};
pub use tally::Tally;
