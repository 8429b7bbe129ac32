//! How many values may be in memory, and how much of them: the reader takes places, the
//! writer gives them back.
//!
//! Places are handed out in portions. A reader that were woken for each one would
//! change threads twice a job, which costs more than a small job does.

use crate::input::Place;
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The most places that are taken at once.
const PORTION_MAX: usize = 64;

/// Values of fewer bytes are not weighed: as many as there are places are little.
const WEIGHED_BYTES: usize = 4 << 10;

/// See the module.
#[derive(Debug)]
pub(crate) struct Window {
    free: Mutex<Free>,
    more: Condvar,
    /// A reader that waits is woken when so many places are free.
    portion: usize,
    /// Places are handed out in multiples of it.
    chunk: usize,
    /// So many bytes of values that are weighed, and the reader waits.
    bytes_max: u64,
}

#[derive(Debug)]
struct Free {
    places: usize,
    /// The bytes of each value that was weighed, and of all.
    weighed: BTreeMap<Place, u64>,
    bytes: u64,
    is_closed: bool,
}

impl Window {
    /// A window of so many places, at least one, in front of so many slots. A reader
    /// that waits for its portion leaves enough in front of the slots. Places for a chunk
    /// are handed out together; a chunk is no larger than the window.
    pub(crate) fn new(places: usize, slots: usize, chunk: usize, bytes_max: u64) -> Window {
        let places = places.max(1);
        let chunk = chunk.clamp(1, places);
        let spare = places.saturating_sub(slots.saturating_mul(2));
        Window {
            free: Mutex::new(Free {
                places,
                weighed: BTreeMap::new(),
                bytes: 0,
                is_closed: false,
            }),
            more: Condvar::new(),
            portion: (spare / 4).clamp(1, PORTION_MAX).max(chunk),
            chunk,
            bytes_max,
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

    /// Weighs the value at a place: whether there are now as many bytes as there may be.
    pub(crate) fn weigh(&self, place: Place, bytes: usize) -> bool {
        if bytes < WEIGHED_BYTES {
            return false;
        }
        let mut free = self.lock();
        free.weighed.insert(place, bytes as u64);
        free.bytes += bytes as u64;
        free.bytes >= self.bytes_max
    }

    /// Waits until there are fewer bytes than there may be.
    pub(crate) fn wait_for_bytes(&self) {
        let free = self.lock();
        let is_full = |free: &mut Free| free.bytes >= self.bytes_max && !free.is_closed;
        drop(self.more.wait_while(free, is_full));
    }

    /// Gives a place back, with the bytes of its value.
    pub(crate) fn give_back(&self, place: Place) {
        let mut free = self.lock();
        // A reader waits for one of both, never for both at once.
        let has = |free: &Free| [free.places >= self.portion, free.bytes < self.bytes_max];
        let before = has(&free);
        free.places += 1;
        free.bytes -= free.weighed.remove(&place).unwrap_or_default();
        let wake = before != has(&free);
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

    fn of_places(places: usize, slots: usize, chunk: usize) -> Window {
        Window::new(places, slots, chunk, u64::MAX)
    }

    /// Gives places of small values back.
    fn give(window: &Window, places: u64) {
        for line in 0..places {
            window.give_back(Place::Line(line));
        }
    }

    #[test]
    fn no_more_places_are_taken_than_there_are() {
        let window = of_places(100, 0, 1);
        assert_eq!(window.take(), 64);
        assert_eq!(window.take(), 36);
        give(&window, 25);
        assert_eq!(window.take(), 25);
    }

    #[test]
    fn slots_never_wait_for_a_portion() {
        let window = of_places(200, 200, 1);
        let taken = [window.take(), window.take(), window.take(), window.take()];
        assert_eq!(taken, [64, 64, 64, 8]);
    }

    // J26
    #[test]
    fn places_for_a_chunk_come_together() {
        let window = of_places(100, 4, 30);
        assert_eq!([window.take(), window.take()], [60, 30]);
        give(&window, 19);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| window.take());
            give(&window, 1);
            assert_eq!(waiting.join().expect("no panic"), 30);
        });
        assert_eq!(of_places(10, 4, 30).take(), 10);
    }

    #[test]
    fn the_smallest_window_goes_one_by_one() {
        let window = of_places(0, 4, 1);
        assert_eq!(window.take(), 1);
        give(&window, 1);
        assert_eq!(window.take(), 1);
    }

    #[test]
    fn whoever_waits_goes_on_when_places_come_back() {
        let window = of_places(4, 4, 1);
        assert_eq!(window.take(), 4);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| window.take());
            give(&window, 1);
            assert_eq!(waiting.join().expect("no panic"), 1);
        });
    }

    #[test]
    fn a_closed_window_lets_nobody_wait() {
        let window = of_places(1, 4, 1);
        assert_eq!(window.take(), 1);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| window.take());
            window.close();
            assert_eq!(waiting.join().expect("no panic"), 0);
        });
    }

    #[test]
    fn large_values_are_weighed_until_their_places_come_back() {
        let window = Window::new(100, 4, 1, 10_000);
        let at = Place::Line;
        assert!(!window.weigh(at(1), 4000), "too small to be weighed");
        assert!(!window.weigh(at(2), 6000));
        // Places are there, which is another matter.
        assert_eq!(window.take(), 64);
        assert!(window.weigh(at(3), 6000));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| window.wait_for_bytes());
            window.give_back(at(1));
            window.give_back(at(2));
            waiting.join().expect("no panic");
        });
        assert!(window.weigh(at(4), 1 << 30), "one is taken however large");
        window.close();
        window.wait_for_bytes();
    }

    #[test]
    fn who_waits_for_bytes_needs_no_places() {
        let window = Window::new(10, 0, 1, 10_000);
        assert_eq!(window.take(), 10);
        assert!(window.weigh(Place::Line(1), 10_000));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| window.wait_for_bytes());
            window.give_back(Place::Line(1));
            waiting.join().expect("no panic");
        });
    }
}
