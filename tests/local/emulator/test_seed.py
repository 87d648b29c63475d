"""The file of attributes that stands in for what somebody defined in a real account."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thorough import examples

from signals_local.emulator import serve
from signals_local.emulator.assumptions import Assumptions
from signals_local.emulator.errors import StartError
from signals_local.emulator.registry import Registry
from signals_local.emulator.seed import plant
from signals_local.emulator.storage import Database

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
services:
  - name: web
    attribute_groups: [shopping]
  - name: app
    owner: app@company.com
    attribute_groups: [{name: shopping, version: 2}]
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
    with served(seed=seed(SEED)) as (emulator, api):
        assert emulator.broken_promises() == []
        services = api.get("/registry/services/").json()
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
    assert [(each["name"], each["is_published"], each["attribute_groups"]) for each in services] == [
        ("app", True, [{"name": "shopping", "version": 2}]),
        ("web", True, [{"name": "shopping", "version": 1}]),
    ]
    described = [(each["name"], each["type"], each["aggregation"]) for each in groups[0]["attributes"]]
    assert described == [("cart_value", "double", "last"), ("visits", "int32", "counter")]


def test_it_is_planted_once(served, seed, tmp_path):
    """A second start with the same file changes nothing, not even what was withdrawn since."""
    path, file = seed(SEED.split("services:", maxsplit=1)[0]), str(tmp_path / "signals.db")
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


def group(entry):
    return f"attribute_groups: [{{name: g, attribute_key: user_id, {entry}}}]"


DEEP = "attribute_keys: " + "[" * 30 + "]" * 30
FAULTS = {
    "no YAML": ("a: [", "is not YAML: line 1: expected the node content"),
    "a quote without end": ('a: "b', "is not YAML: line 1: found unexpected end of stream"),
    "a tab": ("a:\n\t- b", "is not YAML: line 2: found character"),
    "a NUL": ("a: \0", "is not YAML: unacceptable character"),
    "two documents": ("a: 1\n---\nb: 2", "is not YAML: line 2: but found another document"),
    "a list": ("- shopping", "the file: Input should be an object"),
    "a text": ("shopping", "the file: Input should be an object"),
    "an unknown section": ("groups: []", "groups: Extra inputs are not permitted"),
    "a section that is no list": ("attribute_keys: {a: b}", "attribute_keys: Input should be a valid array"),
    "a section that is empty": ("services:", "services: Input should be a valid array"),
    "a key that is a number": ("5: []", "line 1: the key 5 is not a string"),
    "a key that is a list": ("? [1]\n: 2", "line 1: the key "),
    "a key that YAML takes for true": (group("attributes: {on: double}"), "line 1: the key True is not a string"),
    "a key that appears twice": ("services: []\nservices: []", "line 2: the key 'services' appears twice"),
    "an attribute that appears twice": (group("attributes: {a: double, a: string}"), "line 1: the key 'a' appears twice"),
    "an alias": ("a: &a [1]\nb: *a", "line 2: anchors and aliases are not supported"),
    "an alias of itself": ("attribute_keys: &a [*a]", "line 1: anchors and aliases are not supported"),
    "a merge": ("attribute_keys: [{<<: {name: a}}]", "is not YAML: line 1: could not determine a constructor"),
    "a tag": ("attribute_keys: [!!binary aGk=]", "line 1: the tag tag:yaml.org,2002:binary is not supported"),
    "a tag of Python's": ("a: !!python/object/apply:os.system [ls]", "line 1: the tag tag:yaml.org,2002:python"),
    "nested without end": (DEEP, "line 1: nested deeper than 20 levels"),
    "nested a hundred thousand deep": ("[" * 100_000, "line 1: nested deeper than 20 levels"),
    "too large": ("#" * (1024 * 1024 + 1), "is larger than 1024 KB"),
    "no number": (group("attributes: {a: {default_value: .nan}}"), "the file: is not JSON in YAML's spelling"),
    "an unknown type": (SEED.replace("double", "dubble"), "attribute_groups[0].attributes.0.type: Input should be 'bytes'"),
    "a misspelt field": (group("attributes: {a: {tpye: double}}"), "attribute_groups[0].attributes.0.tpye: Extra inputs are not permitted"),
    "an unknown field of a group": (group("colour: red"), "attribute_groups[0].colour: Extra inputs are not permitted"),
    "an unknown field of a key": ("attribute_keys: [{name: a, tttl: P1D}]", "attribute_keys[0].tttl: Extra inputs are not permitted"),
    "true for a version": (group("version: true"), "attribute_groups[0].version: Input should be a valid integer, not a boolean"),
    "a text for a version": (group('version: "1"'), "attribute_groups[0].version: Input should be a valid integer"),
    "a fraction for a version": (group("version: 1.5"), "attribute_groups[0].version: Input should be a valid integer"),
    "no version": (group("version: 0"), "attribute_groups[0].version: Input should be greater than or equal to 1"),
    "a number for a flag": (group("is_published: 1"), "attribute_groups[0].is_published: Input should be a valid boolean"),
    "a flag for a name": ("attribute_keys: [no]", "attribute_keys.0"),
    "an unknown key": (SEED.replace("key: domain_userid", "key: nobody"), "attribute_groups[0]: Attribute key 'nobody' does not exist"),
    "a name that is none": ("attribute_keys: [not-a-name]", "attribute_keys[0].name: String should match pattern"),
    "a duration that is none": ("attribute_keys: [{name: a, ttl: soon}]", "attribute_keys[0].ttl: Input should be a valid duration"),
    "a group without attributes": (group("owner: a@b.co"), "attribute_groups[0]: Attribute group 'g' version 1 has neither attributes nor fields"),
    "a service without groups": ("services: [{name: s}]", "services[0].attribute_groups: Field required"),
    "a service with an unknown group": ("services: [{name: s, attribute_groups: [g]}]", "services[0]: Attribute group 'g' version 1 does not exist"),
    "a service of two keys": (SEED + "  - {name: both, attribute_groups: [shopping, {name: shopping, version: 2}]}", "services[2]: Service can only reference attribute groups with the same attribute key"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), FAULTS.values(), ids=FAULTS)
def test_a_file_with_a_fault_is_refused_with_its_place(seed, text, says):
    """The reason names the file and the entry, in one line."""
    path = seed(text)
    with pytest.raises(StartError) as refused, serve(seed=path):
        pass
    told = str(refused.value)
    assert told.startswith(f"{path}: ")
    assert says in told
    assert "\n" not in told


PARTS = st.sampled_from(
    ["attribute_keys:", "attribute_groups:", "services:", "- ", "name: ", "a", "&a ", "*a", "!!int ", "{", "}", "[", "]", ": ", "\n", "  ",
     "version: ", "1", "true", "null", ".inf", "2026-01-01", "'", '"', "|", "#", "? ", "%", "domain_userid", "attributes:", "double", "<<: ", "\ufeff", "\t"]
) | st.text(max_size=3)  # fmt: skip


def complaint_about(path):
    """Plant a file; return why it was refused, or nothing."""
    database = Database(":memory:")
    try:
        plant(Registry(database, Assumptions()), path)
    except StartError as refused:
        return str(refused)
    finally:
        database.close()
    return ""


@settings(max_examples=examples(300))
@given(
    st.lists(PARTS, max_size=25).map("".join).map(lambda text: text.encode(errors="replace"))
    | st.binary(max_size=60)
)
def test_no_file_is_an_error_of_the_emulator(tmp_path_factory, content):
    """Whatever is in a file, it is planted or refused in one line."""
    path = tmp_path_factory.mktemp("seed") / "attributes.yaml"
    path.write_bytes(content)
    assert "\n" not in complaint_about(path)


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
