//! Which pool a variable such as MAKEFLAGS names, for what the crate `jobserver` does
//! not tell: which file to wait at.

use std::path::{Path, PathBuf};

/// A pool as flags name it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named<'a> {
    /// `fifo:PATH`, as make does it from 4.4 on.
    Fifo(&'a Path),
    /// `R,W`, numbers of inherited files; this is R.
    Pair(u32),
}

/// The flags that name one, the stronger first.
const FLAGS: [&str; 2] = ["--jobserver-auth=", "--jobserver-fds="];

/// The last number that belongs to the standard streams; a pool is never on one.
const STREAM_MAX: u32 = 2;

/// Whether flags name a pool, usable or not.
pub(super) fn name_one(flags: &str) -> bool {
    FLAGS.iter().any(|flag| flags.contains(flag))
}

impl Named<'_> {
    /// Reads flags as the crate does; of several pools the last counts.
    pub(super) fn of(flags: &str) -> Option<Named<'_>> {
        let (_, rest) = FLAGS.iter().find_map(|flag| flags.rsplit_once(flag))?;
        let text = rest.split(' ').next()?;
        if let Some(path) = text.strip_prefix("fifo:") {
            return Some(Named::Fifo(Path::new(path)));
        }
        let (read, write) = text.split_once(',')?;
        let number = |text: &str| text.parse().ok().filter(|number| *number > STREAM_MAX);
        number(write)?;
        Some(Named::Pair(number(read)?))
    }

    /// Where its tokens can be waited for.
    pub(super) fn path(&self) -> PathBuf {
        match self {
            Named::Fifo(path) => path.to_path_buf(),
            Named::Pair(read) => format!("/dev/fd/{read}").into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // J37
    #[test]
    fn both_ways_to_name_a_pool_are_read() {
        let fifo = Named::of("n -j3 --jobserver-auth=fifo:/tmp/GMfifo12 -- V=1");
        assert_eq!(fifo, Some(Named::Fifo(Path::new("/tmp/GMfifo12"))));
        for flags in [
            "-j --jobserver-fds=8,9 --jobserver-auth=8,9",
            " -j3 --jobserver-auth=3,4 --jobserver-auth=8,9",
            "-j --jobserver-fds=8,9",
        ] {
            let pair = Named::of(flags).expect("a pool");
            assert_eq!((&pair, pair.path()), (&Named::Pair(8), "/dev/fd/8".into()));
        }
    }

    // J37
    #[test]
    fn what_names_no_pool_is_no_pool() {
        for flags in ["", "-j", "--jobserver-auth=", "--jobserver-auth=x,y"] {
            assert_eq!(Named::of(flags), None, "{flags:?}");
        }
        // Values come from stdin, and results go to stdout.
        for pair in ["0,1", "0,4", "3,1", "-2,-2"] {
            assert_eq!(Named::of(&format!("--jobserver-auth={pair}")), None);
        }
    }
}
