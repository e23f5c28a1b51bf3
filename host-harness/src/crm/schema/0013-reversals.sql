-- Version 13. What took a decision back is found without reading all of a user's
-- decisions. Few decisions take another one back.

CREATE INDEX conflict_reversals ON conflict (user_id, reverses, decided_at) WHERE reverses IS NOT NULL;
