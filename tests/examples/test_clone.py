"""The Makefile's commands in a clone: one example after another, on a taken port, beside another clone, started anew."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock
from warm import warm_python

from signals_local.emulator import serve

ROOT = Path(__file__).parents[2]
RULE = Path("examples/02_cart_abandonment/__main__.py")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Clone:
    """A copy of what the commands use."""

    directory: Path
    port: int

    def environment(self, **variables: str) -> dict[str, str]:
        own = {
            name: text for name, text in os.environ.items() if not name.startswith(("PULUMI_", "SNOWPLOW_"))
        }
        return {**own, "ENGINE": "local", "EXAMPLE": ".", "PORT": str(self.port), **variables}

    def command(self, name: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a target."""
        return subprocess.run(
            [warm_python(), "scripts/local.py", name],
            cwd=self.directory,
            env=self.environment(**variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def done(self, name: str, **variables: str) -> str:
        """Run a target that succeeds; return what it says."""
        done = self.command(name, **variables)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        return done.stdout

    def refused(self, name: str, **variables: str) -> str:
        """Run a target that fails with one line; return the line."""
        done = self.command(name, **variables)
        assert done.returncode == 1, done.stdout
        (line,) = done.stderr.splitlines()
        assert line.startswith("error: ")
        return line

    @contextmanager
    def kept_api(self) -> Iterator[str]:
        """Keep an API running, as `make api` does; yield what it says of itself."""
        with subprocess.Popen(
            [sys.executable, "scripts/local.py", "api"],
            cwd=self.directory,
            env=self.environment(),
            stdout=subprocess.PIPE,
            text=True,
        ) as running:
            try:
                assert running.stdout is not None
                yield running.stdout.readline()
            finally:
                running.send_signal(signal.SIGINT)
                assert running.wait(30) == 0

    def live(self) -> dict[str, list[int]]:
        """The live versions of every rule that was ever there."""
        with serve(db=self.directory / ".signals" / "registry.db") as emulator:
            names = emulator.history()["names"]
        return {name: timeline[-1]["live"] for name, timeline in names.items()}


def clone_in(directory: Path) -> Clone:
    """Copy the files that the commands use."""
    for name in ("scripts", "examples"):
        shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Pulumi.yaml", directory)
    return Clone(directory, free_port())


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A fresh clone."""
    return clone_in(tmp_path / "clone")


def test_one_example_after_another(clone):
    """Each example has a stack of its own: going up or down, it leaves what the others deployed as it is."""
    clone.done("up")
    clone.done("up", EXAMPLE="examples/03_authoring")
    everything = clone.live()
    assert everything == {
        "say_hello": [1], "cart_abandonment_discount": [1], "abandoned_cart_discount": [1], "upgrade_offer": [],
    }  # fmt: skip
    assert re.search(r"^ +3 unchanged$", clone.done("up"), re.MULTILINE)
    clone.done("up", EXAMPLE="examples/01_hello")
    clone.done("down", EXAMPLE="examples/01_hello")
    clone.done("down", EXAMPLE="examples/03_authoring")
    assert clone.live() == {**everything, "abandoned_cart_discount": []}
    clone.done("down")
    clone.done("down")
    assert not any(clone.live().values())


def test_an_edited_example_that_is_checked_out_again(clone):
    """Back to the text of the clone, the earlier version is live again, and the stack is as it was."""
    program = clone.directory / RULE
    text = program.read_text()
    clone.done("up")
    program.write_text(text.replace("75.00", "80").replace("version=1", "version=2"))
    clone.done("up")
    assert clone.live()["cart_abandonment_discount"] == [2]
    program.write_text(text)
    clone.done("up")
    assert clone.live()["cart_abandonment_discount"] == [1]


def test_reset_starts_anew(clone):
    """It empties .signals and touches nothing else; afterwards the first deployment is a first one again."""
    (clone.directory / "mine").write_text("kept")
    clone.done("up")
    outside = clone.directory / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    (clone.directory / ".signals" / "link").symlink_to(outside)
    before = {path for path in clone.directory.rglob("*") if ".signals" not in path.parts}
    assert "Deleted" in clone.done("reset")
    assert [found.name for found in (clone.directory / ".signals").iterdir()] == ["api.lock"]
    assert {path for path in clone.directory.rglob("*") if ".signals" not in path.parts} == before
    assert "3 created" in clone.done("up")
    clone.done("reset")
    clone.done("reset")


def test_a_clone_without_anything_can_be_reset_and_taken_down(clone):
    """There is nothing to forget and nothing to take down, and that is no failure."""
    clone.done("reset")
    clone.done("down")


def test_what_is_in_signals_is_its_owners_alone(clone):
    """No file there is for others to read, and no folder for them to enter."""
    (clone.directory / ".signals").mkdir(mode=0o755)
    clone.done("up")
    found = [clone.directory / ".signals", *(clone.directory / ".signals").rglob("*")]
    assert [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_a_link_in_place_of_signals(clone, tmp_path):
    """A link is not followed, by `reset` least of all."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "kept").touch()
    (clone.directory / ".signals").symlink_to(tmp_path / "precious")
    for command in ("reset", "up", "api"):
        assert "is a symbolic link" in clone.refused(command)
    assert [found.name for found in (tmp_path / "precious").iterdir()] == ["kept"]


def test_a_taken_port(clone):
    """Something else at the port is a sentence, whose command line works."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", clone.port))
        taken.listen()
        said = clone.refused("up", EXAMPLE="examples/01_hello")
        found = re.search(r"Use another: make up EXAMPLE=examples/01_hello ENGINE=local PORT=(\d+)$", said)
        assert f"port {clone.port} is taken" in said
        assert found, said
        assert f"http://127.0.0.1:{found[1]}," in clone.done("up", PORT=found[1])
        assert f"port {clone.port} is taken" in clone.refused("api")


def test_beside_another_clone(clone, tmp_path):
    """Another clone's API is not used, though it answers at the same port as this one's would."""
    other = clone_in(tmp_path / "other")
    other.port = clone.port
    with other.kept_api():
        assert f"port {clone.port} is taken, by another clone's API" in clone.refused("up")
        other.done("up")
    assert not (clone.directory / ".signals" / "state").exists()
    assert other.live()["say_hello"] == [1]


def test_an_api_that_is_kept_running(clone):
    """The other commands use it whatever the port is, it has what every example needs, and reset waits for its end."""
    with clone.kept_api() as said:
        assert f"running at http://127.0.0.1:{clone.port}/" in said
        for example in (".", "examples/01_hello", "examples/03_authoring"):
            shown = clone.done("up", EXAMPLE=example, PORT=str(free_port()))
            assert shown.startswith(f"Signals API: the one running at http://127.0.0.1:{clone.port}\n")
        assert "is running at http://127.0.0.1" in clone.refused("api")
        assert "Stop it first" in clone.refused("reset")
        own = clone.directory / "own"
        shutil.copytree(clone.directory / "examples" / "01_hello", own)
        (own / "attributes.yaml").write_text("attribute_keys: [basket_id]\n")
        assert "start it again: make api EXAMPLE=own" in clone.refused("up", EXAMPLE="own")
    clone.done("reset")


def test_an_api_that_was_killed_is_not_in_the_way(clone):
    """Its lock died with it, and what it left is not taken for an API."""
    with subprocess.Popen(
        [sys.executable, "scripts/local.py", "api"],
        cwd=clone.directory,
        env=clone.environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.kill()
    assert (clone.directory / ".signals" / "api.json").exists()
    assert "started for this run" in clone.done("up")


def test_two_commands_at_once(clone):
    """While one command runs its own API, another is told to wait: the API would end under its hands."""
    clone.done("reset")
    with FileLock(clone.directory / ".signals" / "api.lock"):
        running = {"url": "http://127.0.0.1:1", "token": "local", "kept": False, "attributes": []}
        (clone.directory / ".signals" / "api.json").write_text(json.dumps(running))
        assert "another command of this clone is running" in clone.refused("up")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"PORT": "x"}, "PORT is 'x'; it must be a whole number from 1 to 65535"),
        ({"PORT": "0"}, "PORT is '0'"),
        ({"PORT": "65536"}, "PORT is '65536'"),
        ({"PORT": "9" * 5_000}, "PORT is '99999999999999999999'"),
        ({"EXAMPLE": "nowhere"}, "there is no Pulumi.yaml in it. Examples: examples/01_hello"),
        ({"ENGINE": "other"}, "ENGINE is 'other'; it can be local or pulumi"),
    ],
    ids=lambda value: next(iter(value.items()))[0] if isinstance(value, dict) else "",
)
def test_variables_that_cannot_be_followed(clone, variables, said):
    """A wrong variable is a sentence."""
    assert said in clone.refused("up", **variables)


def test_a_program_that_fails_is_told_once(clone):
    """What is wrong with a program is there once, on standard error."""
    program = clone.directory / RULE
    program.write_text(program.read_text().replace("me@example.com", "me"))
    done = clone.command("preview")
    assert done.returncode == 1
    assert (done.stdout + done.stderr).count("e-mail address") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("attribute_groups: [", "attributes.yaml cannot be read"),
        ("- a", "attributes.yaml must be a mapping"),
        ("attribute_groups: 5", "attributes.yaml: attribute_groups must be a list"),
        ("attribute_groups: [2024-01-01]", "the local Signals API did not start"),
    ],
)
def test_a_damaged_attributes_file(clone, text, said):
    """It is named, with what is wrong."""
    (clone.directory / "examples" / "02_cart_abandonment" / "attributes.yaml").write_text(text)
    assert said in clone.refused("up")


def test_changed_attributes_say_how_to_start_over(clone):
    """A published group cannot change; the sentence names the make command that helps."""
    clone.done("up", EXAMPLE="examples/01_hello")
    file = clone.directory / "examples" / "01_hello" / "attributes.yaml"
    file.write_text(file.read_text().replace("string", "double"))
    assert "`make reset` deletes" in clone.refused("up", EXAMPLE="examples/01_hello")


def test_the_subscriber_needs_a_kept_api(clone):
    """Without one there is nothing to subscribe to."""
    assert "make api" in clone.refused("subscribe")


def test_examples_say_what_they_need(tmp_path):
    """Where the official client is missing, the subscriber says so in a sentence that names the make command."""
    (tmp_path / "snowplow_signals.py").write_text(
        "raise ModuleNotFoundError('No module named snowplow_signals')\n"
    )
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "04_direct_greeting" / "subscribe.py"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "`make subscribe` installs it" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_rules_of_an_example_are_unit_tested():
    """The command of `make test-rules` passes."""
    recipe = (ROOT / "Makefile").read_text().partition("\ntest-rules: ")[2].splitlines()[1]
    words = recipe.strip().removeprefix("@$(BIN)/python ").split()
    done = subprocess.run(
        [sys.executable, *words, "-p", "no:cacheprovider"],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_makefile_documents_itself():
    """Every target and every variable of the Makefile is in its head."""
    text = (ROOT / "Makefile").read_text()
    head = text[: text.index("\n\n")]
    (targets,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert [name for name in targets.split() if f"# make {name} " not in head] == []
    assert [
        name for name in re.findall(r"^([A-Z]+) \?=", text, re.MULTILINE) if f"\n# {name}=" not in head
    ] == []
