"""One file: what was answered is kept, whatever ends the process; what can't be stored is not half-stored."""

import concurrent.futures
import resource
import signal
import sqlite3
import threading
from contextlib import closing

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_http import connect
from thorough import examples

from signals_local.emulator import Emulator, serve
from signals_local.emulator.errors import StartError

RULES = "/api/v1/registry/interventions/"


@pytest.fixture
def file(tmp_path):
    return str(tmp_path / "signals.db")


def http(url):
    return connect(url, "local")


def test_a_killed_process_loses_nothing_that_it_answered(command, definition, file):
    """Killed in the middle of many requests, the next process has each one that was answered, whole."""
    process = command("--db", file)
    with Emulator(process.url) as emulator:
        emulator.publish_group("shopping", {"cart_value": "double"})
    answered, enough = [], threading.Event()

    def publish(worker):
        with http(process.url) as client:
            for number in range(1000):
                name = f"rule_{worker}_{number}"
                try:
                    assert client.post(RULES, json=definition(name)).status_code == 201
                except httpx.TransportError:
                    return
                answered.append(name)
                if len(answered) >= 60:
                    enough.set()

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        workers = [pool.submit(publish, worker) for worker in range(3)]
        assert enough.wait(60)
        process.end(signal.SIGKILL)
        for worker in workers:
            worker.result()

    with serve(db=file) as emulator, http(emulator.url) as client:
        rules = {rule["name"]: rule for rule in client.get(RULES).json()}
        assert set(answered) <= set(rules)
        assert len(rules) <= len(answered) + 3
        assert all(rule["is_published"] for rule in rules.values())
        assert len(emulator.history()["names"]) == len(rules)


def test_everything_is_there_after_a_restart(definition, file):
    """Registry and history go on where they were; request numbers only grow."""
    with serve(db=file) as emulator, http(emulator.url) as client:
        emulator.publish_group("shopping", {"cart_value": "double"})
        client.post(RULES, json=definition())
        rules, history, mark = client.get(RULES).json(), emulator.history(), emulator.mark()
    with serve(db=file) as emulator, http(emulator.url) as client:
        assert client.get(RULES).json() == rules
        assert emulator.history()["versions"] == history["versions"]
        client.put(f"{RULES}cart/versions/1", json=definition(is_published=False))
        assert emulator.mark() > mark
        assert emulator.history()["names"]["cart"][-1]["sequence"] > mark


def test_a_full_disk_is_a_500_and_nothing_is_half_stored(command, definition, file):
    """With no room left a request is refused in a sentence, and the registry is as before it, reads included."""
    process = command("--db", file)
    with Emulator(process.url) as emulator, http(process.url) as client:
        emulator.publish_group("shopping", {"cart_value": "double"})
        client.post(RULES, json=definition())
        before = client.get(RULES).json()
        resource.prlimit(process._process.pid, resource.RLIMIT_FSIZE, (65_536, 65_536))
        statuses = []
        for number in range(40):
            answer = client.post(RULES, json=definition(f"rule_{number}", description="x" * 20_000))
            statuses.append(answer.status_code)
            if answer.status_code != 201:
                break

        assert statuses[-1] == 500
        assert answer.json()["detail"].endswith("Nothing was changed.")
        stored = client.get(RULES).json()
        assert len(stored) == len(before) + len(statuses) - 1
        assert all(rule["is_published"] for rule in stored)
        assert len(emulator.history()["names"]) == len(stored)
    assert process.end()[0] == 0


def test_a_file_in_use_is_refused(file):
    """Two emulators on one file would confuse both: the second does not start."""
    with serve(db=file), pytest.raises(StartError, match="in use by another emulator"), serve(db=file):
        pass


