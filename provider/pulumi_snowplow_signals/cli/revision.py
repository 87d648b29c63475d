"""Another commit of a project's repository, in a directory of its own for a while."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pulumi_snowplow_signals.cli.project import ProjectError

_OF_A_HOOK: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")
"""What git sets for its hooks, of the repository at hand: it would hold for the worktree as well."""


@contextmanager
def checked_out(revision: str, directory: Path) -> Iterator[Path]:
    """Yield what a directory of a repository is called in a worktree of another commit, and remove that again.

    Raises:
        ProjectError: There is no repository, or it has no such commit.
    """
    top = Path(_git(directory, "rev-parse", "--show-toplevel"))
    commit = _commit(directory, revision)
    with tempfile.TemporaryDirectory(prefix="pulumi-signals-") as place:
        tree = Path(place) / "base"
        try:
            _git(top, "worktree", "add", "--detach", "--quiet", str(tree), commit)
            yield tree / directory.resolve().relative_to(top.resolve())
        finally:
            # Whatever happened: a half-made worktree is removed like a whole one, and a vanished one is forgotten.
            _run(top, "worktree", "remove", "--force", str(tree))
    _run(top, "worktree", "prune")


def _commit(directory: Path, revision: str) -> str:
    done = _run(directory, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if done.returncode:
        raise ProjectError(
            f'--base: there is no commit "{revision}" in this clone. Fetch it, such as with '
            "`git fetch --depth 1 origin main`, and name it as origin/main"
        )
    return done.stdout.strip()


def _git(directory: Path, *arguments: str) -> str:
    done = _run(directory, *arguments)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        fatal = [line for line in said if line.startswith("fatal: ")]
        raise ProjectError(f"--base: git {arguments[0]}: {[*fatal, *said[-1:], 'failed'][0]}")
    return done.stdout.strip()


def _run(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    try:
        return subprocess.run(  # noqa: S603  # git, with arguments of ours and a commit's hash
            # A checkout of ours is nobody's occasion for a hook.
            ["git", "-c", "core.hooksPath=/dev/null", "-C", str(directory), *arguments],  # noqa: S607  # the one on PATH
            capture_output=True, text=True, errors="replace", check=False, env={**environment, "GIT_LFS_SKIP_SMUDGE": "1"},
        )  # fmt: skip
    except OSError as why:
        raise ProjectError(f"--base needs git, which cannot be started: {why}") from None
