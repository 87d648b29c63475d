"""Every command that a page shows exists, with the options that it is given."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from harness import needs

from pulumi_snowplow_signals.api import settings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *ROOT.glob("examples/*/README.md")]
BIN = Path(sys.executable).parent
OURS = ("signals-local", "pulumi-signals")
VARIABLES = {
    setting.variable for setting in vars(settings).values() if isinstance(setting, settings._Setting)
} | {"PIP_FIND_LINKS"}


def _commands() -> list[tuple[str, ...]]:
    """Return the commands behind `$` on all pages, as words, each once."""
    found = dict[tuple[str, ...], None]()
    for page in PAGES:
        for line in re.findall(r"^\$ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE):
            for part in re.split(r"\s\|\s|\s&&\s", line):
                words = shlex.split(part, comments=True)
                found[(Path(words[0]).name, *words[1:])] = None
    return sorted(found)


COMMANDS = _commands()


def _of(*names: str) -> list[tuple[str, ...]]:
    return [words for words in COMMANDS if words[0] in names]


@cache
def _help(*words: str) -> str:
    done = subprocess.run([*words, "--help"], capture_output=True, text=True, check=True)
    return done.stdout


def _options(words: tuple[str, ...]) -> list[str]:
    return [word.partition("=")[0] for word in words if word.startswith("-")]


def _assert_has(help_text: str, words: tuple[str, ...]) -> None:
    assert [option for option in _options(words) if not re.search(rf"(?<![\w-]){option}\b", help_text)] == []


def test_every_command_is_judged() -> None:
    """No page shows a command that no test looks at; the one of curl is run with its example."""
    judged = {"make", "python3", "source", "pip", "export", "cd", "curl", "pulumi", *OURS}
    assert [words for words in COMMANDS if words[0] not in judged] == []


@pytest.mark.parametrize("words", _of(*OURS), ids=" ".join)
def test_a_command_of_ours(words: tuple[str, ...]) -> None:
    """Its subcommand takes the options."""
    _assert_has(_help(str(BIN / words[0]), words[1]), words)


@needs("pulumi")
@pytest.mark.parametrize("words", _of("pulumi"), ids=" ".join)
def test_a_command_of_pulumi(words: tuple[str, ...]) -> None:
    """Its subcommand takes the options."""
    depth = 3 if words[1] == "stack" else 2 if words[1] != "config" else 3
    _assert_has(_help(str(shutil.which("pulumi")), *words[1:depth]), words)


@pytest.mark.parametrize("words", _of("make"), ids=" ".join)
def test_a_target_of_make(words: tuple[str, ...]) -> None:
    """The Makefile has it, and an example that it names is there."""
    assert words[1] in re.findall(r"^# make ([\w-]+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for word in words[2:]:
        assert word.startswith("EXAMPLE=")
        assert (ROOT / word.removeprefix("EXAMPLE=") / "Pulumi.yaml").is_file()


@pytest.mark.parametrize("words", _of("export"), ids=" ".join)
def test_a_variable(words: tuple[str, ...]) -> None:
    """It is one that this package or pip reads."""
    assert {word.partition("=")[0] for word in words[1:]} <= VARIABLES


@pytest.mark.parametrize("words", _of("pip"), ids=" ".join)
def test_a_command_of_pip(words: tuple[str, ...]) -> None:
    """It takes the options, and what it installs is this package with extras that there are."""
    _assert_has(_help(sys.executable, "-m", "pip", words[1]), words)
    project = (ROOT / "pyproject.toml").read_text()
    for name, extra in re.findall(r"^([\w-]+)\[(\w+)\]$", words[-1], re.MULTILINE):
        assert f'name = "{name}"' in project
        assert re.search(rf"^{extra} = \[$", project, re.MULTILINE)


def test_a_virtual_environment() -> None:
    """What a page activates it has made."""
    made = [words[1:] for words in _of("python3")]
    assert made == [("-m", "venv", words[1].removesuffix("/bin/activate")) for words in _of("source")] != []
    _help(sys.executable, "-m", "venv")
