-- Version 4. Tasks of users (Oro section 7.4), with a journal as events have.

CREATE TABLE task (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Oro's "Assigned To", and his organization.
    owner_id         INTEGER NOT NULL REFERENCES user (id),
    organization_id  INTEGER NOT NULL REFERENCES organization (id),
    created_by_id    INTEGER NOT NULL REFERENCES user (id),
    uid              TEXT NOT NULL UNIQUE,
    subject          TEXT NOT NULL,
    description      TEXT,
    due_at           INTEGER,
    priority         TEXT NOT NULL,
    status           TEXT NOT NULL,
    reminder_minutes INTEGER,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    -- A reminder comes before something.
    CHECK (reminder_minutes IS NULL OR due_at IS NOT NULL)
);
CREATE INDEX task_by_owner ON task (owner_id, due_at, id);

-- The last change of every task in the eyes of everybody who has had it: a task
-- that goes to another user leaves a tombstone with the one before. A new change
-- replaces the entry of the older one and gets a higher number, which is also
-- the task's version.
CREATE TABLE task_journal (
    sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id   INTEGER NOT NULL REFERENCES user (id),
    task_id    INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    UNIQUE (task_id, owner_id)
);
CREATE INDEX task_journal_order ON task_journal (owner_id, sequence);

-- The youngest entry of the user's task journal that was purged.
ALTER TABLE user ADD COLUMN task_journal_floor INTEGER NOT NULL DEFAULT 0;

CREATE TABLE task_idempotency (
    owner_id   INTEGER NOT NULL REFERENCES user (id),
    key        TEXT NOT NULL,
    task_id    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (owner_id, key)
) WITHOUT ROWID;
