"""What lists hold when a query asks for a part of them."""

import pytest

GROUPS = "/registry/attribute_groups/"
SOURCE = {"name": "s", "timestamp_field": "at", "database": "db", "schema": "sales", "table": "users"}


@pytest.fixture
def groups(api):
    """A live and a withdrawn version of a stream group, a draft, and a group of the warehouse."""
    stream = {
        "name": "g",
        "attribute_key": {"name": "user_id"},
        "attributes": [{"name": "a", "type": "int32", "events": [], "aggregation": "counter"}],
        "is_published": True,
    }
    table = {
        "name": "t",
        "attribute_key": {"name": "user_id"},
        "offline": True,
        "fields": [{"name": "tier", "type": "string"}],
        "batch_source": SOURCE,
        "is_published": True,
    }
    for body in (stream, {**stream, "version": 2}, {**stream, "version": 3, "is_published": False}, table):
        assert api.post(GROUPS, json=body).is_success
    assert api.put(f"{GROUPS}g/versions/1", json={**stream, "is_published": False}).is_success

    def listed(**query):
        answer = api.get(GROUPS, params=query)
        assert answer.status_code == 200
        return [(each["name"], each["version"]) for each in answer.json() if each["name"] != "shopping"]

    return listed


def test_a_list_of_groups_holds_all_versions(groups):
    """Without a query, drafts and what was withdrawn are listed too."""
    assert groups() == groups(applied="false") == [("g", 1), ("g", 2), ("g", 3), ("t", 1)]


def test_applied_groups_are_the_published_ones(groups):
    """`applied=true` leaves out drafts and what was withdrawn."""
    assert groups(applied="true") == [("g", 2), ("t", 1)]


def test_offline_groups_are_those_of_the_warehouse(groups):
    """`offline` tells the warehouse from the stream, and goes with `applied`."""
    assert groups(offline="true") == [("t", 1)]
    assert groups(offline="false", applied="true") == [("g", 2)]


def test_other_queries_are_ignored(groups, api):
    """A query that means nothing changes nothing; one that is no flag is refused."""
    assert groups(property_syntax="x") == groups()
    assert api.get(GROUPS, params={"applied": "maybe"}).status_code == 422
