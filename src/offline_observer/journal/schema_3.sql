-- The windows of each dataset's profile: the one under way, and the one that it is compared with.
CREATE TABLE windows (
    dataset TEXT PRIMARY KEY,
    content BLOB NOT NULL
) STRICT;
