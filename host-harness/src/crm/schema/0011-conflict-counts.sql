-- Version 11. An overview counts all conflicts of a user by resource, whatever came of
-- them since.

DROP INDEX conflict_by_user;
CREATE INDEX conflict_of_user_by_resource ON conflict (user_id, resource);
