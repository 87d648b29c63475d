"""One file: what was answered is kept, whatever ends the process; what can't be stored is not half-stored."""

import concurrent.futures
import resource
import signal
import sqlite3
import threading

import httpx
import pytest

from signals_local.emulator import Emulator, serve
from signals_local.emulator.errors import StartError

RULES = "/api/v1/registry/interventions/"


@pytest.fixture
def file(tmp_path):
    return str(tmp_path / "signals.db")


def http(url):
    return httpx.Client(base_url=url, headers={"Authorization": "Bearer local"}, timeout=20, trust_env=False)


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
