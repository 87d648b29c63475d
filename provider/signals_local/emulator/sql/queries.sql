-- Every statement of the emulator, by name. `storage.py` reads them from here.

-- name: insert_object
-- A new object, as a draft.
INSERT INTO object (kind, name, version, definition, digest, is_built_in, created_at, updated_at)
VALUES (:kind, :name, :version, :definition, :digest, :is_built_in, :now, :now);

-- name: replace_definition
-- Replace the definition of a draft.
UPDATE object SET definition = :definition, digest = :digest, updated_at = :now
WHERE kind = :kind AND name = :name AND version = :version;

-- name: set_published
-- Publish or withdraw an object.
UPDATE object SET is_published = :is_published, updated_at = :now
WHERE kind = :kind AND name = :name AND version = :version;

-- name: delete_object
-- Delete an object with its references and attributes.
DELETE FROM object WHERE kind = :kind AND name = :name AND version = :version;

-- name: delete_all_objects
-- Delete everything except the built-in keys, for a reset.
DELETE FROM object WHERE is_built_in = 0;

-- name: get_object
-- One object.
SELECT * FROM object WHERE kind = :kind AND name = :name AND version = :version;

-- name: get_versions
-- All versions of a name, highest first.
SELECT * FROM object WHERE kind = :kind AND name = :name ORDER BY version DESC;

-- name: list_objects
-- All objects of a kind, by name and version.
SELECT * FROM object WHERE kind = :kind ORDER BY name, version;

-- name: list_newest_objects
-- The highest version of each name.
SELECT * FROM object AS o WHERE kind = :kind
AND version = (SELECT max(version) FROM object AS n WHERE n.kind = o.kind AND n.name = o.name) ORDER BY name;

-- name: list_published_objects
-- The live objects.
SELECT * FROM object WHERE kind = :kind AND is_published = 1 ORDER BY name, version;

-- name: insert_reference
-- A reference from one object to another.
INSERT INTO reference (kind, name, version, role, target_kind, target_name, target_version, attribute)
VALUES (:kind, :name, :version, :role, :target_kind, :target_name, :target_version, :attribute);

-- name: delete_references
-- Before a definition is replaced.
DELETE FROM reference WHERE kind = :kind AND name = :name AND version = :version;

-- name: get_references
-- The references of an object, in the order of its definition.
SELECT * FROM reference WHERE kind = :kind AND name = :name AND version = :version ORDER BY rowid;

-- name: users_of
-- The users of a name, with each reference and whether the user is published.
SELECT r.*, o.is_published FROM reference AS r JOIN object AS o USING (kind, name, version)
WHERE r.target_kind = :target_kind AND r.target_name = :target_name ORDER BY r.kind, r.name, r.version;

-- name: insert_attribute
-- An attribute of a group's version.
INSERT INTO attribute (group_name, version, name) VALUES (:group_name, :version, :name);

-- name: list_attributes
-- The attributes of a group's version.
SELECT name FROM attribute WHERE kind = 'attribute_group' AND group_name = :group_name AND version = :version;

-- name: delete_attributes
-- Before a group's definition is replaced.
DELETE FROM attribute WHERE kind = 'attribute_group' AND group_name = :group_name AND version = :version;

-- name: resolve_attribute
-- The version to which `group:attribute` refers: the highest published one that has the attribute.
SELECT max(a.version) AS version FROM attribute AS a
JOIN object AS o ON o.kind = a.kind AND o.name = a.group_name AND o.version = a.version
WHERE a.group_name = :group_name AND a.name = :name AND o.is_published = 1;

-- name: insert_change
-- A change that a request made to an object.
INSERT INTO change (sequence, method, path, kind, name, version, event, digest, is_published)
VALUES (:sequence, :method, :path, :kind, :name, :version, :event, :digest, :is_published);

-- name: list_changes
-- The whole history of a kind, in order.
SELECT * FROM change WHERE kind = :kind ORDER BY number;

-- name: delete_changes
-- For a reset.
DELETE FROM change;

-- name: reserve_sequence
-- Take the next block of request numbers.
UPDATE sequence SET reserved = reserved + :count;

-- name: get_reserved_sequence
-- The last request number that may have been given out.
SELECT reserved FROM sequence;

-- name: insert_loss
-- Whom a request took a group's version from without naming them.
INSERT INTO loss (sequence, method, path, group_name, group_version, kind, name, version)
VALUES (:sequence, :method, :path, :group_name, :group_version, :kind, :name, :version);

-- name: list_losses
-- All of them after a request, in order.
SELECT * FROM loss WHERE sequence > :since ORDER BY number;

-- name: delete_losses
-- For a reset.
DELETE FROM loss;
