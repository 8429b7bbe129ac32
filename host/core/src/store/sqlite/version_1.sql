-- Version 1. Names are the field's; how columns are packed is in row.rs and pack.rs.

-- What holds for the whole store: one row. `jobs`, `numbers` and `sums` are the totals of the
-- table of jobs, so that a row that got lost is noticed.
CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    host TEXT NOT NULL,
    next_number INTEGER NOT NULL,
    ended_ms INTEGER NOT NULL,
    jobs INTEGER NOT NULL,
    numbers INTEGER NOT NULL,
    sums INTEGER NOT NULL,
    sum INTEGER NOT NULL
) STRICT;

-- Streams, workers, groups.
CREATE TABLE name (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE conditions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    value BLOB NOT NULL
) STRICT;

-- `place`: 0 queued and next, 1 queued and not to be claimed without being named, 2 claimed,
-- 3 done and not delivered, 4 done and delivered. What changes stands first.
CREATE TABLE job (
    number INTEGER PRIMARY KEY,
    place INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    lost INTEGER NOT NULL DEFAULT 0,
    suspect INTEGER NOT NULL DEFAULT 0,
    session INTEGER,
    renamed INTEGER NOT NULL DEFAULT 0,
    status INTEGER,
    reason TEXT,
    ended_ms INTEGER,
    sum INTEGER NOT NULL,
    bulk INTEGER NOT NULL,
    span INTEGER NOT NULL,
    stream INTEGER NOT NULL,
    key ANY,
    parent INTEGER,
    child ANY,
    worker INTEGER NOT NULL,
    conditions INTEGER NOT NULL,
    arity INTEGER NOT NULL,
    singleton TEXT,
    grp INTEGER,
    submitted_ms INTEGER NOT NULL,
    value_bytes INTEGER NOT NULL,
    said ANY,
    value ANY NOT NULL,
    carried ANY,
    data ANY,
    receipt BLOB,
    more ANY
) STRICT;

-- What is not over and delivered. Whatever is asked only when a host begins, such as for suspects,
-- is looked for there too: each index costs each job.
CREATE INDEX job_open ON job (place, stream, ended_ms) WHERE place < 4;
CREATE UNIQUE INDEX job_key ON job (stream, key) WHERE key IS NOT NULL;
CREATE UNIQUE INDEX job_child ON job (parent, child) WHERE parent IS NOT NULL AND renamed = 0;
CREATE INDEX job_renamed ON job (parent) WHERE renamed = 1;
CREATE INDEX job_dead ON job (number) WHERE status <> 1;
CREATE INDEX job_group ON job (grp) WHERE grp IS NOT NULL;
CREATE INDEX job_worker ON job (worker);

-- `conditions`: none where they are those of the job.
CREATE TABLE past (
    id INTEGER PRIMARY KEY,
    number INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    reason TEXT NOT NULL,
    ended_ms INTEGER NOT NULL,
    start_ms INTEGER,
    seed INTEGER,
    receipt BLOB,
    state ANY,
    more ANY,
    conditions INTEGER,
    reset INTEGER NOT NULL,
    sum INTEGER NOT NULL
) STRICT;

CREATE INDEX past_job ON past (number);

CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    began_ms INTEGER NOT NULL,
    pid INTEGER NOT NULL,
    boot TEXT NOT NULL,
    until_ms INTEGER NOT NULL,
    sum INTEGER NOT NULL
) STRICT;

CREATE TABLE cursor (
    name TEXT NOT NULL UNIQUE,
    value BLOB NOT NULL,
    sum INTEGER NOT NULL
) STRICT;

-- Values that are too large for the rows that they belong to, where `digest` stands for them.
CREATE TABLE large (
    digest TEXT NOT NULL UNIQUE,
    uses INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE plugin (
    digest BLOB NOT NULL UNIQUE,
    bytes BLOB NOT NULL
) STRICT;
