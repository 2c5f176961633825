-- For staging: no real boat is named.
UPDATE stay SET boat = 'Boat ' || id;
UPDATE outbox SET text = 'Boat ' || stay_id, sent_at = coalesce(sent_at, datetime('now'));
VACUUM;
