//! The scanner's work: one pass over the bytes, without recursion.
//!
//! All it knows between two calls is where it stands and which arrays and maps
//! are open; the bytes stay with the caller.

use super::ScanLimits;
use crate::value::error::{ValueError, ValueErrorKind};
use crate::value::format::{self, FIXED, Kind, NoHead};
use crate::value::keys;
use crate::value::path::Path;
use crate::value::stack::Stack;

/// How far a [`Scanner`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The value is complete and has so many bytes.
    Complete {
        /// Length of the value from the start of the buffer.
        bytes: usize,
    },
    /// What is there is the beginning of a value.
    Incomplete {
        /// A lower bound of the bytes to come. It adds up lengths that were
        /// claimed, so it is no size for a buffer; it fits the limit, though.
        missing: u64,
    },
}

/// A scan that can wait for more bytes.
///
/// ```
/// # use wodehost::value::{Progress, ScanLimits, Scanner};
/// let mut scanner = Scanner::new(ScanLimits::default());
/// let mut buffer = vec![0x92, 0x01];
/// assert_eq!(scanner.resume(&buffer)?, Progress::Incomplete { missing: 1 });
/// buffer.extend([0x02, 0xc0]);
/// assert_eq!(scanner.resume(&buffer)?, Progress::Complete { bytes: 3 });
/// # Ok::<(), wodehost::value::ValueError>(())
/// ```
#[derive(Debug)]
pub struct Scanner {
    pub(super) bytes_max: usize,
    pub(super) depth_max: usize,
    /// Everything before is checked; an item starts here, or the value ends.
    pub(super) pos: usize,
    /// The innermost open array or map, or the frame of the value itself.
    pub(super) top: Frame,
    /// Those around it, outermost first: as many as arrays and maps are open.
    pub(super) parents: Stack<Frame, 8>,
    /// Offsets of the items of all open maps, innermost last: keys at even
    /// places of a map's part, their values at odd ones. A key ends where its
    /// value starts.
    pub(super) marks: Stack<u32, 32>,
}

/// An array or map that is open.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Frame {
    /// Values still to come; a key counts as one.
    pub(super) remaining: u64,
    /// Offset of the header.
    pub(super) start: u32,
    /// Where this map's part of the marks starts; [`NO_MAP`] for an array.
    pub(super) marks_start: u32,
}

/// No map starts its marks here: there are at most as many marks as bytes.
const NO_MAP: u32 = u32::MAX;

/// Why a scan stops before the end of its value.
pub(super) enum Stop {
    /// The item at `pos` lacks at least so many bytes.
    Short(u64),
    /// This is no value; with the offset.
    Wrong(ValueErrorKind, usize),
}

impl Scanner {
    /// A scan that has seen nothing yet.
    #[must_use]
    pub fn new(limits: ScanLimits) -> Self {
        Self {
            // Offsets are kept in 32 bits.
            bytes_max: limits.bytes_max.min(u32::MAX as usize),
            depth_max: limits.depth_max.min(ScanLimits::DEPTH_CAP),
            pos: 0,
            top: Frame {
                remaining: 1,
                start: 0,
                marks_start: NO_MAP,
            },
            parents: Stack::new(),
            marks: Stack::new(),
        }
    }

    /// Goes on with what is there now: all bytes from the value's start, of
    /// which those of earlier calls are the same. Bytes behind the value are
    /// not looked at. After an error, or for the next value, take a new scanner.
    pub fn resume(&mut self, bytes: &[u8]) -> Result<Progress, ValueError> {
        let view = &bytes[..bytes.len().min(self.bytes_max)];
        match self.advance(view) {
            Ok(()) => Ok(Progress::Complete { bytes: self.pos }),
            Err(Stop::Short(missing)) => {
                let missing = self.missing_in_all(missing);
                let bytes_min = missing.saturating_add(view.len() as u64);
                if bytes_min > self.bytes_max as u64 {
                    Err(self.too_large(bytes_min))
                } else {
                    Ok(Progress::Incomplete { missing })
                }
            }
            Err(Stop::Wrong(kind, offset)) => Err(self.error(view, kind, offset)),
        }
    }

