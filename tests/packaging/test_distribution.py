"""What is built for an index: a wheel that holds all that runs, under one version, with a description that stands alone."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from package_metadata import build_description, build_urls  # noqa: E402  # scripts are no package

README = (ROOT / "README.md").read_text(encoding="utf-8")
REPOSITORY = "https://example.com/owner/name"
RELATIVE = re.compile(r"\]\((?!https?:)")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this working tree."""
    directory = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(directory))
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (found,) = directory.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    """What an index reads of it."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def _packaged() -> Iterator[str]:
    tracked = subprocess.run(
        ["git", "ls-files", "provider"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    yield from (name.removeprefix("provider/") for name in tracked.stdout.splitlines())


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    """Queries, the page of the local API and the marks for type checkers and Pulumi, too."""
    with zipfile.ZipFile(wheel) as archive:
        assert {*_packaged()} - {*archive.namelist()} == set()


def test_the_wheel_runs_where_the_clone_is_not(wheel: Path, tmp_path: Path) -> None:
    """It is imported out of an archive's contents alone, and tells its version to Signals."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = (
        "import pulumi_snowplow_signals, signals_local.cli, importlib.metadata;"
        "print(pulumi_snowplow_signals.__file__, importlib.metadata.version('pulumi-snowplow-signals'))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program]
        if sys.version_info >= (3, 11)
        else [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    file, version = done.stdout.split()
    assert Path(file).is_relative_to(tmp_path)
    assert version == wheel.name.split("-")[1]


def test_the_changelog_begins_with_this_version(metadata: Message) -> None:
    """Its newest entry has the version and a date."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    (newest, *_) = re.findall(r"^## (.*)$", changelog, re.MULTILINE)
    assert re.fullmatch(rf"{re.escape(metadata['Version'])} \(\d{{4}}-\d\d-\d\d\)|Unreleased", newest)


def test_the_template_asks_for_this_version(metadata: Message) -> None:
    """A new project takes this release and its fixes."""
    major, minor = metadata["Version"].split(".")[:2]
    (line,) = (ROOT / "template" / "requirements.txt").read_text().splitlines()
    assert line == f"pulumi-snowplow-signals[cli]>={major}.{minor},<{major}.{int(minor) + 1}"


def test_the_description_leads_nowhere_while_there_is_no_repository(metadata: Message) -> None:
    """No link of it is relative, no image is lost on the way, and no link of the project is made up."""
    description = metadata.get_payload()
    assert isinstance(description, str)
    assert "Try it on a laptop" in description
    assert RELATIVE.findall(build_description(README, "", "1.0.0")) == []
    assert "![" not in build_description(README, "", "1.0.0")
    assert build_urls("", "1.0.0") == {}


def test_the_description_leads_to_the_files_of_its_version() -> None:
    """With a repository, each link is absolute; code is left as it is."""
    text = build_description(README, REPOSITORY, "1.0.0")
    assert RELATIVE.findall(text) == []
    assert f"]({REPOSITORY}/blob/v1.0.0/docs/questions.md)" in text
    assert f"![The local Signals API's page]({REPOSITORY}/raw/v1.0.0/docs/images/emulator.png)" in text
    assert re.findall(r"^```.*?^```", text, re.DOTALL | re.MULTILINE) == re.findall(
        r"^```.*?^```", README, re.DOTALL | re.MULTILINE
    )
    assert all(address.startswith(REPOSITORY) for address in build_urls(REPOSITORY, "1.0.0").values())
