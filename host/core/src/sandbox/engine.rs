//! The engine: every WebAssembly feature and every allocator setting, set by hand.
//!
//! The figures in the comments were measured on two cores with a small Rust
//! component and every limit on (see docs/performance.md).

use super::profile::Profile;
use super::room::Room;
use crate::limits::{Limit, Limits};
use wasmparser::WasmFeatures;
use wasmtime::{
    Collector, Config, Enabled, Engine, InstanceAllocationStrategy, OperatorCost,
    PoolingAllocationConfig,
};

/// How large the pools are, and whether fuel is compiled in.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Attempts that may be live at the same time; the pools have room for stages,
    /// producers, consumers and gates besides.
    pub live: u32,
    /// The most memory of all live attempts together, bytes; `None` =
    /// [`default_memory_total`](super::default_memory_total), or no bound where that cannot be told.
    pub memory_total: Option<u64>,
    /// Attempts that run at the same time; so many slots are kept warm.
    pub slots: u32,
    /// The largest limits that any job may have; the pools must not cap less.
    pub limits: Limits,
    /// What the frames of a guest's functions may take, bytes; beyond it a call traps.
    pub wasm_stack_bytes: u32,
    /// Whether fuel is metered. Without it CPU-bound guests are faster and only
    /// the clock stops them.
    pub fuel: bool,
    /// Whether instances come from pools. Without pools every attempt maps its
    /// memory anew: about ten times slower to start, for debugging and comparison.
    pub pooling: bool,
    /// How attempts run.
    pub profile: Profile,
}

impl Default for EngineConfig {
    fn default() -> Self {
        EngineConfig {
            live: 4 + 256,
            memory_total: None,
            slots: 4,
            limits: Limits::default(),
            wasm_stack_bytes: WASM_STACK_BYTES,
            fuel: true,
            pooling: true,
            profile: Profile::Standard,
        }
    }
}

impl EngineConfig {
    /// Whether instances come from pools.
    pub(crate) fn has_pools(&self) -> bool {
        self.pooling && self.profile.may_pool()
    }
}

/// The stack of guests when nobody says otherwise, bytes.
const WASM_STACK_BYTES: u32 = 512 << 10;

/// What the host's own functions may take of the same stack when a guest calls them
/// from its deepest frame, bytes.
const HOST_STACK_BYTES: u32 = 512 << 10;

/// Producers, consumers and gates that have a store, with some to spare.
const RESIDENTS: u32 = 16;

/// Resident after an attempt, so that the next one starts without page faults:
/// 4.5 µs a job instead of 16 µs.
const KEEP_RESIDENT_BYTES: usize = 64 << 10;

/// So many free places in the pools keep their memory at least, 36 MiB of them all: a chain of nested jobs
/// has as many live attempts as it is deep, and leaves them all at once; and of so many different
/// plugins each finds a place with its own memory in it, without which an attempt takes five
/// times as long.
const WARM_MIN: u32 = 256;

/// So many memories or tables have places at once whoever has them. A memory takes 4 GiB of
/// addresses: these are a quarter of what a process has, and enough for 2,000 live attempts.
const PLACES_FOR_ALL: u32 = 8 << 10;

/// Zeroing stacks needs something resident to zero; 12 KiB cost 0.3 µs a job. With 8 KiB each job
/// that waits for another one has a page fault, and chains of 64 take a fifth longer; with 32 KiB
/// every job takes longer.
const STACK_RESIDENT_BYTES: usize = 12 << 10;

/// What one page of `memory.grow` costs in fuel; wasmtime's default is nothing.
/// A page is 64 KiB to be zeroed, some thousand instructions' worth; the table's
/// entries are one byte.
const FUEL_PER_PAGE: u8 = 255;

