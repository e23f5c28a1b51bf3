-- Version 7. When the next run was planned by somebody else than the run before it,
-- so that a plan which was made while a run went on is told from an earlier one.

ALTER TABLE sync_state ADD COLUMN planned_at INTEGER;
