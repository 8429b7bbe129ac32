//! A producer's calls: an iterator on one side, `next` on the other.

use std::cell::RefCell;

use super::{Problem, flush};
use crate::bindings::wit::types;
use crate::{Dispatch, Failure};

/// What a producer yields: a `Dispatch`, or a result with one.
#[diagnostic::on_unimplemented(
    message = "a producer yields `Dispatch` or `Result<Dispatch, Failure>`, not `{Self}`"
)]
pub trait Item {
    /// The same as a result.
    fn item(self) -> Result<Dispatch, Failure>;
}

impl Item for Dispatch {
    fn item(self) -> Result<Dispatch, Failure> {
        Ok(self)
    }
}

impl<E: Into<Failure>> Item for Result<Dispatch, E> {
    fn item(self) -> Result<Dispatch, Failure> {
        self.map_err(Into::into)
    }
}

/// A producer's iterator, whatever its type was.
pub type Items = Box<dyn Iterator<Item = Result<Dispatch, Failure>>>;

/// Takes what the producer's function returned.
pub fn boxed<I>(items: I) -> Items
where
    I: IntoIterator<Item: Item + 'static, IntoIter: 'static>,
{
    // Fused: the host may ask again after the end.
    Box::new(items.into_iter().fuse().map(Item::item))
}

/// Takes what a producer's function returned that can fail.
pub fn boxed_or_fail<I, E: Into<Failure>>(items: Result<I, E>) -> Result<Items, Failure>
where
    I: IntoIterator<Item: Item + 'static, IntoIter: 'static>,
{
    items.map(boxed).map_err(Into::into)
}

thread_local! {
    /// The iterator, from the first `next` on. A component has one thread and
    /// at most one producer.
    static ITEMS: RefCell<Option<Items>> = const { RefCell::new(None) };
}

/// One call of `next`; `start` is the producer's function, called at the first.
pub fn next(
    start: impl FnOnce() -> Result<Items, Failure>,
) -> Result<Option<types::Dispatch>, Problem> {
    let item = ITEMS.with_borrow_mut(|items| {
        let items = match items {
            Some(items) => items,
            None => items.insert(start()?),
        };
        items.next().transpose()
    });
    flush();
    item.map(|dispatch| dispatch.map(Dispatch::lower))
        .map_err(|failure| failure.value().0.clone())
}
