//! WASI 0.2 as a plugin gets it: made on first use, closed but for its grants.
//!
//! Without a grant: no files, no sockets, no names, no arguments, no stdin, no
//! variables; clocks in steps of a millisecond; at most 64 KiB of random bytes a
//! call. Such calls answer "not permitted" and end nothing.

use super::stdio::{Capture, Captured, Stream};
use crate::plugin::{Grants, NetRule};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};
use wasmtime_wasi::sockets::SocketAddrUse;
use wasmtime_wasi::{FsPerms, HostMonotonicClock, HostWallClock, WasiCtx};

/// The most random bytes in one call.
pub(crate) const RANDOM_BYTES_MAX: u64 = 64 << 10;

const MILLISECOND: Duration = Duration::from_millis(1);

/// Makes the context of one store. Kept off the way of guests that never call WASI:
/// it costs more than the rest of an attempt.
pub(crate) fn context(
    grants: &Grants,
    environment: &BTreeMap<&str, &str>,
    captured: &Arc<Mutex<Captured>>,
    stream_bytes_max: usize,
) -> WasiCtx {
    let mut wasi = WasiCtx::builder();
    let capture = |stream| Capture {
        captured: captured.clone(),
        stream,
        limit: stream_bytes_max,
    };
    wasi.stdout(capture(Stream::Stdout))
        .stderr(capture(Stream::Stderr))
        .wall_clock(CoarseWall)
        .monotonic_clock(CoarseMonotonic(Instant::now()))
        .max_random_size(RANDOM_BYTES_MAX)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .allow_tcp(!grants.net.is_empty());
    if !grants.net.is_empty() {
        let rules: Arc<[NetRule]> = grants.net.clone().into();
        wasi.socket_addr_check(move |address, purpose| {
            let allowed = permits(&rules, address, purpose);
            Box::pin(async move { allowed })
        });
    }
    for (name, value) in environment {
        wasi.env(name, value);
    }
    let folders = grants.read.iter().map(|f| (f, FsPerms::ReadOnly));
    let folders = folders.chain(grants.write.iter().map(|f| (f, FsPerms::ReadWrite)));
    for (folder, perms) in folders {
        // The folder was there when the plugin was loaded. If it went away since,
        // the guest finds nothing, as it would with any other missing folder.
        if let Err(error) = wasi.preopened_dir(&folder.host, &folder.guest, perms) {
            tracing::warn!(target: "wodehost::sandbox", folder = %folder.host.display(), %error,
                "a granted folder cannot be opened");
        }
    }
    wasi.build()
}

/// Connecting is what a rule grants. Before it the system binds to any free port
/// by itself, which is asked about as well.
fn permits(rules: &[NetRule], address: SocketAddr, purpose: SocketAddrUse) -> bool {
    match purpose {
        SocketAddrUse::TcpConnect => rules.iter().any(|rule| rule.covers(address)),
        SocketAddrUse::TcpBind => address.ip().is_unspecified() && address.port() == 0,
        SocketAddrUse::TcpListen
        | SocketAddrUse::TcpAccept
        | SocketAddrUse::UdpBind
        | SocketAddrUse::UdpSend
        | SocketAddrUse::UdpReceive => false,
    }
}

struct CoarseWall;

impl HostWallClock for CoarseWall {
    fn resolution(&self) -> Duration {
        MILLISECOND
    }

    fn now(&self) -> Duration {
        Duration::from_millis(now_ms())
    }
}

struct CoarseMonotonic(Instant);

impl HostMonotonicClock for CoarseMonotonic {
    fn resolution(&self) -> u64 {
        MILLISECOND.as_nanos() as u64
    }

    fn now(&self) -> u64 {
        let nanos = self.0.elapsed().as_nanos() as u64;
        nanos - nanos % MILLISECOND.as_nanos() as u64
    }
}

/// Milliseconds since 1970-01-01 00:00 UTC.
pub(crate) fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |d| d.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_lets_connect_and_nothing_else() {
        let rules = [NetRule::parse("127.0.0.1:80").expect("legal")];
        let target: SocketAddr = "127.0.0.1:80".parse().expect("address");
        let any: SocketAddr = "0.0.0.0:0".parse().expect("address");
        assert!(permits(&rules, target, SocketAddrUse::TcpConnect));
        assert!(permits(&rules, any, SocketAddrUse::TcpBind));
        assert!(!permits(&rules, target, SocketAddrUse::TcpBind));
        assert!(!permits(&rules, any, SocketAddrUse::TcpConnect));
    }
}
