"""Credentials are in nothing that a whole lifecycle prints or leaves behind, with every log turned on."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import pytest
from harness import ENGINES, ON_BOTH, Engine, LocalEngine, PulumiEngine, console_settings_of, needs, rule
from harness.leftovers import files_below

from signals_local.emulator import ConsoleCredentials, Emulator, serve

API_KEY = "the-api-key-that-nothing-may-hold"
TOKEN = "the-sandbox-token-that-nothing-may-hold"
SECRETS = {"console": API_KEY, "sandbox": TOKEN}
REGISTRY = "/api/v1/registry/*"

# Once into files, which Pulumi puts into the directory for temporary ones, and once to where a person reads.
LOGGING = {
    "local": ((),),
    "pulumi": (("-v=7", "--logflow"), ("-v=7", "--logflow", "--logtostderr")),
}
# What a leak of a secret can look like: base64 spells it in three ways, by what stands before it.
LEAKS: Mapping[str, Callable[[str], bytes]] = {
    "plain": lambda secret: f"Bearer {secret}!".encode(),
    "upper-cased": lambda secret: secret.upper().encode(),
    "in base64": lambda secret: b64encode(f"{secret}...".encode()),
    "in base64, one further": lambda secret: b64encode(f":{secret}...".encode()),
    "in base64, two further": lambda secret: b64encode(f"::{secret}...".encode()),
}


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """An emulator whose file and log of requests are searched too."""
    console = ConsoleCredentials(api_key=API_KEY)
    with serve(db=str(tmp_path / "registry.db"), token=TOKEN, console=console) as emulator:
        emulator.publish_group("shopping", {"cart_value": "double"})
        yield emulator


class SearchedProject:
    """A project, of which all that each command prints and leaves behind is searched for credentials."""

    def __init__(self, engine: type[Engine], emulator: Emulator, directory: Path) -> None:
        self.directory = directory
        self.temporary = directory / "temporary"
        self.temporary.mkdir()
        self.printed = ""
        # What stands before the first dot of a token is the same in all that are issued.
        self._secrets = (API_KEY, TOKEN, issued_by(emulator).partition(".")[0])
        self._logging = cycle(LOGGING[engine.name])
        settings = {
            **console_settings_of(emulator),
            "SNOWPLOW_SIGNALS_RETRY_SECONDS": "0",
            "SNOWPLOW_SIGNALS_DEBUG": "1",
            "TMPDIR": str(self.temporary),
        }
        self.project = engine(directory / "engine", settings)

    def call(self, *arguments: str, environment: Mapping[str, str], succeeds: bool = True) -> str:
        """Run a command, and search what it printed and what there is now."""
        done = self.project.call(*arguments, environment=environment)
        said = done.stdout + done.stderr
        assert (done.returncode == 0) == succeeds, said[-3000:]
        self.printed += said
        self.search(said)
        return said

    def run(self, command: str, *options: str, environment: Mapping[str, str], succeeds: bool = True) -> str:
        """Carry out one of the engine's commands, with its log turned on."""
        arguments = (*self.project.unasked(command), *next(self._logging), *options)
        return self.call(*arguments, environment=environment, succeeds=succeeds)

    def search(self, said: str) -> None:
        """Hold that neither a text nor any file has a credential in it."""
        assert self.found(said) == []

    def found(self, said: str) -> list[str]:
        """Name what has a credential in it: files, or the text."""
        names = [
            str(file.relative_to(self.directory))
            for file, content in files_below(self.directory)
            if self._is_in(content)
        ]
        return [*names, "what was printed"] if self._is_in(said.encode()) else names

    def _is_in(self, content: bytes) -> bool:
        lowered = content.lower()
        return any(
            secret.lower().encode() in lowered or any(coded in content for coded in spellings(secret))
            for secret in self._secrets
        )


def spellings(secret: str) -> Iterator[bytes]:
    """Yield the three things that base64 makes of a text: Pulumi's state holds pickles in it."""
    for shift in range(3):
        coded = b64encode(bytes(shift) + secret.encode())
        yield coded[4 if shift else 0 : len(coded) - 4]


def issued_by(emulator: Emulator) -> str:
    """Return a token as the emulator issues it."""
    console = emulator.console
    answer = httpx.get(
        f"{emulator.url}/api/msc/v1/organizations/{console.organization_id}/credentials/v3/token",
        headers={"X-API-Key-Id": console.api_key_id, "X-API-Key": console.api_key},
        trust_env=False,
    )
    return str(answer.json()["accessToken"])


