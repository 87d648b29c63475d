"""A stack's files are their owner's alone, lead nowhere else, and lose nothing on a full disk or beside odd ones."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import Local
from table import A, B, program

from signals_local.engine.errors import EngineError, StateError
from signals_local.engine.lock import StackLock
from signals_local.engine.model import Home, Resource
from signals_local.engine.places import Place, make_ready, place_of
from signals_local.engine.state import StackState

HOME = Home("dev", "p")
FILES = ("dev.json", "dev.json.new", "dev.journal", "dev.lock", "dev.pid")
RESOURCES = [
    Resource(f"urn:pulumi:dev::p::t::{number}", "t", custom=True, id=str(number), inputs={"v": "x" * 50})
    for number in range(4)
]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """The place of a stack that has never been deployed."""
    found = place_of(tmp_path, HOME)
    make_ready(found)
    return found


@pytest.fixture(autouse=True)
def _open_hearted() -> Iterator[None]:
    """Run with the umask that takes nothing away."""
    before = os.umask(0)
    yield
    os.umask(before)


@contextlib.contextmanager
def running(place: Place) -> Iterator[StackState]:
    """Begin a run and finish it, as the engine does."""
    lock = StackLock(place)
    lock.take()
    try:
        state = StackState(place.folder.parent, HOME, None)
        state.begin()
        try:
            yield state
        finally:
            state.finish()
    finally:
        lock.release()


def deploy(place: Place) -> None:
    """Do what a run does with its files."""
    with running(place) as state:
        missing = [found for found in RESOURCES if found not in state.snapshot().resources()]
        for number, found in enumerate(missing):
            state.commit([["put", f"n{number}", found]])


def modes(directory: Path) -> dict[str, int]:
    """The permissions of everything below a directory."""
    return {file.name: stat.S_IMODE(file.lstat().st_mode) for file in directory.rglob("*")}


def test_files_are_their_owners_alone(tmp_path):
    """While a run is at work and after it, its files are 0600 and their folders 0700, whatever the umask says."""
    place = place_of(tmp_path / "new" / "state", HOME)
    make_ready(place)
    lock = StackLock(place)
    lock.take()
    state = StackState(tmp_path / "new" / "state", HOME, None)
    state.begin()
    state.commit([["put", "n1", RESOURCES[0]]])
    folders = {"new": 0o700, "state": 0o700, "p": 0o700}
    assert modes(tmp_path) == {**folders, "dev.lock": 0o600, "dev.pid": 0o600, "dev.journal": 0o600}
    state.finish()
    lock.release()
    assert modes(tmp_path) == {**folders, "dev.lock": 0o600, "dev.json": 0o600}


def test_a_folder_that_was_open_is_closed(place):
    """What an earlier release left open to others is closed before anything is written in it."""
    place.folder.chmod(0o755)
    make_ready(place)
    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", FILES)
def test_no_link_is_followed(place, tmp_path, name):
    """A link in the place of any file is told of, and what it points at stays as it is."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("precious")
    (place.folder / name).symlink_to(elsewhere)
    with pytest.raises(EngineError, match=name):
        deploy(place)
    assert elsewhere.read_text() == "precious"
    assert (place.folder / name).is_symlink()


@pytest.mark.parametrize("name", FILES)
def test_a_link_to_nowhere_makes_nothing(place, tmp_path, name):
    """Nor is anything made where a link points to."""
    (place.folder / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EngineError, match=name):
        deploy(place)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["a folder", "a pipe", "a socket"])
def test_something_else_in_its_place(place, name, kind, monkeypatch):
    """A folder, a pipe or a socket where a file belongs is a sentence that names it, and nothing waits for it."""
    odd = place.folder / name
    if kind == "a folder":
        odd.mkdir()
        (odd / "kept").touch()
    elif kind == "a pipe":
        os.mkfifo(odd)
    else:
        monkeypatch.chdir(place.folder)  # What a socket's address may be is short.
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(name)
    with pytest.raises(EngineError, match=name) as told:
        deploy(place)
    assert "\n" not in str(told.value)
    assert "ove it away" in str(told.value)
    assert odd.exists()
    if kind == "a folder":
        assert (odd / "kept").exists()


