//! A map that is written pair by pair, straight to bytes: for what is made for every job.

/// Writes a map of at most 15 pairs, whose keys are all different, behind what a buffer has.
pub(crate) struct MapWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Where the map begins: a byte, whose lower half is the number of pairs.
    header: usize,
}

impl<'a> MapWriter<'a> {
    /// The header of an empty map.
    const EMPTY: u8 = 0x80;

    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        let header = out.len();
        out.push(Self::EMPTY);
        MapWriter { out, header }
    }

    /// Writes a key, behind which its value is to be written.
    pub(crate) fn key(&mut self, key: &str) -> &mut Vec<u8> {
        debug_assert!(self.out[self.header] < Self::EMPTY + 15, "a small map");
        self.out[self.header] += 1;
        super::format::write_str(self.out, key);
        self.out
    }

    pub(crate) fn text(&mut self, key: &str, value: &str) {
        super::format::write_str(self.key(key), value);
    }

    pub(crate) fn number(&mut self, key: &str, value: u64) {
        // Writing to a vector cannot fail.
        let _ = rmp::encode::write_uint(self.key(key), value);
    }

    /// A pair whose value is a map.
    pub(crate) fn map(&mut self, key: &str) -> MapWriter<'_> {
        MapWriter::new(self.key(key))
    }
}