def whole_lifecycle(
    searched: SearchedProject, emulator: Emulator, secret: str, environment: Mapping[str, str]
) -> None:
    """Take a rule from its first preview to a second version, past a service that fails and repeats what it was sent."""
    echo = {"detail": f"Authorization: Bearer {issued_by(emulator)} {secret}"}

    def failing(command: str, **fault: Any) -> str:
        emulator.fail(body=echo, count=None, **fault)
        said = searched.run(command, environment=environment, succeeds=False)
        emulator.clear_faults()
        return said

    searched.project.write(rule("cart"))
    searched.run("preview", environment=environment)
    searched.run("up", environment=environment)
    searched.project.write(rule("cart", 80))
    assert "bridge.py" in failing("up", method="POST", path=REGISTRY, status=500)
    assert "[hidden]" in failing("up", path=REGISTRY, status=401)
    assert "the credentials are not accepted" in failing("refresh", path="/api/*", status=401)
    searched.run("up", environment=environment)
    searched.run("refresh", environment=environment)
    searched.search(json.dumps([emulator.history(), emulator.requests()]))
    if searched.project.name == "pulumi":  # so that there was something to search
        assert len([*searched.temporary.iterdir()]) > 1
        assert '"v":7}' in searched.printed


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
@pytest.mark.parametrize("given", SECRETS)
def test_what_is_searched_for_is_found(
    given: str, leak: Callable[[str], bytes], emulator: Emulator, tmp_path: Path
) -> None:
    """A credential that is printed, or left in a file at whatever depth, is found in each of its spellings."""
    searched = SearchedProject(LocalEngine, emulator, tmp_path)
    leaked = leak(SECRETS[given])
    assert searched.found("") == []
    assert searched.found(leaked.decode()) == ["what was printed"]
    (searched.temporary / "deep").mkdir()
    (searched.temporary / "deep" / "log").write_bytes(b"\x00" + leaked + b"\xff")
    assert searched.found("") == ["temporary/deep/log"]


@pytest.mark.parametrize("given", ["console", "sandbox"])
@pytest.mark.parametrize("engine", ON_BOTH)
def test_credentials_of_the_environment_are_nowhere(
    engine: str, given: str, emulator: Emulator, tmp_path: Path
) -> None:
    """Neither they nor the token that they are exchanged for are in a text, a log, a recording, a state or its secrets."""
    secret = SECRETS[given]
    environment = (
        console_settings_of(emulator, emulator.console)
        if given == "console"
        else {"SNOWPLOW_SIGNALS_SANDBOX_TOKEN": secret}
    )
    searched = SearchedProject(ENGINES[engine], emulator, tmp_path)
    recorded: tuple[str, ...] = ()
    if engine == "pulumi":
        environment["PULUMI_DEBUG_GRPC"] = str(tmp_path / "calls.json")
        recorded = (f"--tracing=file:{tmp_path / 'trace'}",)
    whole_lifecycle(searched, emulator, secret, environment)
    searched.search(json.dumps(searched.project.exported(show_secrets=True, environment=environment)))
    searched.run("destroy", *recorded, environment=environment)
    if engine == "pulumi":
        assert all(b"Configure" in (tmp_path / name).read_bytes() for name in ("calls.json", "trace"))


@needs("pulumi")
@pytest.mark.parametrize("given", ["console", "sandbox"])
def test_secrets_of_the_config_are_encrypted_wherever_they_are(
    given: str, emulator: Emulator, tmp_path: Path
) -> None:
    """Set with `--secret`, they stay readable to nobody: not in the state either, from which refresh and destroy have them.

    Pulumi's recordings of its own calls, which have to be asked for, are the exception: they hold any config in plain text.
    """
    searched = SearchedProject(PulumiEngine, emulator, tmp_path)
    console = emulator.console
    settings = {"organizationId": console.organization_id, "apiKeyId": console.api_key_id}
    if given == "console":
        searched.project.configure(settings)
    secret, name = SECRETS[given], "apiKey" if given == "console" else "sandboxToken"
    searched.call("config", "set", "--secret", f"signals:{name}", secret, environment={})
    whole_lifecycle(searched, emulator, secret, {})
    searched.search(json.dumps(searched.project.exported()))
    searched.run("destroy", environment={})
