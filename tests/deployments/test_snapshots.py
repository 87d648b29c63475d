"""The texts that a reviewer decides by, word for word, of both engines: see `make snapshots`."""

from __future__ import annotations

from pathlib import Path

import pytest
from attribute_changes import PULL_REQUESTS, comment_on
from harness import ENGINES, ON_BOTH, LocalEngine, PulumiEngine, needs
from kinds_of_change import lines_of_every_change
from kinds_of_group_change import lines_of_every_group_change
from pull_request import AFTER, BROKEN, previews
from snapshots import Snapshots

KEPT = Path(__file__).parent / "snapshots"


@pytest.mark.parametrize("engine", ON_BOTH)
def test_the_lines_of_every_kind_of_change(engine: str, tmp_path: Path, snapshots: Snapshots) -> None:
    """Both engines show the same lines, each once a run and under its resource."""
    snapshots.check(KEPT / "lines.txt", "\n".join(lines_of_every_change(ENGINES[engine], tmp_path)))


@pytest.mark.parametrize("engine", ON_BOTH)
def test_the_lines_of_every_change_of_groups(engine: str, tmp_path: Path, snapshots: Snapshots) -> None:
    """Likewise of attribute keys, attribute groups and services."""
    lines = lines_of_every_group_change(ENGINES[engine], tmp_path)
    snapshots.check(KEPT / "groups.txt", "\n".join(lines))


def test_the_preview_of_the_local_engine(tmp_path: Path, snapshots: Snapshots) -> None:
    """Steps, lines and counts, as text and as JSON."""
    found = previews(LocalEngine, tmp_path, {"": AFTER, "--json": AFTER})
    snapshots.check(KEPT / "local.txt", found[""])
    snapshots.check(KEPT / "local.json", found["--json"])


def test_the_preview_of_a_broken_program(tmp_path: Path, snapshots: Snapshots) -> None:
    """The local engine shows the faults of all resources, and the lines of those that have none."""
    found = previews(LocalEngine, tmp_path, {"": BROKEN})
    snapshots.check(KEPT / "local-broken.txt", found[""])


@pytest.mark.parametrize("change", PULL_REQUESTS)
@pytest.mark.parametrize("engine", ON_BOTH)
def test_the_comment_on_attributes(engine: str, change: str, tmp_path: Path, snapshots: Snapshots) -> None:
    """Previews of both engines are summed up to the same bytes, for keys, groups and services too."""
    comment = comment_on(ENGINES[engine], tmp_path, *PULL_REQUESTS[change])
    snapshots.check(KEPT / f"comment-{change}.md", comment)


@needs("pulumi")
def test_the_preview_of_the_real_engine(tmp_path: Path, snapshots: Snapshots) -> None:
    """As text, with every input, and as JSON."""
    found = previews(PulumiEngine, tmp_path, {"": AFTER, "--diff": AFTER, "--json": AFTER})
    snapshots.check(KEPT / "pulumi.txt", found[""])
    snapshots.check(KEPT / "pulumi-diff.txt", found["--diff"])
    snapshots.check(KEPT / "pulumi.json", found["--json"])