    /// Scans to the end of the value or as far as it can.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        loop {
            while self.top.remaining == 0 {
                let Some(parent) = self.parents.pop() else {
                    return Ok(());
                };
                self.close(bytes, parent)?;
            }
            if !self.top.is_map() {
                self.skip_fixed(bytes);
                if self.top.remaining == 0 {
                    continue;
                }
            }
            self.item(bytes)?;
        }
    }

    /// Takes the scalars of fixed length that come next in an array.
    ///
    /// Neighbours mostly have the same header. Guessing so, and checking the
    /// guess, frees the processor from waiting for each length.
    fn skip_fixed(&mut self, bytes: &[u8]) {
        let mut rest = &bytes[self.pos..];
        let mut remaining = self.top.remaining;
        while remaining > 0
            && let Some(&first) = rest.first()
        {
            let fixed = usize::from(FIXED[usize::from(first)]);
            if fixed == 0 || fixed > rest.len() {
                break;
            }
            if fixed == 1 {
                rest = &rest[1..];
                remaining -= 1;
                let within = usize::try_from(remaining).map_or(rest.len(), |n| n.min(rest.len()));
                let run = leading_small_integers(&rest[..within]);
                rest = &rest[run..];
                remaining -= run as u64;
                continue;
            }
            while remaining > 0 && rest.len() >= fixed && rest[0] == first {
                rest = &rest[fixed..];
                remaining -= 1;
            }
        }
        self.pos = bytes.len() - rest.len();
        self.top.remaining = remaining;
    }

    /// Takes the next item, of an array or map only the header.
    fn item(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let start = self.pos;
        let Some(&first) = bytes.get(start) else {
            return Err(Stop::Short(1));
        };
        let fixed = usize::from(FIXED[usize::from(first)]);
        if fixed == 0 {
            return self.sized_item(bytes, start);
        }
        if fixed > bytes.len() - start {
            return Err(Stop::Short((fixed - (bytes.len() - start)) as u64));
        }
        self.item_at(start, start + fixed);
        Ok(())
    }

    /// An item whose header says how large it is: text, bytes, ext, array, map.
    fn sized_item(&mut self, bytes: &[u8], start: usize) -> Result<(), Stop> {
        let head = match format::head(&bytes[start..]) {
            Ok(head) => head,
            Err(NoHead::Short(missing)) => return Err(Stop::Short(missing)),
            Err(NoHead::Reserved) => return Err(Stop::Wrong(ValueErrorKind::Reserved, start)),
        };
        let body_start = start + head.header;
        if head.is_container() {
            return self.open(head.kind, head.body, start, body_start);
        }
        let available = (bytes.len() - body_start) as u64;
        if head.body > available {
            return Err(Stop::Short(head.body - available));
        }
        let end = body_start + head.body as usize;
        if head.kind == Kind::Str
            && let Err(error) = std::str::from_utf8(&bytes[body_start..end])
        {
            let offset = body_start + error.valid_up_to();
            return Err(Stop::Wrong(ValueErrorKind::NotUtf8, offset));
        }
        self.item_at(start, end);
        Ok(())
    }

    /// Takes one item of the innermost array or map as read.
    #[inline]
    fn item_at(&mut self, start: usize, end: usize) {
        if self.top.is_map() {
            self.marks.push(start as u32);
        }
        self.top.remaining -= 1;
        self.pos = end;
    }

    fn open(
        &mut self,
        kind: Kind,
        remaining: u64,
        start: usize,
        body_start: usize,
    ) -> Result<(), Stop> {
        if self.parents.len() >= self.depth_max {
            let limit = self.depth_max;
            return Err(Stop::Wrong(ValueErrorKind::TooDeep { limit }, start));
        }
        self.item_at(start, body_start);
        self.parents.push(self.top);
        self.top = Frame {
            remaining,
            start: start as u32,
            marks_start: if kind == Kind::Map {
                self.marks.len() as u32
            } else {
                NO_MAP
            },
        };
        Ok(())
    }

    /// Ends the innermost array or map, of which all items are read.
    fn close(&mut self, bytes: &[u8], parent: Frame) -> Result<(), Stop> {
        if self.top.is_map() {
            let marks_start = self.top.marks_start as usize;
            let marks = &self.marks.as_slice()[marks_start..];
            let keys = marks
                .chunks_exact(2)
                .map(|entry| &bytes[entry[0] as usize..entry[1] as usize]);
            if let Some((first, second)) = keys::first_duplicate(keys) {
                let first = marks[2 * first] as usize;
                let second = marks[2 * second] as usize;
                // The frame stays, for the path.
                self.parents.push(parent);
                return Err(Stop::Wrong(ValueErrorKind::DuplicateKey { first }, second));
            }
            self.marks.truncate(marks_start);
        }
        self.top = parent;
        Ok(())
    }

    /// What the whole value lacks when the item at `pos` lacks `missing` bytes:
    /// each item behind it has at least one.
    pub(super) fn missing_in_all(&self, missing: u64) -> u64 {
        let behind_item = self.top.remaining.saturating_sub(1);
        self.parents
            .as_slice()
            .iter()
            .map(|parent| parent.remaining)
            .fold(missing.saturating_add(behind_item), u64::saturating_add)
    }

    pub(super) fn too_large(&self, bytes: u64) -> ValueError {
        ValueError {
            kind: ValueErrorKind::TooLarge {
                bytes,
                limit: self.bytes_max,
            },
            offset: self.bytes_max,
            path: Path::root().finish(),
        }
    }
}

impl Frame {
    pub(super) fn is_map(&self) -> bool {
        self.marks_start != NO_MAP
    }
}

/// How many one-byte integers `bytes` start with.
fn leading_small_integers(bytes: &[u8]) -> usize {
    // As signed bytes these are -32..=127.
    let small = |byte: &u8| byte.cast_signed() >= -32;
    // Whole chunks without a branch per byte, which compiles to vector code.
    let in_chunks = bytes
        .chunks_exact(32)
        .take_while(|chunk| chunk.iter().fold(true, |all, byte| all & small(byte)))
        .count()
        * 32;
    in_chunks
        + bytes[in_chunks..]
            .iter()
            .take_while(|byte| small(byte))
            .count()
}
