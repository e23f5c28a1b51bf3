-- Version 8. What an overview of many users shows without asking the component for each.

-- How often the component has stored something in a scope: what it said of itself
-- holds as long as this stays.
ALTER TABLE component_fence ADD COLUMN commits INTEGER NOT NULL DEFAULT 0;

-- What the component said of a user's account and resources (JSON), and when.
CREATE TABLE component_standing (
    user_id  INTEGER PRIMARY KEY REFERENCES user (id),
    commits  INTEGER NOT NULL,
    standing TEXT NOT NULL
) WITHOUT ROWID;

-- Of the last runs, the youngest in the lowest bit: which ones Microsoft's throttling
-- has ended; and how many of these bits there are.
ALTER TABLE sync_state ADD COLUMN recent_throttled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_state ADD COLUMN recent_runs INTEGER NOT NULL DEFAULT 0;

CREATE INDEX alert_open_by_user ON alert (user_id) WHERE resolved_at IS NULL;
CREATE INDEX conflict_by_user ON conflict (user_id) WHERE reversed_at IS NULL;
