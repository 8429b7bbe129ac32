//! The status board: what plugins write on their lines, what a host is doing, and the
//! model that makes a board of it. Who draws the board is not decided here.
//!
//! | part | what it is |
//! |---|---|
//! | [`Line`] | where a guest writes and whoever looks reads; shared, bounded |
//! | [`Snapshot`] | what a host is doing at one moment; plain data |
//! | [`BoardModel`] | snapshots in, rows and changes out; pure |
//! | [`Digest`] | what all outcomes of a run come to |
//!
//! Nothing is sent when a job starts or ends: whoever wants a board takes a
//! [`Snapshot`] as often as it likes. A host whose board nobody looks at pays for
//! noting who runs on which line, some nanoseconds a job.

mod digest;
mod line;
mod model;
mod pace;
mod said;
mod snapshot;
mod words;

pub use digest::{Digest, Slow};
pub(crate) use line::{Begins, Line, Printed, Runs};
pub use model::{BoardEvent, BoardModel, News, Row};
pub use pace::{Pace, Source};
pub use said::{Change, Look, Progress, Said};
pub use snapshot::{
    Detail, LineChange, LineNow, LogLine, QueueNow, QueuedNow, ResidentNow, ResidentStanding,
    RowId, Snapshot, Standing, Use,
};
pub use words::{Words, WordsError, elapsed_in_words};
