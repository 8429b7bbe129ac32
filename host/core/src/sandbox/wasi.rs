//! WASI 0.2 as a plugin gets it: made on first use, closed but for its grants.
//!
//! Without a grant: no files, no sockets, no names, no arguments, no stdin, no
//! variables; clocks in steps of a millisecond; at most 64 KiB of random bytes a
//! call. Such calls answer "not permitted" and end nothing.

use super::determined::{Sequence, generator};
use super::stdio::{Capture, Captured, Stream};
use crate::plugin::{Grants, NetRule};
use crate::task::Recorded;
use chacha20::rand_core::Rng;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};
use wasmtime_wasi::sockets::SocketAddrUse;
use wasmtime_wasi::{FsPerms, HostMonotonicClock, HostWallClock, WasiCtx};

/// The most random bytes in one call.
pub(crate) const RANDOM_BYTES_MAX: u64 = 64 << 10;

/// What the profile says of a store's surroundings.
pub(crate) struct Surroundings {
    /// The steps of the clocks.
    pub(crate) clock_step: Duration,
    /// What random numbers are made of; none = of the system's.
    pub(crate) recorded: Option<Recorded>,
}

/// Makes the context of one store. Kept off the way of guests that never call WASI:
/// it costs more than the rest of an attempt.
pub(crate) fn context(
    grants: &Grants,
    environment: &BTreeMap<&str, &str>,
    captured: &Arc<Mutex<Captured>>,
    stream_bytes_max: usize,
    surroundings: &Surroundings,
) -> WasiCtx {
    let mut wasi = WasiCtx::builder();
    let step = surroundings.clock_step;
    let capture = |stream| Capture {
        captured: captured.clone(),
        stream,
        limit: stream_bytes_max,
    };
    wasi.stdout(capture(Stream::Stdout))
        .stderr(capture(Stream::Stderr))
        .wall_clock(CoarseWall { step })
        .monotonic_clock(CoarseMonotonic {
            step,
            began: Instant::now(),
        })
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
    if let Some(recorded) = surroundings.recorded {
        let mut seed = generator(recorded, Sequence::InsecureSeed);
        let seed = u128::from(seed.next_u64()) << 64 | u128::from(seed.next_u64());
        wasi.secure_random(generator(recorded, Sequence::Wasi))
            .insecure_random(generator(recorded, Sequence::Insecure))
            .insecure_random_seed(seed);
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

struct CoarseWall {
    step: Duration,
}

impl HostWallClock for CoarseWall {
    fn resolution(&self) -> Duration {
        self.step
    }

    fn now(&self) -> Duration {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        in_steps(since.unwrap_or_default(), self.step)
    }
}

/// Begins at one step: 0 is what Go's runtime takes for a broken clock.
struct CoarseMonotonic {
    step: Duration,
    began: Instant,
}

impl HostMonotonicClock for CoarseMonotonic {
    fn resolution(&self) -> u64 {
        self.step.as_nanos() as u64
    }

    fn now(&self) -> u64 {
        in_steps(self.began.elapsed() + self.step, self.step).as_nanos() as u64
    }
}

/// Milliseconds since 1970-01-01 00:00 UTC, in steps.
pub(crate) fn now_ms(step: Duration) -> u64 {
    CoarseWall { step }.now().as_millis() as u64
}

fn in_steps(time: Duration, step: Duration) -> Duration {
    let nanos = time.as_nanos();
    let nanos = nanos - nanos % step.as_nanos().max(1);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_shows_the_step_before() {
        let step = Duration::from_millis(100);
        let shown = |millis| in_steps(Duration::from_millis(millis), step).as_millis();
        assert_eq!([99, 100, 1999].map(shown), [0, 100, 1900]);
        assert_eq!(now_ms(step) % 100, 0);
    }

    #[test]
    fn a_monotonic_clock_is_never_zero() {
        let step = Duration::from_millis(100);
        let began = Instant::now();
        assert_eq!(CoarseMonotonic { step, began }.now(), 100_000_000);
    }

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
