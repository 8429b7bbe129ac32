//! Names the place of an error from the arrays and maps that are open.
//!
//! Only once something is wrong: a scan that succeeds knows no paths.

use super::scanner::{Frame, Scanner};
use crate::value::error::{ValueError, ValueErrorKind};
use crate::value::format;
use crate::value::path::Path;

impl Scanner {
    /// Names what is wrong in the item at `pos`, or in the map that just ended.
    #[cold]
    pub(super) fn error(&self, bytes: &[u8], kind: ValueErrorKind, offset: usize) -> ValueError {
        let mut path = Path::root();
        // The first parent is the frame of the value itself: no step of a path.
        for parent in self.parents.as_slice().iter().skip(1) {
            let item = parent.items_begun(bytes).saturating_sub(1);
            self.extend_path(&mut path, bytes, parent, item);
        }
        if self.parents.len() > 0 {
            let mut item = self.top.items_begun(bytes);
            if matches!(kind, ValueErrorKind::DuplicateKey { .. }) {
                // A duplicate is found when the map has ended; the path names
                // the value of the second key.
                let marks = &self.marks.as_slice()[self.top.marks_start as usize..];
                item = marks.partition_point(|&mark| mark as usize <= offset) as u64;
            }
            self.extend_path(&mut path, bytes, &self.top, item);
        }
        ValueError {
            kind,
            offset,
            path: path.finish(),
        }
    }

    /// Adds the step from an open array or map to one of its items.
    fn extend_path(&self, path: &mut Path, bytes: &[u8], frame: &Frame, item: u64) {
        if !frame.is_map() {
            path.index(item);
            return;
        }
        if item.is_multiple_of(2) {
            path.inside_key(item / 2);
            return;
        }
        let marks = &self.marks.as_slice()[frame.marks_start as usize..];
        let key_start = marks[item as usize - 1] as usize;
        let key_end = marks
            .get(item as usize)
            .map_or(self.pos, |&mark| mark as usize);
        path.key(&bytes[key_start..key_end]);
    }
}

impl Frame {
    /// How many of its items are read or, the last one, open.
    fn items_begun(&self, bytes: &[u8]) -> u64 {
        let total = format::head(&bytes[self.start as usize..]).map_or(0, |head| head.body);
        total.saturating_sub(self.remaining)
    }
}
