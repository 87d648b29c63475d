"""What `group:attribute` means, and who goes down with whom."""

import pytest

RULES = "/registry/interventions/"
CASES = [
    pytest.param({1: "ab", 2: "ab", 3: "ab"}, [3], id="the highest version that has it"),
    pytest.param({1: "ab", 2: "ab", 3: "b"}, [2], id="not a higher one without it"),
]


def group(*versions):
    return {"attribute_groups": [{"name": "g", "version": version} for version in versions]}


def live(api, name="cart"):
    return api.get(f"{RULES}{name}/versions/1").json()["is_published"]


@pytest.mark.parametrize(("versions", "means"), CASES)
def test_the_version_that_an_attribute_means(emulator, api, definition, versions, means):
    """A rule goes down with the version that its attribute resolves to, and with no other."""
    for version, names in versions.items():
        emulator.publish_group("g", dict.fromkeys(names, "double"), version=version)
    rule = definition(criteria={"attribute": "g:a", "operator": ">", "value": 1})
    assert api.post(RULES, json=rule).is_success

    others = [version for version in versions if version not in means]
    assert api.post("/engines/unpublish", json=group(*others)).is_success
    assert live(api)
    assert api.post("/engines/unpublish", json=group(*means)).is_success
    assert not live(api)


def test_a_published_group_again_does_not_revive_a_rule(emulator, api, definition):
    """What a group took down stays down until somebody publishes it."""
    api.post(RULES, json=definition())
    shopping = {"attribute_groups": [{"name": "shopping", "version": 1}]}
    api.post("/engines/unpublish", json=shopping)
    api.post("/engines/publish", json=shopping)
    assert not live(api)


def test_a_payload_takes_a_rule_down(emulator, api, definition):
    """A rule goes down with the very version of a group that travels with it, withdrawn or deleted."""
    emulator.publish_group("g", {"a": "double"})
    emulator.publish_group("g", {"a": "double"}, version=2)
    api.post(RULES, json=definition("first", payload_attribute_groups=[{"name": "g", "version": 1}]))
    api.post(RULES, json=definition("second", payload_attribute_groups=[{"name": "g", "version": 2}]))
    api.post("/engines/unpublish", json=group(1))
    assert [live(api, "first"), live(api, "second")] == [False, True]

    api.post(RULES, json=definition("third", payload_attribute_groups=[{"name": "g", "version": 1}]))
    assert live(api, "third")
    assert api.delete("/registry/attribute_groups/g/versions/1").json() == {"ok": True}
    assert [live(api, "third"), live(api, "second")] == [False, True]


def test_a_rule_under_a_box_goes_down_too(emulator, api, definition):
    """A reference counts however deep it stands, and drafts are left alone."""
    emulator.publish_group("g", {"a": "double"})
    nested = {"any": [{"none": [{"attribute": "g:a", "operator": "is null"}]}]}
    api.post(RULES, json=definition("nested", criteria=nested))
    api.post(RULES, json=definition("other"))
    api.post("/engines/unpublish", json=group(1))
    assert [live(api, "nested"), live(api, "other")] == [False, True]


def test_a_replaced_draft_forgets_its_old_references(emulator, api, definition):
    """After an edit only the new definition's groups count."""
    emulator.publish_group("g", {"a": "double"})
    old = definition(criteria={"attribute": "g:a", "operator": "is null"}, is_published=False)
    api.post(RULES, json=old)
    api.put(f"{RULES}cart/versions/1", json=definition())
    api.post("/engines/unpublish", json=group(1))
    assert live(api)


def test_engines_take_down_users_before_what_they_use(emulator, api, definition):
    """One call withdraws a rule, its group and the group's key, in whatever order they are named."""
    emulator.publish_key("basket_id")
    emulator.publish_group("g", {"a": "double"}, key="basket_id")
    api.post(RULES, json=definition(criteria={"attribute": "g:a", "operator": "is null"}))
    body = {
        "attribute_keys": [{"name": "basket_id"}],
        **group(1),
        "interventions": [{"name": "cart", "version": 1}],
    }
    assert api.post("/engines/unpublish", json=body).json() == {"status": "unpublished"}
    assert api.post("/engines/publish", json=body).json() == {"status": "published"}
    assert live(api)


def test_an_external_groups_fields_are_attributes(emulator, api, definition):
    """What a warehouse table brings can be referred to like what a stream computes."""
    source = {"name": "s", "timestamp_field": "at", "database": "db", "schema": "sales", "table": "users"}
    body = {
        "name": "crm",
        "attribute_key": {"name": "user_id"},
        "offline": True,
        "fields": [{"name": "tier", "type": "string"}],
        "batch_source": source,
        "is_published": True,
    }
    assert api.post("/registry/attribute_groups/", json=body).is_success
    rule = definition(criteria={"attribute": "crm:tier", "operator": "=", "value": "gold"})
    assert api.post(RULES, json=rule).status_code == 201
