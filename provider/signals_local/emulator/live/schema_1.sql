-- What a visitor's events left behind. Part of the emulator's file, see storage.py.

-- The latest value of each attribute of each key id: what the service calls the Profiles Store.
CREATE TABLE attribute_value (
    key_name  TEXT NOT NULL,
    key_id    TEXT NOT NULL,
    attribute TEXT NOT NULL,                  -- group:name
    value     TEXT NOT NULL,                  -- JSON
    PRIMARY KEY (key_name, key_id, attribute)
) WITHOUT ROWID;

-- To whom a version of a rule has been sent, since it is sent only the first time.
CREATE TABLE firing (
    name     TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    key_name TEXT    NOT NULL,
    key_id   TEXT    NOT NULL,
    PRIMARY KEY (name, version, key_name, key_id)
) WITHOUT ROWID;
