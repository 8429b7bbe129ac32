//! Texts and conditions that many jobs share: a small number stands for each in their rows.
//!
//! A number is never given again, so that what is remembered here stays true while others
//! write. Nothing is remembered of a transaction that was taken back: see [`Names::forget`].

use super::fault::{Result, Trouble};
use super::pack::shared;
use crate::plugin::Digest;
use crate::store::Conditions;
use crate::value::Value;
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;
use std::sync::Arc;

/// Beyond so many of a kind all are forgotten, and looked up again.
const REMEMBERED_MAX: usize = 10_000;

/// What is remembered of them.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<Arc<str>, i64>,
    texts: HashMap<i64, Arc<str>>,
    conditions_numbers: HashMap<Digest, i64>,
    conditions: HashMap<i64, Arc<Conditions>>,
}

impl Names {
    /// The number of a text, which gets one if it has none.
    pub(super) fn number(&mut self, conn: &Connection, text: &Arc<str>) -> Result<i64> {
        if let Some(number) = self.numbers.get(text) {
            return Ok(*number);
        }
        let number = match find(conn, text)? {
            Some(number) => number,
            None => conn
                .prepare_cached("INSERT INTO name (text) VALUES (?1)")?
                .insert([&**text])?,
        };
        remember(&mut self.numbers, text.clone(), number);
        Ok(number)
    }

    /// The number of a text that has one.
    pub(super) fn known(&mut self, conn: &Connection, text: &str) -> Result<Option<i64>> {
        if let Some(number) = self.numbers.get(text) {
            return Ok(Some(*number));
        }
        let number = find(conn, text)?;
        if let Some(number) = number {
            remember(&mut self.numbers, text.into(), number);
        }
        Ok(number)
    }

    pub(super) fn text(&mut self, conn: &Connection, number: i64) -> Result<Arc<str>> {
        if let Some(text) = self.texts.get(&number) {
            return Ok(text.clone());
        }
        let mut found = conn.prepare_cached("SELECT text FROM name WHERE id = ?1")?;
        let mut rows = found.query([number])?;
        let Some(row) = rows.next()? else {
            return Err(Trouble::damaged(format!("the name {number} is missing")));
        };
        let text = shared(row.get_ref(0)?)?;
        remember(&mut self.texts, number, text.clone());
        Ok(text)
    }

    /// The number of conditions, which get one if they have none.
    pub(super) fn conditions_number(
        &mut self,
        conn: &Connection,
        conditions: &Conditions,
    ) -> Result<i64> {
        let digest = conditions.digest();
        if let Some(number) = self.conditions_numbers.get(&digest) {
            return Ok(*number);
        }
        let known: Option<i64> = conn
            .prepare_cached("SELECT id FROM conditions WHERE digest = ?1")?
            .query_row([digest.as_bytes()], |row| row.get(0))
            .optional()?;
        let number = match known {
            Some(number) => number,
            None => conn
                .prepare_cached("INSERT INTO conditions (digest, value) VALUES (?1, ?2)")?
                .insert((digest.as_bytes(), conditions.value().as_bytes()))?,
        };
        remember(&mut self.conditions_numbers, digest, number);
        Ok(number)
    }

    pub(super) fn conditions(&mut self, conn: &Connection, number: i64) -> Result<Arc<Conditions>> {
        if let Some(conditions) = self.conditions.get(&number) {
            return Ok(conditions.clone());
        }
        let found: Option<(Vec<u8>, Vec<u8>)> = conn
            .prepare_cached("SELECT digest, value FROM conditions WHERE id = ?1")?
            .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((digest, value)) = found else {
            let what = format!("the conditions {number} are missing");
            return Err(Trouble::damaged(what));
        };
        let conditions = Arc::new(Conditions::new(Value::trusted(value)));
        if conditions.digest().as_bytes()[..] != digest {
            let what = format!("the conditions {number} have come to harm");
            return Err(Trouble::damaged(what));
        }
        remember(&mut self.conditions, number, conditions.clone());
        Ok(conditions)
    }

    /// What was remembered may not be in the store.
    pub(super) fn forget(&mut self) {
        *self = Names::default();
    }
}

fn find(conn: &Connection, text: &str) -> Result<Option<i64>> {
    let mut known = conn.prepare_cached("SELECT id FROM name WHERE text = ?1")?;
    Ok(known.query_row([text], |row| row.get(0)).optional()?)
}

fn remember<K: std::hash::Hash + Eq, V>(all: &mut HashMap<K, V>, key: K, value: V) {
    if all.len() >= REMEMBERED_MAX {
        all.clear();
    }
    all.insert(key, value);
}
