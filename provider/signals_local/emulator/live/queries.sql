-- The statements of the live part, by name. `storage.py` reads them from here.

-- name: list_attribute_values
-- What is known of one key id.
SELECT attribute, value FROM attribute_value WHERE key_name = :key_name AND key_id = :key_id;

-- name: set_attribute_value
-- The latest value of an attribute.
INSERT INTO attribute_value (key_name, key_id, attribute, value) VALUES (:key_name, :key_id, :attribute, :value)
ON CONFLICT DO UPDATE SET value = excluded.value;

-- name: get_firing
-- Whether a version of a rule was sent to a key id before.
SELECT 1 FROM firing WHERE name = :name AND version = :version AND key_name = :key_name AND key_id = :key_id;

-- name: insert_firing
-- It is now.
INSERT INTO firing (name, version, key_name, key_id) VALUES (:name, :version, :key_name, :key_id)
ON CONFLICT DO NOTHING;

-- name: delete_attribute_values
-- For a reset.
DELETE FROM attribute_value;

-- name: delete_firings
-- For a reset.
DELETE FROM firing;
