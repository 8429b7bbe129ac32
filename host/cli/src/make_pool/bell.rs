//! Waits for a token, or for somebody who does not want one any more.
//!
//! The crate `jobserver` either blocks until there is a token or does not wait at all.
//! So this waits at the pool's file, which takes nothing out of it; another program may
//! then be faster.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio};
use std::fs::{File, OpenOptions};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::path::Path;
use std::time::Duration;

/// See the module.
pub(super) struct Bell {
    /// The pool, opened anew: nothing is read from it here.
    pool: File,
    woken: PipeReader,
    wake: PipeWriter,
}

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rung {
    /// There may be a token.
    Token,
    /// Somebody called [`Bell::ring`].
    Woken,
    /// The time is over.
    Late,
}

impl Bell {
    /// A bell at the pool's file.
    pub(super) fn at(pool: &Path) -> io::Result<Bell> {
        // For writing, too, because to open a fifo for reading only waits for a writer;
        // what was inherited may be for reading only, and has its writer.
        let both = OpenOptions::new().read(true).write(true).open(pool);
        let pool = both.or_else(|_| File::open(pool))?;
        let (woken, wake) = io::pipe()?;
        // Neither a full nor an empty pipe is to hold anybody up.
        ioctl_fionbio(&woken, true)?;
        ioctl_fionbio(&wake, true)?;
        Ok(Bell { pool, woken, wake })
    }

    /// Ends a wait, or the next one if there is none now.
    pub(super) fn ring(&self) {
        // When the pipe is full, it has been rung.
        let _ = (&self.wake).write(&[0]);
    }

    /// Waits no longer than `at_most`.
    pub(super) fn wait(&self, at_most: Duration) -> io::Result<Rung> {
        let at_most = Timespec::try_from(at_most).map_err(io::Error::other)?;
        let mut files = [
            PollFd::new(&self.pool, PollFlags::IN),
            PollFd::new(&self.woken, PollFlags::IN),
        ];
        match poll(&mut files, Some(&at_most)) {
            Ok(0) => return Ok(Rung::Late),
            // Whoever asks looks again, and waits again for what is left.
            Err(Errno::INTR) => return Ok(Rung::Token),
            Ok(_) => (),
            Err(error) => return Err(error.into()),
        }
        if files[1].revents().is_empty() {
            return Ok(Rung::Token);
        }
        // All at once: it does not matter how often it was rung.
        let _ = (&self.woken).read(&mut [0; 64]);
        Ok(Rung::Woken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wodehost_tests::TokenPool;

    // J37
    #[test]
    fn it_rings_for_a_token_for_a_call_and_when_the_time_is_over() {
        let pool = TokenPool::of(b"");
        let bell = Bell::at(pool.path()).expect("a fifo");
        let wait = || bell.wait(Duration::ZERO).expect("it can be waited for");
        assert_eq!(wait(), Rung::Late);
        bell.ring();
        bell.ring();
        assert_eq!(wait(), Rung::Woken);
        assert_eq!(wait(), Rung::Late);
        pool.put(b"a");
        assert_eq!(wait(), Rung::Token);
        assert_eq!(pool.left(), b"a", "nothing was taken");
    }
}
