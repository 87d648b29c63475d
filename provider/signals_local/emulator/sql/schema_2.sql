-- The second schema: who lost a version of an attribute group, by a request that withdrew it and did not name them.
CREATE TABLE loss (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    sequence      INTEGER NOT NULL,           -- the request's number
    method        TEXT    NOT NULL,
    path          TEXT    NOT NULL,
    group_name    TEXT    NOT NULL,
    group_version INTEGER NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN ('service', 'intervention')),
    name          TEXT    NOT NULL,
    version       INTEGER NOT NULL
);
