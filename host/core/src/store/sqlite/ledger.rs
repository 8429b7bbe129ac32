//! What holds for the whole store: its id, the next number, the latest end, and the totals of
//! its jobs. One row, written with each batch that changes it.

use super::fault::{Result, Trouble};
use super::pack;
use super::sum::{Part, Sum, stored};
use crate::job::HostId;
use rusqlite::{Connection, OptionalExtension};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ledger {
    pub(super) host: HostId,
    pub(super) next_number: u64,
    pub(super) ended_ms: u64,
    totals: Totals,
}

/// What the rows of all jobs come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Totals {
    jobs: i64,
    /// Of the lower halves of the numbers, which is enough to tell.
    numbers: i64,
    /// Of both checksums.
    sums: i64,
}

impl Ledger {
    pub(super) fn new(host: HostId) -> Ledger {
        Ledger {
            host,
            next_number: 1,
            ended_ms: 0,
            totals: Totals::default(),
        }
    }

    pub(super) fn read(conn: &Connection) -> Result<Ledger> {
        let mut select = conn.prepare_cached(
            "SELECT host, next_number, ended_ms, jobs, numbers, sums, sum FROM meta",
        )?;
        let found: Option<(String, i64, i64, Totals, i64)> = select
            .query_row([], |row| {
                let totals = Totals {
                    jobs: row.get(3)?,
                    numbers: row.get(4)?,
                    sums: row.get(5)?,
                };
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, totals, row.get(6)?))
            })
            .optional()?;
        let harmed = || Trouble::damaged("what holds for the whole store has come to harm");
        let (host, next_number, ended_ms, totals, sum) = found.ok_or_else(harmed)?;
        let ledger = Ledger {
            host: pack::host_id(&host)?,
            next_number: next_number.cast_unsigned(),
            ended_ms: ended_ms.cast_unsigned(),
            totals,
        };
        if ledger.sum() == sum {
            Ok(ledger)
        } else {
            Err(harmed())
        }
    }

    /// Writes the row, be it there or not.
    pub(super) fn write(&self, conn: &Connection) -> Result<()> {
        let mut replace = conn.prepare_cached(
            "INSERT INTO meta (id, host, next_number, ended_ms, jobs, numbers, sums, sum) \
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE SET \
             next_number = ?2, ended_ms = ?3, jobs = ?4, numbers = ?5, sums = ?6, sum = ?7",
        )?;
        replace.execute((
            self.host.to_string(),
            self.next_number.cast_signed(),
            self.ended_ms.cast_signed(),
            self.totals.jobs,
            self.totals.numbers,
            self.totals.sums,
            self.sum(),
        ))?;
        Ok(())
    }

    fn sum(&self) -> i64 {
        let numbers = [
            self.next_number.cast_signed(),
            self.ended_ms.cast_signed(),
            self.totals.jobs,
            self.totals.numbers,
            self.totals.sums,
        ];
        let host = self.host.to_string();
        stored(
            Sum::of(Part::Meta)
                .bytes(host.as_bytes())
                .ints(&numbers)
                .end(),
        )
    }

    /// A job is there.
    pub(super) fn add(&mut self, number: u64, sums: [u32; 2]) {
        self.totals.jobs += 1;
        self.totals.numbers += i64::from(number as u32);
        self.totals.sums += both(sums);
    }

    /// A job is gone.
    pub(super) fn remove(&mut self, number: u64, sums: [u32; 2]) {
        self.totals.jobs -= 1;
        self.totals.numbers -= i64::from(number as u32);
        self.totals.sums -= both(sums);
    }

    /// A job has changed.
    pub(super) fn change(&mut self, old: [u32; 2], new: [u32; 2]) {
        self.totals.sums += both(new) - both(old);
    }

    /// Whether the rows of jobs come to what is written.
    pub(super) fn check(&self, conn: &Connection) -> Result<()> {
        let totals = conn.query_row(
            "SELECT count(*), coalesce(sum(number & 4294967295), 0), \
             coalesce(sum(sum + bulk), 0) FROM job",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        );
        let (jobs, numbers, sums) = totals?;
        let totals = Totals {
            jobs,
            numbers,
            sums,
        };
        if totals == self.totals {
            return Ok(());
        }
        Err(Trouble::damaged("jobs are missing, or have come to harm"))
    }
}

fn both(sums: [u32; 2]) -> i64 {
    stored(sums[0]) + stored(sums[1])
}
