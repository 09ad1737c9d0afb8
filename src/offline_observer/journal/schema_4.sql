-- The window that a dataset's windows are compared with, in place of the one before each: pinned by a command.
CREATE TABLE baselines (
    dataset TEXT PRIMARY KEY,
    content BLOB NOT NULL
) STRICT;
