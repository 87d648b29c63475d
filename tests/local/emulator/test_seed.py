"""The file of attributes that stands in for what somebody defined in a real account."""

import pytest

from signals_local.emulator import serve
from signals_local.emulator.errors import StartError

SEED = """
attribute_keys:
  - basket_id
  - {name: account_id, description: A company}
attribute_groups:
  - name: shopping
    attribute_key: domain_userid
    attributes:
      cart_value: double
      visits: {type: int32, aggregation: counter}
  - name: shopping
    version: 2
    owner: data@company.com
    attribute_key: basket_id
    attributes:
      - {name: idle, aggregation: time_since_last, time_unit: min}
"""


@pytest.fixture
def seed(tmp_path):
    def write(text):
        path = tmp_path / "attributes.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_what_it_lists_is_published(served, seed):
    """Keys and groups of the file are there and published, as short as their entries are."""
    with served(seed=seed(SEED)) as (_, api):
        keys = {key["name"]: key for key in api.get("/registry/attribute_keys/").json()}
        groups = api.get("/registry/attribute_groups/").json()
    assert keys["basket_id"]["is_published"]
    assert keys["account_id"]["description"] == "A company"
    assert [
        (group["version"], group["is_published"], group["attribute_key"]["name"]) for group in groups
    ] == [
        (1, True, "domain_userid"),
        (2, True, "basket_id"),
    ]
    described = [(each["name"], each["type"], each["aggregation"]) for each in groups[0]["attributes"]]
    assert described == [("cart_value", "double", "last"), ("visits", "int32", "counter")]


def test_it_is_planted_once(served, seed, tmp_path):
    """A second start with the same file changes nothing, not even what was withdrawn since."""
    path, file = seed(SEED), str(tmp_path / "signals.db")
    withdrawn = {"attribute_groups": [{"name": "shopping", "version": 1}]}
    with served(seed=path, db=file) as (_, api):
        assert api.post("/engines/unpublish", json=withdrawn).is_success
    with served(seed=path, db=file) as (emulator, api):
        assert api.get("/registry/attribute_groups/shopping/versions/1").json()["is_published"] is False
        events = [
            event["event"]
            for version in emulator.history("attribute_group")["versions"]
            for event in version["events"]
        ]
    assert events == ["created", "published", "unpublished", "created", "published"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("a: [", "is not YAML", id="no YAML"),
        pytest.param("- shopping", "the file: Input should be an object", id="a list"),
        pytest.param("groups: []", "groups: Extra inputs are not permitted", id="an unknown section"),
        pytest.param(SEED.replace("double", "dubble"), r"attribute_groups\[0\]\.attributes\.0\.type", id="an unknown type"),
        pytest.param(SEED.replace("key: domain_userid", "key: nobody"), r"attribute_groups\[0\]: Attribute key 'nobody' does not exist", id="an unknown key"),
        pytest.param("attribute_keys: [not-a-name]", r"attribute_keys\[0\]\.name", id="a name that is none"),
    ],
)  # fmt: skip
def test_a_file_with_a_fault_is_refused_with_its_place(seed, text, says):
    """The reason names the file and the entry."""
    path = seed(text)
    with pytest.raises(StartError, match=says) as refused, serve(seed=path):
        pass
    assert str(refused.value).startswith(str(path))


def test_a_missing_file_is_refused(tmp_path):
    """A path that leads nowhere is told, and not taken for an empty file."""
    with (
        pytest.raises(StartError, match=r"nowhere\.yaml: cannot be read"),
        serve(seed=tmp_path / "nowhere.yaml"),
    ):
        pass


def test_another_content_under_a_known_number_is_refused(seed, tmp_path):
    """A published group does not change: the reason says to give the next number."""
    file = str(tmp_path / "signals.db")
    with serve(seed=seed(SEED), db=file):
        pass
    with (
        pytest.raises(
            StartError,
            match=r"'shopping' version 1 is registered with other content\. Give it the next version",
        ),
        serve(seed=seed(SEED.replace("cart_value: double", "cart_value: float")), db=file),
    ):
        pass
