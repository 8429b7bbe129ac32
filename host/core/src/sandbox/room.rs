//! What one component may need of an engine: so many memories and tables, so large at first.
//!
//! Pools are made for that and refuse what does not fit. Where there are none, the kernel
//! would give what is asked for: a component with thousands of memories would take the
//! addresses and mappings that others need. So it is refused here, with the same words.

use super::engine::EngineConfig;
use crate::limits::Limit;
use crate::units::{Unit, grouped};
use wasmtime::component::Component;

/// Core instances, memories and tables of the largest toolchains' components:
/// measured at most 3 memories and 3 tables; room for composed ones.
const MEMORIES: u32 = 4;
const TABLES: u32 = 8;

/// Bytes of a page of a memory.
const PAGE_BYTES: u64 = 64 << 10;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) memories: u32,
    /// Bytes of each memory.
    pub(crate) memory_bytes: u64,
    pub(crate) tables: u32,
    /// Elements of each table.
    pub(crate) table_elements: u64,
}

impl Room {
    /// Never below the defaults: a plugin that needs more than a lowered limit is told so by
    /// its own attempt, with both numbers, and not by the pool.
    pub(crate) fn of(config: &EngineConfig) -> Room {
        let at_least = |limit: Limit| config.limits.get(limit).max(limit.info().default);
        Room {
            memories: MEMORIES,
            memory_bytes: at_least(Limit::Memory).next_multiple_of(PAGE_BYTES),
            tables: TABLES,
            table_elements: at_least(Limit::Tables),
        }
    }

    /// What of a component does not fit.
    pub(crate) fn lacks(&self, component: &Component) -> Option<String> {
        let Some(needs) = component.resources_required() else {
            return Some("what it needs cannot be told".to_owned());
        };
        let bytes = needs.max_initial_memory_size.unwrap_or(0);
        let bytes = bytes.saturating_mul(PAGE_BYTES);
        let elements = needs.max_initial_table_size.unwrap_or(0);
        let (memories, tables) = (needs.num_memories, needs.num_tables);
        if memories > self.memories {
            let most = self.memories;
            Some(format!("memories count of {memories} exceeds {most}"))
        } else if tables > self.tables {
            let most = self.tables;
            Some(format!("tables count of {tables} exceeds {most}"))
        } else if bytes > self.memory_bytes {
            let (bytes, most) = (
                Unit::Bytes.about(bytes),
                Unit::Bytes.about(self.memory_bytes),
            );
            Some(format!("a memory begins with {bytes}, more than {most}"))
        } else if elements > self.table_elements {
            let (elements, most) = (grouped(elements), grouped(self.table_elements));
            Some(format!(
                "a table begins with {elements} elements, more than {most}"
            ))
        } else {
            None
        }
    }
}
