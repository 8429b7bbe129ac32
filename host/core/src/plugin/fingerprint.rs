//! What compiled code depends on besides the component.

use std::hash::{Hash, Hasher};
use wasmtime::Engine;

/// Tells engines apart whose code is not the same: by their settings and the version of
/// wasmtime.
pub(crate) fn fingerprint(engine: &Engine) -> u64 {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    engine.precompile_compatibility_hash().hash(&mut hash);
    hash.finish()
}

/// Hashes bytes to 64 bits; for names of files, not against attackers.
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{EngineConfig, Profile, engine};
    use crate::task::Recorded;

    #[test]
    fn only_one_nan_makes_a_profile_other_code() {
        let of = |profile| {
            let config = EngineConfig {
                profile,
                ..EngineConfig::default()
            };
            fingerprint(&engine(&config).expect("an engine"))
        };
        let standard = of(Profile::Standard);
        assert_eq!(standard, of(Profile::Paranoid));
        let deterministic = of(Profile::Deterministic(Recorded::DEFAULT));
        assert_ne!(standard, deterministic);
        let another = Recorded {
            start_ms: 1,
            seed: 1,
        };
        assert_eq!(deterministic, of(Profile::Deterministic(another)));
    }

    #[test]
    fn pools_make_no_other_code_and_fuel_does() {
        let of = |pooling, fuel| {
            let config = EngineConfig {
                fuel,
                pooling,
                ..EngineConfig::default()
            };
            fingerprint(&engine(&config).expect("an engine"))
        };
        assert_eq!(of(true, true), of(false, true));
        assert_eq!(of(true, false), of(false, false));
        assert_ne!(of(true, true), of(true, false));
    }
}
