"""An API key that is rotated while a stack is deployed: the new one takes over, and the old one is told what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness import ENGINES, ON_BOTH, Engine, PulumiEngine, console_settings_of, needs, rule

from signals_local.emulator import ConsoleCredentials, Emulator, serve

OLD, NEW = ConsoleCredentials(api_key="the-old-api-key"), ConsoleCredentials(api_key="the-new-api-key")
REFUSED = "the credentials are not accepted (401: Unknown organization, API key ID or API key)"
FROM_ENVIRONMENT = (
    "They came from the environment variable SNOWPLOW_CONSOLE_ORG_ID, the environment variable "
    "SNOWPLOW_CONSOLE_API_KEY_ID, the environment variable SNOWPLOW_CONSOLE_API_KEY."
)
WAY_OUT = (
    "set a new one with `pulumi config set --secret signals:apiKey` or the environment variable "
    "SNOWPLOW_CONSOLE_API_KEY, which takes precedence. `pulumi refresh` and `pulumi destroy` run with the config of the last `up`: "
    "after a rotation, set the environment variables or add `--run-program`."
)


@contextmanager
def service(directory: Path, accepted: ConsoleCredentials) -> Iterator[Emulator]:
    """The one registry, as it is while these credentials are accepted; tokens issued before are no longer good."""
    with serve(db=str(directory / "registry.db"), console=accepted) as emulator:
        yield emulator


def deploy(project: Engine, directory: Path, credentials: ConsoleCredentials | None) -> None:
    """Deploy one rule while the old key is the right one."""
    with service(directory, OLD) as emulator:
        emulator.publish_group("shopping", {"cart_value": "double"})
        project.write(rule("cart"))
        succeeds(project, "up", console_settings_of(emulator, credentials))


def succeeds(project: Engine, command: str, environment: Mapping[str, str], *options: str) -> None:
    """Run a command that works."""
    outcome = project.run(command, *options, environment=environment)
    assert outcome.succeeded, outcome.text


def is_refused(project: Engine, command: str, environment: Mapping[str, str], *options: str) -> str:
    """Run a command that is refused with the way out, and give all that it said."""
    outcome = project.run(command, *options, environment=environment)
    assert not outcome.succeeded
    told = " ".join(found.text for found in outcome.of("error"))
    assert REFUSED in told
    assert WAY_OUT in told
    assert OLD.api_key not in outcome.text
    return told


def is_live(emulator: Emulator) -> list[bool]:
    """Tell of each version in the registry whether it is live."""
    return [version["is_published"] for version in emulator.history()["versions"]]


@pytest.mark.parametrize("engine", ON_BOTH)
def test_a_rotated_key_in_the_environment_takes_over(engine: str, tmp_path: Path) -> None:
    """With the old key every command says what to do, and touches nothing; with the new one they work."""
    project = ENGINES[engine](tmp_path / "engine", {})
    deploy(project, tmp_path, OLD)
    with service(tmp_path, NEW) as emulator:
        for command in ("refresh", "destroy"):
            assert FROM_ENVIRONMENT in is_refused(project, command, console_settings_of(emulator, OLD))
        assert is_live(emulator) == [True]
        succeeds(project, "refresh", console_settings_of(emulator, NEW))
        assert is_live(emulator) == [True]
        succeeds(project, "destroy", console_settings_of(emulator, NEW))
        assert is_live(emulator) == [False]


@needs("pulumi")
@pytest.mark.parametrize("way", ["environment", "program"])
def test_a_key_that_is_rotated_in_the_config_needs_the_way_that_the_text_names(
    way: str, tmp_path: Path
) -> None:
    """Pulumi refreshes and destroys with the key that the last `up` stored, unless it is told as the text says."""
    project = PulumiEngine(tmp_path / "engine", {})
    project.configure({"organizationId": OLD.organization_id, "apiKeyId": OLD.api_key_id})
    set_key = ("config", "set", "--secret", "signals:apiKey")
    project.call(*set_key, OLD.api_key).check_returncode()
    deploy(project, tmp_path, None)
    project.call(*set_key, NEW.api_key).check_returncode()
    with service(tmp_path, NEW) as emulator:
        told = is_refused(project, "refresh", console_settings_of(emulator))
        assert "They came from signals:organizationId, signals:apiKeyId, signals:apiKey." in told
        is_refused(project, "destroy", console_settings_of(emulator))
        assert is_live(emulator) == [True]
        given, options = (
            (console_settings_of(emulator, NEW), ())
            if way == "environment"
            else (console_settings_of(emulator), ("--run-program",))
        )
        succeeds(project, "refresh", given, *options)
        succeeds(project, "destroy", given, *options)
        assert is_live(emulator) == [False]
