-- What is remembered of each observed job, and which of its incidents (by their numbers) the operator knows. The
-- observer writes the one, the command `acknowledge` the other: so neither overwrites the other's.
CREATE TABLE jobs (
    job    TEXT PRIMARY KEY,
    memory TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE acknowledgements (
    job     TEXT PRIMARY KEY,
    through INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
