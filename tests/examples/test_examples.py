"""No example rots: each is deployed, deployed again and taken down by the commands that the README names."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from warm import warm_python

from signals_local.emulator import Emulator, serve

ROOT = Path(__file__).parents[2]
EXAMPLE = Path("examples/02_cart_abandonment")
GREETING = Path("examples/04_direct_greeting")
ATTRIBUTES = Path("examples/05_attributes")
EXAMPLES = sorted(path.parent.relative_to(ROOT) for path in ROOT.glob("examples/*/Pulumi.yaml"))
WITH_RULES = [Path(), *(example for example in EXAMPLES if example != GREETING)]

Deploy = Callable[..., str]


@pytest.fixture(params=["local", "pulumi"])
def deploy(request: pytest.FixtureRequest, tmp_path: Path) -> Deploy:
    """Return a function that carries out a deployment command in a copy of the project."""
    engine = request.param
    if engine == "pulumi" and shutil.which("pulumi") is None:
        pytest.skip("the pulumi command is not on PATH")
    for name in ("scripts", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def carry_out(command: str, example: Path, port: int | None = None) -> str:
        done = subprocess.run(
            [warm_python(), "scripts/local.py", command],
            cwd=tmp_path,
            env={
                **_clean_environment(),
                "PATH": path,
                "ENGINE": engine,
                "EXAMPLE": str(example),
                "PORT": str(port or _free_port()),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    return carry_out


def _clean_environment() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "SNOWPLOW_"))
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("example", WITH_RULES, ids=str)
def test_an_example_is_deployed_and_taken_down(deploy: Deploy, example: Path, tmp_path: Path) -> None:
    """An example goes up, is unchanged the second time, and leaves nothing live when it goes down."""
    assert "created" in deploy("up", example)
    assert re.search(r"^ +\d+ unchanged$", deploy("up", example), re.MULTILINE)
    deploy("down", example)
    with serve(db=tmp_path / ".signals" / "registry.db") as emulator:
        assert {name: timeline[-1]["live"] for name, timeline in emulator.history()["names"].items()} == {
            name: [] for name in emulator.history()["names"]
        }


@pytest.mark.parametrize("deploy", ["local"], indirect=True)
def test_the_readme_shows_what_its_commands_print(deploy: Deploy, tmp_path: Path) -> None:
    """What stands below the first commands of the README, and below the edited program's preview, is what they print."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (session,) = re.findall(r"```console\n\$ make up\n(.*?)```", readme, re.DOTALL)
    (plan,) = re.findall(r"`make preview` shows what will happen:\n\n```text\n(.*?)```", readme, re.DOTALL)
    first, second = session.split("$ make up\n")
    port = _free_port()
    _assert_shows(deploy("up", EXAMPLE, port), first.replace("8642", str(port)))
    _assert_shows(deploy("up", EXAMPLE, port), second)
    program = tmp_path / EXAMPLE / "__main__.py"
    program.write_text(program.read_text().replace("75.00", "80").replace("version=1", "version=2"))
    _assert_shows(deploy("preview", EXAMPLE, port), plan)


def _assert_shows(output: str, shown: str) -> None:
    """Hold that every line is there; which of two resources is told of first is chance."""
    expected = [line for line in shown.splitlines() if line != "..."]
    assert [line for line in expected if line not in output.splitlines()] == []


@contextmanager
def _kept_api(directory: Path, port: int) -> Iterator[Emulator]:
    """Keep an API running, as `make api` does."""
    with subprocess.Popen(
        [sys.executable, "scripts/local.py", "api"],
        cwd=directory,
        env={**_clean_environment(), "PORT": str(port)},
        stdout=subprocess.PIPE,
    ) as running:
        try:
            assert running.stdout is not None
            running.stdout.readline()
            with Emulator(f"http://127.0.0.1:{port}") as emulator:
                yield emulator
        finally:
            running.terminate()


@contextmanager
def _subscribed(emulator: Emulator, command: list[str | Path], output: Path) -> Iterator[None]:
    """Let a subscriber listen, and keep what it prints."""
    settings = {"SNOWPLOW_SIGNALS_API_URL": emulator.url, "SNOWPLOW_SIGNALS_SANDBOX_TOKEN": emulator.token}
    with output.open("w") as kept:
        begun = subprocess.Popen(
            command, env={**_clean_environment(), **settings}, stdout=kept, stderr=subprocess.STDOUT
        )
    try:
        _wait_until(lambda: begun.poll() is not None or _subscriptions(emulator), output)
        yield
    finally:
        begun.kill()
        begun.wait()


def _subscriptions(emulator: Emulator) -> int:
    return len(httpx.get(f"{emulator.url}/local/subscriptions", trust_env=False).json())


def _wait_until(condition: Callable[[], object], output: Path) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.05)


def _official_client(_: Emulator) -> list[str | Path]:
    pytest.importorskip("snowplow_signals", reason="the official client asks for Python 3.11")
    return [sys.executable, ROOT / GREETING / "subscribe.py"]


def _curl(emulator: Emulator) -> list[str | Path]:
    """Return the command of the example's README, at this emulator's address."""
    (command,) = re.findall(r"^\$ (curl .*)$", (ROOT / GREETING / "README.md").read_text(), re.MULTILINE)
    return ["sh", "-c", "exec " + command.replace("http://127.0.0.1:8642", emulator.url)]


SUBSCRIBERS = {
    "the official client": (_official_client, "greeting v1 {'title': 'Good to see you'}\n"),
    "curl": (_curl, '"name": "greeting"'),
}


@pytest.mark.parametrize(("subscriber", "received"), SUBSCRIBERS.values(), ids=SUBSCRIBERS)
def test_the_greeting_reaches_its_subscriber_once(
    deploy: Deploy, subscriber: Callable[[Emulator], list[str | Path]], received: str, tmp_path: Path
) -> None:
    """The greeting is pushed to the API that is kept running, once: not by a second run, and not when it is destroyed."""
    output = tmp_path / "received"
    port = _free_port()
    with _kept_api(tmp_path, port) as emulator:
        with _subscribed(emulator, subscriber(emulator), output):
            assert "will be pushed at once to 1 id; cannot be undone" in deploy("up", GREETING, port)
            _wait_until(lambda: received in output.read_text(), output)
            assert "2 unchanged" in deploy("up", GREETING, port)
            deploy("down", GREETING, port)
        pushes = [each for each in emulator.requests() if _is_push(each)]
    assert len(pushes) == 1
    assert output.read_text().count(received) == 1


def test_a_rule_fires_with_the_attributes_of_its_program(deploy: Deploy, tmp_path: Path) -> None:
    """The example that declares its attributes needs nothing in the registry, and the command of its README makes a rule fire."""
    readme = (ROOT / ATTRIBUTES / "README.md").read_text()
    (command,) = re.findall(r"^\$ \.venv/bin/signals-local (fire .*)$", readme, re.MULTILINE)
    port = _free_port()
    with _kept_api(tmp_path, port):
        deploy("up", ATTRIBUTES, port)
        signals_local = Path(sys.executable).parent / "signals-local"
        fired = subprocess.run(
            [signals_local, *command.split(), "--port", str(port)], capture_output=True, text=True, check=True
        )
    assert "basket_reminder v1 fired" in fired.stdout


def _is_push(request: dict[str, Any]) -> bool:
    return request["method"] == "POST" and request["path"].endswith("/interventions")
