"""Credentials are in nothing that a whole lifecycle prints or leaves behind, with every log turned on."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import pytest
from harness import ENGINES, PulumiEngine, rule
from harness.engines import Engine

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
EXPORT = {
    "local": ("export", "--show-secrets"),
    "pulumi": ("stack", "export", "--show-secrets"),
}

real = pytest.mark.skipif(not PulumiEngine.is_there(), reason="the real engine, `pulumi`, is not on PATH")


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """An emulator whose file and log of requests are searched too."""
    console = ConsoleCredentials(api_key=API_KEY)
    with serve(db=str(tmp_path / "registry.db"), token=TOKEN, console=console) as emulator:
        emulator.publish_group("shopping", {"cart_value": "double"})
        yield emulator


class Heard:
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
            "SNOWPLOW_SIGNALS_API_URL": emulator.url,
            "SNOWPLOW_CONSOLE_HOST": emulator.url,
            "SNOWPLOW_SIGNALS_RETRY_SECONDS": "0",
            "SNOWPLOW_SIGNALS_DEBUG": "1",
            "TMPDIR": str(self.temporary),
        }
        self.project = engine(directory / "engine", settings)

    def call(self, *arguments: str, environment: Mapping[str, str], succeeds: bool = True) -> str:
        """Carry out a command, and search what it printed and what there is now."""
        done = self.project._call(*arguments, environment=environment)
        said = done.stdout + done.stderr
        assert (done.returncode == 0) == succeeds, said[-3000:]
        self.printed += said
        self.search(said)
        return said

    def run(self, command: str, *options: str, environment: Mapping[str, str], succeeds: bool = True) -> str:
        """Carry out one of the engine's commands, with its log turned on."""
        at_once = () if command == "preview" else ("--yes", "--skip-preview")
        options = (*at_once, *next(self._logging), *options)
        return self.call(command, *options, environment=environment, succeeds=succeeds)

    def search(self, said: str) -> None:
        """Hold that neither a text nor any file has a credential in it."""
        files = [file for file in self.directory.rglob("*") if file.is_file()]
        contents = {str(file.relative_to(self.directory)): file.read_bytes() for file in files}
        contents["what was printed"] = said.encode()
        assert [name for name, content in contents.items() if self._is_in(content)] == []

    def _is_in(self, content: bytes) -> bool:
        lowered = content.lower()
        return any(
            secret.lower().encode() in lowered or any(coded in content for coded in spellings(secret))
            for secret in self._secrets
        )


def spellings(secret: str) -> Iterator[bytes]:
    """Give the three things that base64 makes of a text: Pulumi's state holds pickles in it."""
    for shift in range(3):
        coded = b64encode(bytes(shift) + secret.encode())
        yield coded[4 if shift else 0 : len(coded) - 4]


def issued_by(emulator: Emulator) -> str:
    """Give a token as the emulator issues it."""
    console = emulator.console
    answer = httpx.get(
        f"{emulator.url}/api/msc/v1/organizations/{console.organization_id}/credentials/v3/token",
        headers={"X-API-Key-Id": console.api_key_id, "X-API-Key": console.api_key},
        trust_env=False,
    )
    return str(answer.json()["accessToken"])


def live(heard: Heard, emulator: Emulator, secret: str, environment: Mapping[str, str]) -> None:
    """Take a rule from its first preview to a second version, past a service that fails and repeats what it was sent."""
    echo = {"detail": f"Authorization: Bearer {issued_by(emulator)} {secret}"}

    def failing(command: str, **fault: Any) -> str:
        emulator.fail(body=echo, count=None, **fault)
        said = heard.run(command, environment=environment, succeeds=False)
        emulator.clear_faults()
        return said

    heard.project.write(rule("cart"))
    heard.run("preview", environment=environment)
    heard.run("up", environment=environment)
    heard.project.write(rule("cart", 80))
    assert "bridge.py" in failing("up", method="POST", path=REGISTRY, status=500)
    assert "[hidden]" in failing("up", path=REGISTRY, status=401)
    assert "the credentials are not accepted" in failing("refresh", path="/api/*", status=401)
    heard.run("up", environment=environment)
    heard.run("refresh", environment=environment)
    heard.search(json.dumps([emulator.history(), emulator.requests()]))
    if heard.project.name == "pulumi":  # so that there was something to search
        assert len([*heard.temporary.iterdir()]) > 1
        assert '"v":7}' in heard.printed


def console_environment(emulator: Emulator) -> dict[str, str]:
    """Give the Console credentials as environment variables."""
    return {
        "SNOWPLOW_CONSOLE_ORG_ID": emulator.console.organization_id,
        "SNOWPLOW_CONSOLE_API_KEY_ID": emulator.console.api_key_id,
        "SNOWPLOW_CONSOLE_API_KEY": emulator.console.api_key,
    }


@pytest.mark.parametrize("given", ["console", "sandbox"])
@pytest.mark.parametrize("engine", ["local", pytest.param("pulumi", marks=real)])
def test_credentials_of_the_environment_are_nowhere(
    engine: str, given: str, emulator: Emulator, tmp_path: Path
) -> None:
    """Neither they nor the token that they are exchanged for are in a text, a log, a recording, a state or its secrets."""
    secret = SECRETS[given]
    environment = (
        console_environment(emulator) if given == "console" else {"SNOWPLOW_SIGNALS_SANDBOX_TOKEN": secret}
    )
    heard = Heard(ENGINES[engine], emulator, tmp_path)
    recorded: tuple[str, ...] = ()
    if engine == "pulumi":
        environment["PULUMI_DEBUG_GRPC"] = str(tmp_path / "calls.json")
        recorded = (f"--tracing=file:{tmp_path / 'trace'}",)
    live(heard, emulator, secret, environment)
    heard.call(*EXPORT[engine], environment=environment)
    heard.run("destroy", *recorded, environment=environment)
    if engine == "pulumi":
        assert all(b"Configure" in (tmp_path / name).read_bytes() for name in ("calls.json", "trace"))


@real
@pytest.mark.parametrize("given", ["console", "sandbox"])
def test_secrets_of_the_config_are_encrypted_wherever_they_are(
    given: str, emulator: Emulator, tmp_path: Path
) -> None:
    """Set with `--secret`, they stay readable to nobody: not in the state either, from which refresh and destroy have them.

    Pulumi's recordings of its own calls, which have to be asked for, are the exception: they hold any config in plain text.
    """
    heard = Heard(PulumiEngine, emulator, tmp_path)
    console = emulator.console
    settings = {"organizationId": console.organization_id, "apiKeyId": console.api_key_id}
    if given == "console":
        heard.project.configure(settings)
    secret, name = SECRETS[given], "apiKey" if given == "console" else "sandboxToken"
    heard.call("config", "set", "--secret", f"signals:{name}", secret, environment={})
    live(heard, emulator, secret, {})
    heard.call("stack", "export", environment={})
    heard.run("destroy", environment={})