def test_the_folder_itself_is_no_link(place, tmp_path):
    """A link in place of a stack's folder is not followed either."""
    place.folder.rmdir()
    (tmp_path / "elsewhere").mkdir()
    place.folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateError, match="is a symbolic link, where a folder is expected"):
        make_ready(place)


@pytest.mark.parametrize("junk", [b"", b"junk", b"\xff\xfe", b"-1", b"9" * 500, "²".encode(), b"12\n13"])
def test_junk_in_the_file_of_the_owner(place, junk):
    """What is no process id is not told as one; a run at work is told of all the same, and what is left is overwritten."""
    place.owner.write_bytes(junk)
    deploy(place)
    first = StackLock(place)
    first.take()
    try:
        place.owner.write_bytes(junk)
        with pytest.raises(StateError, match="another run is running on this stack; wait for it"):
            StackLock(place).take()
    finally:
        first.release()


def test_a_left_lock_locks_nothing(place):
    """Files that a dead run left, whatever is in them, keep nobody away."""
    for file in (place.lock, place.owner, place.draft):
        file.write_bytes(b"junk")
    deploy(place)
    assert sorted(file.name for file in place.folder.iterdir()) == ["dev.json", "dev.lock"]


@contextlib.contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as a full disk does."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def held(place: Place) -> tuple[list[str], list[str]]:
    """Return the ids of what the next run finds, and of what it finds in progress."""
    left = StackState(place.folder.parent, HOME, None).snapshot()
    return [found.id for found in left.resources()], [found.id for _, found in left.pending.values()]


def test_a_full_disk_loses_nothing(tmp_path):
    """Wherever the room ends, it is a sentence, what was done is found again or named, and with room the next run succeeds."""
    told: list[str] = []
    in_progress = 0
    for room in range(0, 2_100, 7):
        place = place_of(tmp_path / str(room), HOME)
        make_ready(place)
        done: list[str] = []
        with room_for(room):
            try:
                make_all(place, done)
            except StateError as fault:
                told.append(str(fault))
        resources, pending = held(place)
        assert [*resources, *pending] == done
        assert (f"creating {''.join(pending)}: whether that was done" in "".join(told[-1:])) == bool(pending)
        in_progress += len(pending)
        deploy(place)
        assert sorted(held(place)[0]) == ["0", "1", "2", "3"]
        assert not place.draft.exists()
    assert 50 < len(told) < 290
    assert in_progress
    assert [text for text in told if "cannot be written: File too large" not in text or "\n" in text] == []


def make_all(place: Place, done: list[str]) -> None:
    """Create every resource as a run does, and note which."""
    with running(place) as state:
        for number, wanted in enumerate(RESOURCES):
            state.commit([["begin", f"o{number}", "creating", wanted]])
            done.append(wanted.id)
            state.commit([["put", f"n{number}", wanted], ["end", f"o{number}"]])


@pytest.mark.parametrize("room", [0, 3])
def test_no_room_for_the_process_id(place, room):
    """Where not even the process id can be written, the run is refused and the lock given back."""
    with (
        room_for(room),
        pytest.raises(StateError, match=r"dev.pid cannot be written: File too large. Nothing"),
    ):
        StackLock(place).take()
    deploy(place)


@pytest.fixture
def engine(tmp_path: Path) -> Local:
    """A local engine with an empty world and no state."""
    return Local(tmp_path)


def test_a_command_on_a_full_disk(engine):
    """A run that cannot write anything says so in one sentence, and has done nothing."""
    engine.write(program(A, B))
    limited = subprocess.run(
        ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *engine.killable, "up", "--yes"],
        cwd=engine.project,
        env=engine.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert limited.returncode == 1
    (line,) = limited.stderr.splitlines()
    assert "cannot be written: File too large. Nothing was changed" in line
    assert engine.things() == {}
    assert engine.command("up", "--yes").returncode == 0


