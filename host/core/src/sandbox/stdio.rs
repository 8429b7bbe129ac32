//! Captured stdout and stderr of one store: the last bytes of each, bounded.
//!
//! A guest never sees the host's terminal. Showing what was captured, escaped,
//! is the command line's business.

use crate::board::Printed;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// What one write may be; the guest splits longer ones.
const WRITE_BYTES_MAX: usize = 64 << 10;

/// The end of one stream.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    kept: VecDeque<u8>,
    /// All bytes that were written, kept or not.
    pub(crate) written_bytes: u64,
}

impl Tail {
    fn push(&mut self, bytes: &[u8], limit: usize) {
        self.written_bytes += bytes.len() as u64;
        let bytes = &bytes[bytes.len().saturating_sub(limit)..];
        let over = (self.kept.len() + bytes.len()).saturating_sub(limit);
        self.kept.drain(..over);
        self.kept.extend(bytes);
    }

    pub(crate) fn kept_bytes(&self) -> u64 {
        self.kept.len() as u64
    }

    /// The last `most` bytes, where anything was written.
    pub(crate) fn end(&self, most: usize) -> Option<String> {
        (!self.kept.is_empty()).then(|| self.text(most))
    }

    /// The last `most` bytes, as text; what is no UTF-8 is replaced.
    pub(crate) fn text(&self, most: usize) -> String {
        let skip = self.kept.len().saturating_sub(most);
        let bytes: Vec<u8> = self.kept.iter().skip(skip).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Both streams of a store.
#[derive(Debug, Default)]
pub(crate) struct Captured {
    pub(crate) stdout: Tail,
    pub(crate) stderr: Tail,
}

impl Printed for Mutex<Captured> {
    fn tails(&self, bytes_max: usize) -> (String, String) {
        let captured = self.lock().unwrap_or_else(PoisonError::into_inner);
        let Captured { stdout, stderr } = &*captured;
        (stdout.text(bytes_max), stderr.text(bytes_max))
    }
}

/// Which stream a writer belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

/// A stream as WASI sees it.
#[derive(Clone)]
pub(crate) struct Capture {
    pub(crate) captured: Arc<Mutex<Captured>>,
    pub(crate) stream: Stream,
    /// Bytes kept of each stream.
    pub(crate) limit: usize,
}

impl Capture {
    fn push(&self, bytes: &[u8]) {
        let mut captured = self.captured.lock().unwrap_or_else(PoisonError::into_inner);
        match self.stream {
            Stream::Stdout => captured.stdout.push(bytes, self.limit),
            Stream::Stderr => captured.stderr.push(bytes, self.limit),
        }
    }
}

impl IsTerminal for Capture {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Capture {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Capture {
    async fn ready(&mut self) {}
}

impl OutputStream for Capture {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        self.push(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_BYTES_MAX)
    }
}

impl AsyncWrite for Capture {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.push(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_flood_is_kept() {
        let mut tail = Tail::default();
        tail.push(b"hello ", 8);
        tail.push(b"world", 8);
        assert_eq!(tail.text(100), "lo world");
        tail.push(&[b'x'; 100], 8);
        assert_eq!(tail.text(100), "xxxxxxxx");
        assert_eq!((tail.kept_bytes(), tail.written_bytes), (8, 111));
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let mut tail = Tail::default();
        tail.push(b"a\xffb", 8);
        assert_eq!(tail.text(8), "a\u{fffd}b");
    }
}
