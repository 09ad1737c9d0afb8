-- The alerts of the configuration that the observer evaluates, in its order: what readers need to know of them.
CREATE TABLE alerts (
    alert     TEXT PRIMARY KEY,
    place     INTEGER NOT NULL,
    condition TEXT NOT NULL,
    severity  TEXT NOT NULL,
    channels  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The state of an alert for one job, partition (topic/number in `part`) or dataset. One that is normal, and of which nobody
-- was told otherwise, has no row. `told` is a JSON list of channels.
CREATE TABLE alert_states (
    alert    TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    part     TEXT NOT NULL,
    job      TEXT NOT NULL,
    state    TEXT NOT NULL,
    since    TEXT NOT NULL,
    fired_at TEXT,
    value    ANY,
    reason   TEXT NOT NULL,
    told     TEXT NOT NULL,
    told_at  TEXT,
    PRIMARY KEY (alert, pipeline, part)
) STRICT, WITHOUT ROWID;

-- How they went from state to state, the newest of it.
CREATE TABLE alert_history (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    at       TEXT NOT NULL,
    alert    TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    part     TEXT NOT NULL,
    "from"   TEXT NOT NULL,
    "to"     TEXT NOT NULL,
    value    ANY
) STRICT;

-- Until when nobody is told of an alert. Written by a command, read by the observer.
CREATE TABLE silences (
    alert TEXT PRIMARY KEY,
    until TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What is to be told, a row for each channel, written in one transaction with the states that it tells of. A message is tried
-- from `queued_at` on until it is delivered or given up.
CREATE TABLE notifications (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    channel      TEXT NOT NULL,
    alert        TEXT NOT NULL,
    kind         TEXT NOT NULL,
    severity     TEXT NOT NULL,
    title        TEXT NOT NULL,
    body         TEXT NOT NULL,
    made_at      TEXT NOT NULL,
    queued_at    TEXT NOT NULL,
    tries        INTEGER NOT NULL DEFAULT 0,
    error        TEXT,
    delivered_at TEXT,
    given_up_at  TEXT
) STRICT;

CREATE INDEX notifications_waiting ON notifications (channel, number)
    WHERE delivered_at IS NULL AND given_up_at IS NULL;