def earlier(engine: Local) -> Path:
    """Put a deployed stack's files where release 0.1.0 kept them; return that directory."""
    assert engine.command("up", "--yes").returncode == 0
    directory = engine.project / ".signals" / "state"
    (directory / "world" / "dev.json").rename(directory / "dev.json")
    (directory / "dev.json").chmod(0o644)
    (directory / "dev.lock").touch()
    (directory / "dev.pid").write_text("1")
    for file in (directory / "world").iterdir():
        file.unlink()
    (directory / "world").rmdir()
    return directory


def test_a_state_of_the_first_release_is_moved(engine):
    """A preview uses it where it is; the next run that changes something moves it, and nothing is deployed anew."""
    engine.write(program(A, B))
    directory = earlier(engine)
    assert engine.preview().steps == []
    assert (directory / "dev.json").exists()
    assert not (directory / "world").exists()
    assert engine.command("up", "--yes").returncode == 0
    assert sorted(engine.things()) == ["a-1", "b-1"]
    assert [file.name for file in directory.iterdir()] == ["world"]
    assert modes(directory / "world") == {"dev.json": 0o600, "dev.lock": 0o600}
    assert len(engine.state()) == 3


def test_a_journal_of_the_first_release_is_moved(engine):
    """What a run of that release had done before it died moves along."""
    engine.write(program(A, B))
    directory = earlier(engine)
    records = json.loads((directory / "dev.json").read_text())["deployment"]["resources"]
    (directory / "dev.json").unlink()
    changes = [["put", f"n{number}", record] for number, record in enumerate(records)]
    nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    lines = [{"base": nothing}, {"changes": changes}]
    (directory / "dev.journal").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert engine.command("up", "--yes").returncode == 0
    assert sorted(engine.things()) == ["a-1", "b-1"]
    assert [file.name for file in directory.iterdir()] == ["world"]


def test_a_state_of_another_project_stays(engine):
    """Another project's is not used, not changed and not moved, though its stack has the same name."""
    engine.write(program(A, B))
    directory = earlier(engine)
    foreign = (directory / "dev.json").read_text().replace("::world::", "::other::")
    (directory / "dev.json").write_text(foreign)
    engine.write(program(A))
    assert engine.preview().steps == [("create", "world-dev"), ("create", "a")]
    assert engine.command("up", "--yes").returncode == 0
    assert engine.command("destroy", "--yes").returncode == 0
    assert (directory / "dev.json").read_text() == foreign
    assert sorted(engine.things()) == ["a-1", "b-1"]


def test_a_run_of_the_first_release_is_not_disturbed(engine):
    """While that release is at work on the stack, its files are not moved."""
    engine.write(program(A))
    directory = earlier(engine)
    at_work = StackLock(Place(directory, "dev"))
    at_work.take()
    try:
        done = engine.command("up", "--yes")
        assert done.returncode == 1
        assert f"another run is running on this stack (process {os.getpid()})" in done.stderr
        assert (directory / "dev.json").exists()
    finally:
        at_work.release()
    assert engine.command("up", "--yes").returncode == 0


def test_two_projects_share_a_directory(tmp_path):
    """Two projects with one state directory and one stack name do not touch each other's resources."""
    shared = str(tmp_path / "shared")
    one, other = Local(tmp_path / "one"), Local(tmp_path / "other")
    settings = other.project / "Pulumi.yaml"
    settings.write_text(settings.read_text().replace("name: world", "name: other"))
    one.write(program(A))
    other.write(program(A))
    for engine in (one, other):
        assert engine.command("up", "--yes", "--state", shared).returncode == 0
    assert other.command("destroy", "--yes", "--state", shared).returncode == 0
    assert (list(one.things()), list(other.things())) == (["a-1"], [])
    assert "2 unchanged" in one.command("up", "--yes", "--state", shared).stdout
