//! Lists of jobs, and how many there are.
//!
//! A list is read from the newest job down until the page is full, over an index where one
//! leaves out most of what does not fit. Texts are parameters, always.

use super::fault::Result;
use super::pack;
use super::read::{CHILDREN, bound};
use super::row::{HEAD, Rows};
use crate::store::{Filter, Listed, Page, Standing, Summary};
use crate::task::Status;
use rusqlite::Connection;
use rusqlite::params_from_iter;
use rusqlite::types::Value as Param;

/// Up to so many jobs are taken out of an index and sorted; more are found soon from the newest
/// down.
const SORTED_MAX: i64 = 20_000;

/// A query as it is put together.
struct Query {
    /// How the rows are come by.
    way: &'static str,
    terms: Vec<String>,
    params: Vec<Param>,
}

impl Query {
    /// `term` has `?` where the parameter belongs.
    fn with(&mut self, term: &str, param: impl Into<Param>) {
        self.params.push(param.into());
        let place = format!("?{}", self.params.len());
        self.terms.push(term.replace('?', &place));
    }

    fn and(&mut self, term: impl Into<String>) {
        self.terms.push(term.into());
    }
}

/// A page of jobs, the newest first.
pub(super) fn list(
    conn: &Connection,
    rows: &mut Rows,
    filter: &Filter,
    page: Page,
) -> Result<Vec<Listed>> {
    let Some(mut query) = query(conn, rows, filter)? else {
        return Ok(Vec::new());
    };
    query.with("number < ?", bound(page.below));
    query
        .params
        .push(Param::from(i64::try_from(page.most).unwrap_or(i64::MAX)));
    let sql = format!(
        "SELECT {HEAD} FROM job {} WHERE {} ORDER BY number DESC LIMIT ?{}",
        query.way,
        query.terms.join(" AND "),
        query.params.len(),
    );
    let mut select = conn.prepare_cached(&sql)?;
    let mut found = select.query(params_from_iter(query.params))?;
    let mut listed = Vec::new();
    while let Some(row) = found.next()? {
        listed.push(rows.listed(conn, row)?);
    }
    Ok(listed)
}

/// What a filter says; none where nothing can fit.
fn query(conn: &Connection, rows: &mut Rows, filter: &Filter) -> Result<Option<Query>> {
    let mut query = Query {
        way: "NOT INDEXED",
        terms: Vec::new(),
        params: Vec::new(),
    };
    let mut texts = [
        ("stream = ?", "NOT INDEXED", &filter.stream),
        ("worker = ?", "INDEXED BY job_worker", &filter.worker),
        (
            "grp = ? AND grp IS NOT NULL",
            "INDEXED BY job_group",
            &filter.group,
        ),
    ]
    .into_iter();
    // The later an index comes, the fewer jobs it has as a rule.
    for (term, way, text) in texts.by_ref() {
        let Some(text) = text else { continue };
        let Some(number) = rows.names.known(conn, text)? else {
            return Ok(None);
        };
        query.with(term, number);
        query.way = way;
    }
    if !filter.statuses.is_empty() {
        let numbers = filter
            .statuses
            .iter()
            .map(|s| pack::status_number(*s).to_string());
        let numbers = numbers.collect::<Vec<_>>().join(", ");
        query.and(format!("status IN ({numbers})"));
        if !filter.statuses.contains(&Status::Success) {
            query.and("status <> 1");
            query.way = "INDEXED BY job_dead";
        }
    }
    if !filter.states.is_empty() {
        let places = places(&filter.states);
        query.and(format!("place IN ({places})"));
        if !filter.states.contains(&Standing::Done) && are_few(conn, &places)? {
            query.and("place < 4");
            query.way = "INDEXED BY job_open";
        }
    }
    if let Some(reason) = &filter.reason {
        query.and("status IS NOT NULL");
        match reason.strip_suffix('*') {
            Some(begin) => query.with(
                "substr(ifnull(reason, 'returned'), 1, length(?)) = ?",
                begin.to_owned(),
            ),
            None => query.with("ifnull(reason, 'returned') = ?", reason.clone()),
        }
    }
    if let Some(since_ms) = filter.since_ms {
        query.with("submitted_ms >= ?", bound(since_ms));
    }
    if let Some(before_ms) = filter.before_ms {
        query.with("submitted_ms < ?", bound(before_ms));
    }
    match filter.parent {
        None => query.and("parent IS NULL"),
        Some(parent) => {
            query.way = "NOT INDEXED";
            let children = CHILDREN.replace("?1", "?");
            query.with(&format!("number IN ({children})"), parent.cast_signed());
        }
    }
    Ok(Some(query))
}

/// The numbers of the places where jobs are that are listed so.
fn places(states: &[Standing]) -> String {
    let places = states.iter().map(|state| match state {
        Standing::Queued => "0, 1",
        Standing::Claimed => "2",
        Standing::Undelivered => "3",
        Standing::Done => "4",
    });
    places.collect::<Vec<_>>().join(", ")
}

fn are_few(conn: &Connection, places: &str) -> Result<bool> {
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM job INDEXED BY job_open \
         WHERE place < 4 AND place IN ({places}) LIMIT {SORTED_MAX})"
    );
    let count: i64 = conn.prepare_cached(&sql)?.query_row([], |row| row.get(0))?;
    Ok(count < SORTED_MAX)
}

/// How many jobs of a stream there are; of all streams where none is named.
pub(super) fn summary(conn: &Connection, rows: &mut Rows, stream: Option<&str>) -> Result<Summary> {
    let number = match stream {
        None => None,
        Some(stream) => match rows.names.known(conn, stream)? {
            None => return Ok(Summary::default()),
            number => number,
        },
    };
    let of = number.map_or(String::new(), |number| format!(" AND stream = {number}"));
    let count = |which: &str| -> Result<u64> {
        let sql = format!("SELECT count(*) FROM job {which}{of}");
        let count: i64 = conn.query_row(&sql, [], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    };
    let open = |places: &str| {
        count(&format!(
            "INDEXED BY job_open WHERE place < 4 AND place IN ({places})"
        ))
    };
    let all = count("WHERE TRUE")?;
    let (queued, claimed, undelivered) = (open("0, 1")?, open("2")?, open("3")?);
    Ok(Summary {
        queued,
        claimed,
        done: all.saturating_sub(queued + claimed),
        dead: count("INDEXED BY job_dead WHERE status <> 1")?,
        undelivered,
    })
}
