//! How many values may be in memory: the reader takes places, the writer gives
//! them back.
//!
//! Places are handed out in portions. A reader that were woken for each one would
//! change threads twice a job, which costs more than a small job does.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The most places that are taken at once.
const PORTION_MAX: usize = 64;

/// See the module.
#[derive(Debug)]
pub(crate) struct Window {
    free: Mutex<Free>,
    more: Condvar,
    /// A reader that waits is woken when so many places are free.
    portion: usize,
    /// Places are handed out in multiples of it.
    chunk: usize,
}

#[derive(Debug)]
struct Free {
    places: usize,
    is_closed: bool,
}

impl Window {
    /// A window of so many places, at least one, in front of so many slots. A reader
    /// that waits for its portion leaves enough in front of the slots. Places for a chunk
    /// are handed out together; a chunk is no larger than the window.
    pub(crate) fn new(places: usize, slots: usize, chunk: usize) -> Window {
        let places = places.max(1);
        let chunk = chunk.clamp(1, places);
        let spare = places.saturating_sub(slots.saturating_mul(2));
        Window {
            free: Mutex::new(Free {
                places,
                is_closed: false,
            }),
            more: Condvar::new(),
            portion: (spare / 4).clamp(1, PORTION_MAX).max(chunk),
            chunk,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Free> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for places and takes some; 0 = the window was closed.
    pub(crate) fn take(&self) -> usize {
        let free = self.lock();
        let mut free = self
            .more
            .wait_while(free, |free| free.places < self.portion && !free.is_closed)
            .unwrap_or_else(PoisonError::into_inner);
        if free.is_closed {
            return 0;
        }
        let most = free.places.min(PORTION_MAX.max(self.chunk));
        let taken = most - most % self.chunk;
        free.places -= taken;
        taken
    }

    /// Gives places back.
    pub(crate) fn give(&self, places: usize) {
        let mut free = self.lock();
        let waits = free.places < self.portion;
        free.places += places;
        let wake = waits && free.places >= self.portion;
        drop(free);
        if wake {
            self.more.notify_one();
        }
    }

    /// Lets nobody in any more.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.more.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_places_are_taken_than_there_are() {
        let window = Window::new(100, 0, 1);
        assert_eq!(window.take(), 64);
        assert_eq!(window.take(), 36);
        window.give(25);
        assert_eq!(window.take(), 25);
    }

    #[test]
    fn slots_never_wait_for_a_portion() {
        let window = Window::new(200, 200, 1);
        let taken = [window.take(), window.take(), window.take(), window.take()];
        assert_eq!(taken, [64, 64, 64, 8]);
    }

    // J26
    #[test]
    fn places_for_a_chunk_come_together() {
        let window = Window::new(100, 4, 30);
        assert_eq!([window.take(), window.take()], [60, 30]);
        window.give(19);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| window.take());
            window.give(1);
            assert_eq!(waiting.join().expect("no panic"), 30);
        });
        assert_eq!(Window::new(10, 4, 30).take(), 10);
    }

    #[test]
    fn the_smallest_window_goes_one_by_one() {
        let window = Window::new(0, 4, 1);
        assert_eq!(window.take(), 1);
        window.give(1);
        assert_eq!(window.take(), 1);
    }

    #[test]
    fn whoever_waits_goes_on_when_places_come_back() {
        let window = Window::new(4, 4, 1);
        assert_eq!(window.take(), 4);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| window.take());
            window.give(1);
            assert_eq!(waiting.join().expect("no panic"), 1);
        });
    }

    #[test]
    fn a_closed_window_lets_nobody_wait() {
        let window = Window::new(1, 4, 1);
        assert_eq!(window.take(), 1);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| window.take());
            window.close();
            assert_eq!(waiting.join().expect("no panic"), 0);
        });
    }
}
