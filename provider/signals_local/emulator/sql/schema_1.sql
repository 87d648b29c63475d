-- The registry and its history. `PRAGMA user_version` tells which schema a file has; see storage.py.

-- Everything that can be registered: attribute keys, attribute groups, services, interventions.
-- What has no versions of its own (keys, services) is stored under version 0.
CREATE TABLE object (
    kind         TEXT    NOT NULL CHECK (kind IN ('attribute_key', 'attribute_group', 'service', 'intervention')),
    name         TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    definition   TEXT    NOT NULL,            -- JSON: all fields of the model but is_published
    digest       TEXT    NOT NULL,            -- of the definition without its version
    is_published INTEGER NOT NULL DEFAULT 0,
    is_built_in  INTEGER NOT NULL DEFAULT 0,  -- the attribute keys that every account has
    created_at   TEXT    NOT NULL,
    updated_at   TEXT    NOT NULL,
    PRIMARY KEY (kind, name, version)
) WITHOUT ROWID;

-- What one object needs of another.
CREATE TABLE reference (
    kind           TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    role           TEXT    NOT NULL CHECK (role IN ('criterion', 'target', 'payload', 'key', 'member')),
    target_kind    TEXT    NOT NULL,
    target_name    TEXT    NOT NULL,
    target_version INTEGER,                   -- null: no particular one
    attribute      TEXT,                      -- of a criterion: the attribute after the colon
    FOREIGN KEY (kind, name, version) REFERENCES object ON DELETE CASCADE
);
CREATE INDEX reference_from ON reference (kind, name, version);
CREATE INDEX reference_to ON reference (target_kind, target_name);

-- The attributes (or, of an external batch group, the fields) of each version of each attribute group.
CREATE TABLE attribute (
    kind       TEXT    NOT NULL DEFAULT 'attribute_group' CHECK (kind = 'attribute_group'),
    group_name TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    PRIMARY KEY (group_name, name, version),
    FOREIGN KEY (kind, group_name, version) REFERENCES object ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX attribute_of ON attribute (kind, group_name, version);

-- Every change that a request made to an object, in order. Nothing here is ever altered; only a reset empties it.
CREATE TABLE change (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    sequence     INTEGER NOT NULL,            -- the request's number
    method       TEXT    NOT NULL,
    path         TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    event        TEXT    NOT NULL CHECK (event IN ('created', 'replaced', 'published', 'unpublished', 'deleted')),
    digest       TEXT    NOT NULL,
    is_published INTEGER NOT NULL             -- after the change
);
CREATE INDEX change_of ON change (kind, name, version);

-- Request numbers only grow, over restarts and kills too: a block of them is taken in advance.
CREATE TABLE sequence (reserved INTEGER NOT NULL);
INSERT INTO sequence VALUES (0);
