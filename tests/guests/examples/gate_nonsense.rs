//! Gate that asks for the longest pause that fits into the contract's number, which is
//! longer than any that the SDK would say.

use wodehost_guest::bindings::gate::Guest;

struct Nonsense;

impl Guest for Nonsense {
    fn admit() -> Option<u64> {
        Some(u64::MAX)
    }
}

wodehost_guest::bindings::gate::export_gate!(
    Nonsense with_types_in wodehost_guest::bindings::gate
);
