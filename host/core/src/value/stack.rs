//! A stack for the scanner that allocates only when it grows beyond a few items.
//!
//! Most values are small, and for those the first few places are all there is
//! to set up. It does not limit its growth: who pushes does.

/// Items on top of each other, the first `FEW` of them in place.
#[derive(Debug)]
pub(super) struct Stack<T, const FEW: usize> {
    few: [T; FEW],
    /// All items, once there were more than `FEW`; otherwise empty.
    many: Vec<T>,
    len: usize,
}

impl<T: Copy + Default, const FEW: usize> Stack<T, FEW> {
    pub(super) fn new() -> Self {
        Self {
            few: [T::default(); FEW],
            many: Vec::new(),
            len: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn push(&mut self, item: T) {
        if self.many.is_empty() {
            if let Some(place) = self.few.get_mut(self.len) {
                *place = item;
                self.len += 1;
                return;
            }
            self.many.extend_from_slice(&self.few);
        }
        self.many.push(item);
        self.len += 1;
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        let last = *self.as_slice().last()?;
        self.truncate(self.len - 1);
        Some(last)
    }

    pub(super) fn as_slice(&self) -> &[T] {
        if self.many.is_empty() {
            &self.few[..self.len]
        } else {
            &self.many
        }
    }

    /// Forgets what is above the lowest `len` items.
    pub(super) fn truncate(&mut self, len: usize) {
        // Items stay in `many` until none is left: a stack that goes back and
        // forth over the border would copy each time.
        self.many.truncate(len);
        self.len = self.len.min(len);
    }
}
