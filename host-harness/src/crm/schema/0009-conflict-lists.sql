-- Version 9. Lists of conflicts are read a page at a time, youngest first.

CREATE INDEX conflict_of_organization ON conflict (organization_id, decided_at);
CREATE INDEX conflict_of_user ON conflict (user_id, decided_at);
