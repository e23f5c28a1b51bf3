-- Version 1. Instants are milliseconds since 1970 (UTC). AUTOINCREMENT where a
-- number must never be given twice.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE organization (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE user (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id INTEGER NOT NULL REFERENCES organization (id),
    login           TEXT NOT NULL UNIQUE,
    email           TEXT NOT NULL COLLATE NOCASE,
    display_name    TEXT NOT NULL,
    time_zone       TEXT NOT NULL,
    administrator   INTEGER NOT NULL,
    UNIQUE (organization_id, email)
);

-- One default calendar per user and organization.
CREATE TABLE calendar (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES user (id),
    organization_id INTEGER NOT NULL REFERENCES organization (id),
    -- The youngest journal entry that was purged.
    journal_floor   INTEGER NOT NULL DEFAULT 0,
    UNIQUE (user_id, organization_id)
);

CREATE TABLE calendar_event (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    calendar_id        INTEGER NOT NULL REFERENCES calendar (id),
    uid                TEXT NOT NULL,
    title              TEXT NOT NULL,
    description        TEXT,
    start_at           INTEGER NOT NULL,
    end_at             INTEGER NOT NULL,
    time_zone          TEXT NOT NULL,
    all_day            INTEGER NOT NULL,
    organizer_email    TEXT,
    is_organizer       INTEGER NOT NULL,
    reminder_minutes   INTEGER,
    recurrence         TEXT,
    recurring_event_id INTEGER REFERENCES calendar_event (id),
    original_start_at  INTEGER,
    cancelled          INTEGER NOT NULL
);
CREATE INDEX calendar_event_by_start ON calendar_event (calendar_id, start_at, id);
-- An exception shares the uid of its series.
CREATE UNIQUE INDEX calendar_event_uid
    ON calendar_event (calendar_id, uid) WHERE recurring_event_id IS NULL;
CREATE UNIQUE INDEX calendar_event_exception
    ON calendar_event (recurring_event_id, original_start_at) WHERE recurring_event_id IS NOT NULL;

CREATE TABLE attendee (
    event_id     INTEGER NOT NULL REFERENCES calendar_event (id) ON DELETE CASCADE,
    position     INTEGER NOT NULL,
    email        TEXT COLLATE NOCASE,
    display_name TEXT,
    status       TEXT NOT NULL,
    type         TEXT NOT NULL,
    PRIMARY KEY (event_id, position)
) WITHOUT ROWID;

-- The last change of every event. A new change replaces the entry of the older
-- one and gets a higher number, which is also the event's version.
CREATE TABLE calendar_event_journal (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    calendar_id INTEGER NOT NULL REFERENCES calendar (id),
    event_id    INTEGER NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    written_at  INTEGER NOT NULL
);
CREATE INDEX calendar_event_journal_order ON calendar_event_journal (calendar_id, sequence);

CREATE TABLE calendar_event_idempotency (
    calendar_id INTEGER NOT NULL REFERENCES calendar (id),
    key         TEXT NOT NULL,
    event_id    INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (calendar_id, key)
) WITHOUT ROWID;

-- Scopes: user_id is 0 where a scope is the organization as a whole.
CREATE TABLE component_state (
    organization_id INTEGER NOT NULL REFERENCES organization (id),
    user_id         INTEGER NOT NULL,
    key             BLOB NOT NULL,
    value           BLOB NOT NULL,
    revision        INTEGER NOT NULL,
    UNIQUE (organization_id, user_id, key)
);

CREATE TABLE component_fence (
    organization_id INTEGER NOT NULL REFERENCES organization (id),
    user_id         INTEGER NOT NULL,
    fence           INTEGER NOT NULL,
    PRIMARY KEY (organization_id, user_id)
) WITHOUT ROWID;

-- A deleted secret leaves its row, without text, so that its revisions go on.
CREATE TABLE secret (
    organization_id INTEGER NOT NULL REFERENCES organization (id),
    user_id         INTEGER NOT NULL,
    name            TEXT NOT NULL,
    sealed          BLOB,
    revision        INTEGER NOT NULL,
    PRIMARY KEY (organization_id, user_id, name)
) WITHOUT ROWID;

-- level_id is 0 at the system level. Either value (JSON) or sealed is there.
CREATE TABLE config_value (
    level      TEXT NOT NULL,
    level_id   INTEGER NOT NULL,
    key        TEXT NOT NULL,
    value      TEXT,
    sealed     BLOB,
    revision   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (level, level_id, key),
    CHECK ((value IS NULL) <> (sealed IS NULL))
) WITHOUT ROWID;

CREATE TABLE alert (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id INTEGER NOT NULL REFERENCES organization (id),
    user_id         INTEGER NOT NULL,
    resource        TEXT NOT NULL,
    kind            TEXT NOT NULL,
    operation       TEXT NOT NULL,
    step            TEXT NOT NULL,
    code            TEXT NOT NULL,
    item_id         TEXT,
    external_id     TEXT,
    message         TEXT NOT NULL,
    hint            TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    resolved_at     INTEGER
);
-- One unresolved alert per cause.
CREATE UNIQUE INDEX alert_open ON alert (
    organization_id, user_id, resource, kind, operation, step, code,
    coalesce(item_id, ''), coalesce(external_id, '')
) WHERE resolved_at IS NULL;

CREATE TABLE conflict (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id INTEGER NOT NULL REFERENCES organization (id),
    user_id         INTEGER NOT NULL,
    key             TEXT NOT NULL,
    resource        TEXT NOT NULL,
    item_id         TEXT,
    external_id     TEXT,
    decided_at      INTEGER NOT NULL,
    rule            TEXT NOT NULL,
    winner          TEXT NOT NULL,
    fields          TEXT NOT NULL,
    reversed_at     INTEGER,
    UNIQUE (organization_id, user_id, key)
);

CREATE TABLE sync_state (
    user_id      INTEGER NOT NULL REFERENCES user (id),
    resource     TEXT NOT NULL,
    last_sync_at INTEGER,
    next_sync_at INTEGER,
    holder       TEXT,
    started_at   INTEGER,
    lease_until  INTEGER,
    last_report  TEXT,
    PRIMARY KEY (user_id, resource)
) WITHOUT ROWID;

CREATE TABLE sync_run (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id     INTEGER NOT NULL REFERENCES user (id),
    resource    TEXT NOT NULL,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    succeeded   INTEGER NOT NULL,
    report      TEXT NOT NULL
);
CREATE INDEX sync_run_by_user ON sync_run (user_id, resource, id);

-- Only a hash of the state: who reads the database cannot finish a connection.
CREATE TABLE connect_state (
    state_hash BLOB PRIMARY KEY,
    user_id    INTEGER NOT NULL UNIQUE REFERENCES user (id),
    -- Whether a browser's session began it, so that only that one may end it.
    is_bound   INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;
