"""Run a target of the Makefile: deploy a program of this clone to a Signals API on this machine, or manage that API.

All files are kept in .signals. This clone's API holds a lock there while it runs. The lock prevents two APIs from using one registry,
and tells this clone's API from anything else that listens on its port.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ports
import yaml
from filelock import FileLock, Timeout
from trouble import TroubleError, again, say

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".signals"
STACK = "demo"
LOCK = WORK / "api.lock"
RUNNING = WORK / "api.json"
COMMANDS = {
    "up": ("up", "--yes"),
    "preview": ("preview",),
    "refresh": ("refresh", "--yes"),
    "down": ("destroy", "--yes"),
}
# Files in .signals are for their owner only. A program's own files keep the user's umask.
UMASK = os.umask(0o077)
BUSY = "another command of this clone is running. Wait for it to finish"


@dataclass(frozen=True)
class Api:
    """A running API of this clone."""

    url: str
    token: str
    kept: bool
    attributes: list[str]


# Programs


def find_project(example: str) -> Path:
    """Return the directory of a program's project. Raise TroubleError if it has no Pulumi.yaml."""
    found = ROOT / example
    if not (found / "Pulumi.yaml").is_file():
        known = sorted(str(project.relative_to(ROOT)) for project in list_examples())
        raise TroubleError(
            f"EXAMPLE is {example!r}, and there is no Pulumi.yaml in it. Examples: {', '.join(known)}"
        )
    return found


def list_examples() -> list[Path]:
    """Return the projects of all examples."""
    return sorted(file.parent for file in ROOT.glob("examples/*/Pulumi.yaml"))


def locate_seed(project: Path) -> Path:
    """Return the path of the file beside a program that lists the attribute keys and groups it needs; it may not exist."""
    program = project / str(read_yaml(project / "Pulumi.yaml").get("main") or ".")
    return (program if program.is_dir() else program.parent) / "attributes.yaml"


def read_yaml(file: Path) -> dict[str, Any]:
    """Return the mapping in a file. Raise TroubleError if it holds none."""
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError) as fault:
        raise TroubleError(f"{file} cannot be read: {' '.join(str(fault).split())}") from None
    if not isinstance(found, dict):
        raise TroubleError(f"{file} must be a mapping")
    return found


def read_attributes(*projects: Path) -> dict[str, list[Any]]:
    """Return the attribute keys and groups that the programs need, each once."""
    found: dict[str, list[Any]] = {}
    for seed in filter(Path.is_file, map(locate_seed, projects)):
        for kind, entries in read_yaml(seed).items():
            if not isinstance(entries, list):
                raise TroubleError(f"{seed}: {kind} must be a list")
            there = found.setdefault(kind, [])
            there += [entry for entry in entries if entry not in there]
    return found


def describe(attributes: Mapping[str, list[Any]]) -> list[str]:
    """Return the entries as strings, to compare them with those of another program."""
    return [f"{kind}: {entry!r}" for kind, entries in attributes.items() for entry in entries]


# The API


@contextlib.contextmanager
def take_lock() -> Iterator[bool]:
    """Take the lock that this clone's API holds while it runs; yield False if an API holds it."""
    if WORK.is_symlink():
        raise TroubleError(f"{WORK} is a symbolic link, but must be a folder of this clone. Remove the link")
    try:
        WORK.mkdir(mode=0o700, exist_ok=True)
        WORK.chmod(0o700)
        lock = FileLock(LOCK, mode=0o600)
        lock.acquire(timeout=0)
        RUNNING.unlink(missing_ok=True)  # left behind by an API that was killed
    except Timeout:
        yield False
        return
    except OSError as fault:
        raise TroubleError(f"{WORK} cannot be used: {fault.strerror}") from None
    try:
        yield True
    finally:
        lock.release()


def find_running() -> Api:
    """Return the API that holds the lock, once it has published its address. Raise TroubleError after ten seconds."""
    for _ in range(100):
        with contextlib.suppress(OSError, ValueError, TypeError):
            return Api(**json.loads(RUNNING.read_text(encoding="utf-8")))
        time.sleep(0.1)
    raise TroubleError(BUSY)


@contextlib.contextmanager
def serve_api(command: str, seed: Path, attributes: list[str]) -> Iterator[Api]:
    """Run an API of this clone, filled with what the seed file lists. The caller holds the lock."""
    from signals_local.emulator import serve  # noqa: PLC0415 -- loads a web framework, which is slow
    from signals_local.emulator.errors import StartError  # noqa: PLC0415

    port = ports.choose_port(command)
    database = str(WORK / "registry.db")
    try:
        with serve(db=database, port=port, seed=seed if seed.is_file() else None) as emulator:
            api = Api(emulator.url, emulator.token, command == "api", attributes)
            RUNNING.write_text(json.dumps(vars(api)), encoding="utf-8")
            try:
                yield api
            finally:
                RUNNING.unlink(missing_ok=True)
    except StartError as fault:
        reason = str(fault).rstrip(".")
        raise TroubleError(
            f"the local Signals API did not start: {reason}. To start over, `make reset` deletes this clone's registry and"
            " stacks"
        ) from None