def tables_of(path):
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a file with something in every table, as an emulator leaves it."""
    path = tmp_path_factory.mktemp("whole") / "signals.db"
    criteria = {"attribute": "shopping:cart_value", "operator": ">", "value": 75.0}
    rule = {"name": "cart", "criteria": criteria, "is_published": True}
    with serve(db=str(path)) as emulator, http(emulator.url) as client:
        emulator.publish_group("shopping", {"cart_value": "double"})
        client.post(RULES, json=rule)
        event = {"keys": {"domain_userid": "somebody"}, "attributes": {"shopping:cart_value": 80}}
        assert client.post("/local/attributes", json=event).json()["fired"]
        service = {"name": "web", "attribute_groups": [{"name": "shopping"}], "is_published": False}
        client.post("/api/v1/registry/services/", json=service)
        client.post(
            "/api/v1/engines/unpublish", json={"attribute_groups": [{"name": "shopping", "version": 1}]}
        )
    with closing(sqlite3.connect(path)) as connection:
        for table in tables_of(path):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0], table
    return path.read_bytes()


def complaint_about(path):
    """Start on a file and read all that is in it; return why it was refused, or nothing."""
    try:
        with serve(db=str(path)) as emulator, http(emulator.url) as client:
            for kind in ("interventions", "attribute_groups", "attribute_keys", "services"):
                assert client.get(f"/api/v1/registry/{kind}/").status_code == 200
            for own in ("history", "history?kind=service", "promises", "attributes"):
                assert client.get(f"/local/{own}").status_code == 200
            event = {"keys": {"domain_userid": "somebody"}, "attributes": {"shopping:cart_value": 80}}
            assert client.post("/local/attributes", json=event).status_code in (200, 422)
    except StartError as refused:
        return str(refused)
    return ""


@settings(max_examples=examples(120), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_is_refused_in_a_line_and_left_alone(whole, tmp_path_factory, data):
    """Wherever bytes are changed or missing, the emulator works as if nothing was, or says so and touches nothing."""
    content = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        kind = data.draw(st.sampled_from(["byte", "run", "cut", "page"]))
        if kind == "byte":
            content[at] ^= data.draw(st.integers(1, 255))
        elif kind == "run":
            content[at : at + 20] = data.draw(st.binary(min_size=20, max_size=20))
        elif kind == "cut":
            del content[max(at, 1) :]
        else:
            content[at - at % 4096 : at - at % 4096 + 4096] = bytes(4096)
    path = tmp_path_factory.mktemp("damaged") / "signals.db"
    path.write_bytes(content)
    complaint = complaint_about(path)
    if complaint:
        assert str(path) in complaint
        assert "\n" not in complaint
        assert path.read_bytes() == content
        assert sorted(each.name for each in path.parent.iterdir()) == ["signals.db"]


BY_HAND = {
    "a definition that is no JSON": "UPDATE object SET definition = 'x' WHERE name = 'cart'",
    "a definition of something else": "UPDATE object SET definition = '[]' WHERE name = 'cart'",
    "a definition that somebody edited": "UPDATE object SET definition = replace(definition, '75.0', '80.0') WHERE name = 'cart'",
    "another version than the definition's": "UPDATE object SET version = 2 WHERE name = 'cart' AND kind = 'intervention'",
    "a name that is no text": "UPDATE change SET name = x'ff' WHERE name = 'cart'",
    "a number that is none": "UPDATE change SET sequence = 'one'",
    "a text that is no UTF-8": "UPDATE change SET path = CAST(x'ff' AS TEXT)",
    "a value that is no JSON": "UPDATE attribute_value SET value = '{'",
    "a missing table": "DROP TABLE firing",
    "a missing index": "DROP INDEX change_of",
    "a table too many": "CREATE TABLE invoice (number INTEGER)",
    "a column too many": "ALTER TABLE object ADD COLUMN colour TEXT",
}  # fmt: skip


@pytest.mark.parametrize("statement", BY_HAND.values(), ids=BY_HAND)
def test_a_file_that_was_edited_is_refused_in_a_line_and_left_alone(whole, tmp_path, statement):
    """What no emulator wrote is not served: the next request would fail, or tell what was never registered."""
    path = tmp_path / "signals.db"
    path.write_bytes(whole)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(statement)
    content = path.read_bytes()
    complaint = complaint_about(path)
    assert complaint.startswith(f"{path} is damaged (")
    assert "Nothing in it was changed." in complaint
    assert "\n" not in complaint
    assert path.read_bytes() == content


def test_a_file_of_the_first_schema_is_carried_on(whole, tmp_path):
    """What the first release wrote is read, and gets what came since."""
    path = tmp_path / "signals.db"
    path.write_bytes(whole)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TABLE loss")
        connection.execute("DELETE FROM object WHERE name = 'snowplow_id'")
        connection.execute("PRAGMA user_version = 1")
    with serve(db=str(path)) as emulator, http(emulator.url) as client:
        assert [each["name"] for each in client.get(RULES).json()] == ["cart"]
        assert client.get("/api/v1/registry/attribute_keys/snowplow_id").status_code == 200
        assert emulator.broken_promises() == []
    assert "loss" in tables_of(path)


def foreign(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE invoice (number INTEGER)")
    connection.close()


def newer(path):
    with serve(db=str(path)):
        pass
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 7")
    connection.close()


def no_database(path):
    path.write_text("attribute_groups: []\n" * 100, encoding="utf-8")


def no_folder(path):
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        pytest.param(foreign, "not one of this emulator", id="another program's database"),
        pytest.param(newer, "has schema 7; this release reads up to schema 2", id="another schema"),
        pytest.param(no_database, "is not a database", id="no database"),
        pytest.param(no_folder, "cannot open the database file", id="a folder"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(tmp_path, make, says):
    """What is not ours is left alone, and the reason names the file and what to do."""
    path = tmp_path / "signals.db"
    make(path)
    with pytest.raises(StartError, match=says) as refused, serve(db=str(path)):
        pass
    assert str(path) in str(refused.value)


def test_a_thousand_interventions_are_published_and_listed(served, definition):
    """A large account fits, and its list comes in one answer."""
    with served() as (emulator, api):
        emulator.publish_group("shopping", {"cart_value": "double"})
        for number in range(1000):
            assert api.post("/registry/interventions/", json=definition(f"rule_{number}")).status_code == 201
        listed = api.get("/registry/interventions/").json()
        assert len(listed) == 1000
        assert all(rule["is_published"] for rule in listed)
        assert emulator.broken_promises() == []
