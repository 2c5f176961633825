CREATE TABLE berth (
  id        INTEGER PRIMARY KEY,
  pontoon   TEXT    NOT NULL CHECK (pontoon IN ('A', 'B', 'C')),
  length_cm INTEGER NOT NULL CHECK (length_cm > 0),
  beam_cm   INTEGER NOT NULL CHECK (beam_cm > 0),
  depth_cm  INTEGER NOT NULL, -- at chart datum; negative: dries
  dries     INTEGER GENERATED ALWAYS AS (depth_cm < 0) VIRTUAL
);

CREATE TABLE stay (
  id        INTEGER PRIMARY KEY,
  berth_id  INTEGER NOT NULL REFERENCES berth,
  boat      TEXT    NOT NULL,
  arrival   TEXT    NOT NULL,
  departure TEXT    NOT NULL CHECK (departure > arrival)
);

CREATE INDEX stay_by_berth ON stay (berth_id, arrival);

CREATE TRIGGER no_two_boats_in_one_berth BEFORE INSERT ON stay
WHEN EXISTS (SELECT 1 FROM stay
              WHERE berth_id = NEW.berth_id AND arrival < NEW.departure AND departure > NEW.arrival)
BEGIN
  SELECT RAISE(ABORT, 'this berth is taken');
END;

CREATE TABLE outbox (
  id      INTEGER PRIMARY KEY,
  stay_id INTEGER NOT NULL REFERENCES stay,
  text    TEXT    NOT NULL,
  sent_at TEXT
);