@contextlib.contextmanager
def provide_api(command: str, project: Path) -> Iterator[Api]:
    """Yield the API that `make api` keeps running, or one for this run."""
    attributes = describe(read_attributes(project))
    with take_lock() as free:
        if free:
            with serve_api(command, locate_seed(project), attributes) as api:
                say(f"Signals API: started for this run at {api.url}, data in .signals/registry.db")
                yield api
            return
    api = find_running()
    if not api.kept:
        raise TroubleError(BUSY)
    if not set(attributes) <= set(api.attributes):
        raise TroubleError(
            "the API that `make api` is running lacks this program's attributes. Stop it with Ctrl-C, and"
            f" start it again: {again('api')}"
        )
    say(f"Signals API: the one running at {api.url}")
    yield api


# Commands


def deploy(command: str) -> int:
    """Preview, deploy, refresh or destroy a program; return the engine's exit code."""
    project = find_project(os.environ.get("EXAMPLE") or ".")
    engine = os.environ.get("ENGINE") or ("pulumi" if shutil.which("pulumi") else "local")
    if engine not in ("local", "pulumi"):
        raise TroubleError(f"ENGINE is {engine!r}; it can be local or pulumi")
    with provide_api(command, project) as api:
        environment = build_environment(api)
        words = [*COMMANDS[command], "--cwd", str(project), "--stack", STACK]
        if engine == "pulumi":
            return run(["pulumi", *words], prepare_pulumi(project, environment))
        say("Engine: the local one (ENGINE=local, or no pulumi command on PATH)")
        return run(
            [sys.executable, "-m", "signals_local.cli", *words, "--state", str(WORK / "state")], environment
        )


def build_environment(api: Api) -> dict[str, str]:
    """Return an environment in which programs find the API, and engines find this clone's Python."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "SNOWPLOW_SIGNALS_API_URL": api.url,
        "SNOWPLOW_SIGNALS_SANDBOX_TOKEN": api.token,
    }


def prepare_pulumi(project: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Create the stack in a backend inside this clone; return the environment that selects the backend."""
    home = WORK / "pulumi"
    home.mkdir(mode=0o700, exist_ok=True)
    inside = {
        **environment,
        "PULUMI_HOME": str(home / "home"),
        "PULUMI_BACKEND_URL": f"file://{home}",
        "PULUMI_CONFIG_PASSPHRASE": "for-this-clone-only",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    inside.pop("PULUMI_ACCESS_TOKEN", None)
    version = subprocess.run(["pulumi", "version"], env=inside, capture_output=True, text=True, check=False)
    say(f"Engine: {shutil.which('pulumi')} {version.stdout.strip()}")
    select = ["pulumi", "stack", "select", "--create", "--cwd", str(project), "--stack", STACK]
    done = subprocess.run(select, env=inside, capture_output=True, text=True, check=False)
    if done.returncode:
        raise TroubleError(f"pulumi cannot create the stack {STACK}: {done.stderr.strip()}")
    return inside


def run(words: list[str], environment: Mapping[str, str]) -> int:
    """Run a command and return its exit code. Ctrl-C reaches it directly; the API stays up until it has stopped."""
    with subprocess.Popen(words, env=environment, umask=UMASK) as process:
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        code = process.wait()
    return code if code >= 0 else 128 - code


def keep_api(command: str) -> int:
    """Keep an API running, with the attributes of all examples, until it is interrupted."""
    attributes = read_attributes(*list_examples(), find_project(os.environ.get("EXAMPLE") or "."))
    with take_lock() as free:
        if not free:
            where = f" at {api.url}" if (api := find_running()).kept else " for another command"
            raise TroubleError(f"this clone's API is running{where} already")
        seed = WORK / "attributes.yaml"
        seed.write_text(yaml.safe_dump(attributes), encoding="utf-8")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        with serve_api(command, seed, describe(attributes)) as api:
            say(
                f"Signals API: running at {api.url}/ (token {api.token}), data in .signals/registry.db; Ctrl-C stops it"
            )
            stop.wait()
    return 0


def subscribe(_: str) -> int:
    """Print what the greeted visitor receives."""
    with take_lock() as free:
        if free:
            raise TroubleError("this clone's API is not running. Start it in another terminal: make api")
    greeting = ROOT / "examples" / "04_direct_greeting" / "subscribe.py"
    return run([sys.executable, str(greeting)], build_environment(find_running()))


def reset(_: str) -> int:
    """Delete the local registry and every local stack: empty .signals, and touch nothing else."""
    with take_lock() as free:
        if not free:
            raise TroubleError(
                "this clone's API is running. Stop it first, with Ctrl-C in the terminal of `make api`"
            )
        for found in WORK.iterdir():
            if found.is_dir() and not found.is_symlink():
                shutil.rmtree(found)
            elif found != LOCK:
                found.unlink()
    say("Deleted this clone's registry and stacks from .signals")
    return 0


OTHERS: dict[str, Callable[[str], int]] = {"api": keep_api, "subscribe": subscribe, "reset": reset}


def main(command: str) -> int:
    """Run a target of the Makefile; return the exit code."""
    try:
        return OTHERS.get(command, deploy)(command)
    except TroubleError as trouble:
        sys.stderr.write(f"error: {trouble}\n")
    except KeyboardInterrupt:
        sys.stderr.write("error: stopped\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