/// Makes an engine.
pub(crate) fn engine(config: &EngineConfig) -> wasmtime::Result<Engine> {
    let mut wasmtime = settings(config);
    if config.has_pools() {
        let pool = pool(config);
        wasmtime.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    Engine::new(&wasmtime)
}

/// Everything but how instances are allocated.
fn settings(config: &EngineConfig) -> Config {
    let mut wasmtime = Config::new();
    features(&mut wasmtime);
    wasmtime
        .consume_fuel(config.fuel)
        // With fuel guests give way without it.
        .epoch_interruption(!config.fuel)
        .concurrency_support(false)
        .shared_memory(false)
        .max_wasm_stack(config.wasm_stack_bytes as usize)
        .async_stack_size(config.wasm_stack_bytes as usize + HOST_STACK_BYTES as usize)
        .async_stack_zeroing(true)
        .cranelift_nan_canonicalization(config.profile.has_one_nan())
        .parallel_compilation(true);
    let mut cost = OperatorCost::new();
    cost.variable.memory_grow_per_page = FUEL_PER_PAGE;
    wasmtime.operator_cost(cost);
    wasmtime
}

/// The proposals that are on. All others are off, so that a new default of the
/// library changes nothing here: gc, exceptions, function references, threads,
/// memory64, tail calls, relaxed simd, custom page sizes, wide arithmetic, and
/// whatever the component model adds to its first version. References to anything
/// but functions are off, too: they are part of `WASM2`, but need a collector.
pub(crate) const FEATURES: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::COMPONENT_MODEL)
    .difference(WasmFeatures::GC_TYPES);

/// There only in builds with `gc`, without which 48.0.8 has a fault (RUSTSEC-2026-0570).
const _: fn(&mut Config, Collector) -> &mut Config = Config::collector;

fn features(config: &mut Config) {
    // Without this one the validator knows no references at all; with
    // `gc_support` off there is still nothing to collect.
    let on = FEATURES.union(WasmFeatures::GC_TYPES);
    config
        .wasm_features(on.complement(), false)
        .wasm_features(FEATURES, true)
        .gc_support(false);
}

fn pool(config: &EngineConfig) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    // A sort may have a store for its keys and one for its comparisons.
    let besides = config.slots.saturating_mul(2).saturating_add(RESIDENTS);
    let live = config.live.max(1).saturating_add(besides);
    let room = Room::of(config);
    let instances = Limit::Instances;
    let instances = config.limits.get(instances).max(instances.info().default) as u32;
    pool.total_component_instances(live)
        // They are counted only, so there is room for all that all may have: nobody's
        // attempt fails because others have many.
        .total_core_instances(live.saturating_mul(instances))
        .total_memories(places(live, room.memories, (live / 2).saturating_add(8)))
        .total_tables(places(
            live,
            room.tables,
            live.saturating_mul(2).saturating_add(8),
        ))
        .total_stacks(live.saturating_add(1))
        .max_core_instances_per_component(instances)
        .max_memories_per_component(room.memories)
        .max_tables_per_component(room.tables)
        // Whether a component has them in one module or in several is all the same.
        .max_memories_per_module(room.memories)
        .max_tables_per_module(room.tables)
        .max_memory_size(room.memory_bytes as usize)
        .table_elements(room.table_elements as usize)
        .max_unused_warm_slots(config.slots.saturating_mul(4).max(WARM_MIN))
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(KEEP_RESIDENT_BYTES)
        .async_stack_keep_resident(STACK_RESIDENT_BYTES)
        // Needs Linux 6.7; where the kernel has none, resetting falls back to
        // madvise and memset.
        .pagemap_scan(Enabled::Auto);
    // Memory protection keys are not compiled in.
    pool
}

/// Places for so many stores of which each may have `each`: for all that all may have, as
/// long as there are addresses for them; else one for each store and some to spare.
fn places(stores: u32, each: u32, spare: u32) -> u32 {
    let all = stores.saturating_mul(each).min(PLACES_FOR_ALL);
    all.max(stores.saturating_add(spare))
}

/// An engine for tests that need no pools, which is quick to make.
#[cfg(test)]
pub(crate) fn without_pools() -> Engine {
    let config = EngineConfig {
        pooling: false,
        ..EngineConfig::default()
    };
    engine(&config).expect("an engine")
}

/// The pools' settings as the library makes them, for the comparison in the bench.
///
/// Everything else is as in the engine that runs jobs.
pub fn engine_with_default_pool(config: &EngineConfig) -> wasmtime::Result<Engine> {
    let mut wasmtime = settings(config);
    let pool = PoolingAllocationConfig::new();
    wasmtime.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&wasmtime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paranoid_engines_have_no_pools() {
        // More than there are addresses for.
        let is_made = |profile| {
            let config = EngineConfig {
                live: 1 << 20,
                profile,
                ..EngineConfig::default()
            };
            engine(&config).is_ok()
        };
        assert!(!is_made(Profile::Standard));
        assert!(is_made(Profile::Paranoid));
    }
}
