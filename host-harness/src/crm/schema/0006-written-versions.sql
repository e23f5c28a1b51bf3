-- Version 6. Which version a write has given its record, so that a component that
-- did not live to hear the answer can tell its own write from what came after it.
-- Empty for keys of earlier versions: then nobody can tell.

ALTER TABLE calendar_event_idempotency ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE task_idempotency ADD COLUMN version TEXT NOT NULL DEFAULT '';
