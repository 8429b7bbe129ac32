//! A parallel job: one item for each argument, one outcome for all.

use super::outcome::Outcome;
use super::status::{Reason, Status};
use crate::value::{OUTCOME_KEY, Value};

/// How the items of a parallel job ended together.
///
/// All the same status is that status; a success among others is mixed; anything
/// else is failure. No item at all is success.
#[must_use]
pub fn parallel_status(items: impl IntoIterator<Item = Status>) -> Status {
    let mut all = None;
    let (mut is_same, mut some_success) = (true, false);
    for status in items {
        is_same &= all.is_none_or(|first| first == status);
        some_success |= matches!(status, Status::Success | Status::Mixed);
        all = Some(status);
    }
    match (all, is_same, some_success) {
        (None, ..) => Status::Success,
        (Some(Status::Success | Status::Timeout | Status::Cancelled), true, _) => {
            all.unwrap_or(Status::Failure)
        }
        (Some(_), _, true) => Status::Mixed,
        (Some(_), _, false) => Status::Failure,
    }
}

/// The reason that goes with the status of a parallel job.
pub(crate) fn parallel_reason(status: Status) -> Reason {
    match status {
        Status::Success => Reason::Returned,
        Status::Cancelled => Reason::Cancelled,
        Status::Unspecified
        | Status::Failure
        | Status::Timeout
        | Status::Mixed
        | Status::Rejected => Reason::Items,
    }
}

/// The sentence for people about items that ended badly.
pub(crate) fn parallel_message(items: &[Outcome]) -> Option<String> {
    let bad = items.iter().filter(|item| !item.is_success());
    let first = bad.clone().next()?;
    let count = bad.count();
    let of = items.len();
    let place = items.iter().position(|item| !item.is_success())? + 1;
    let why = first.message.as_deref().unwrap_or_default();
    let colon = if why.is_empty() { "" } else { ": " };
    Some(format!(
        "{count} of {of} items did not succeed; item {place} ended as {}{colon}{why}",
        first.reason
    ))
}

/// The data of a parallel job: those of its items, or their whole outcomes.
pub(crate) fn parallel_data(items: &[Outcome], whole: bool) -> Value {
    let data = items.iter().map(|item| {
        if whole {
            Value::map([(OUTCOME_KEY, item.to_value())])
        } else {
            item.data.clone()
        }
    });
    Value::array(&data.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Cancelled, Failure, Mixed, Rejected, Success, Timeout};

    // M24
    #[test]
    fn the_status_of_items_together() {
        let table: [(&[Status], Status); 14] = [
            (&[], Success),
            (&[Success, Success], Success),
            (&[Timeout, Timeout], Timeout),
            (&[Cancelled, Cancelled], Cancelled),
            (&[Failure, Failure], Failure),
            (&[Rejected, Rejected], Failure),
            (&[Success, Failure], Mixed),
            (&[Timeout, Success], Mixed),
            (&[Success, Cancelled], Mixed),
            (&[Mixed, Failure], Mixed),
            (&[Mixed, Mixed], Mixed),
            (&[Timeout, Failure], Failure),
            (&[Cancelled, Timeout], Failure),
            (&[Rejected, Cancelled], Failure),
        ];
        for (items, status) in table {
            assert_eq!(parallel_status(items.iter().copied()), status, "{items:?}");
        }
    }
}
