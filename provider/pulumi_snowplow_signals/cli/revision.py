"""Checks out another commit of a project's repository, in a temporary directory."""

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
"""What git sets for hooks of the current repository. It would wrongly apply to the worktree as well."""


@contextmanager
def check_out(revision: str, directory: Path) -> Iterator[Path]:
    """Yield the path of a directory in a worktree of another commit, and remove the worktree afterwards.

    Raises:
        ProjectError: The directory is not in a repository, or the repository has no such commit.
    """
    top = Path(_git(directory, "rev-parse", "--show-toplevel"))
    commit = _commit(directory, revision)
    with tempfile.TemporaryDirectory(prefix="pulumi-signals-") as place:
        tree = Path(place) / "base"
        try:
            _git(top, "worktree", "add", "--detach", "--quiet", str(tree), commit)
            yield tree / directory.resolve().relative_to(top.resolve())
        finally:
            # Works for an incomplete worktree too. If its directory has vanished, `prune` forgets it.
            _run(top, "worktree", "remove", "--force", str(tree))
    _run(top, "worktree", "prune")


def _commit(directory: Path, revision: str) -> str:
    done = _run(directory, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if done.returncode:
        raise ProjectError(
            f'--base: there is no commit "{revision}" in this clone. Fetch it, for example with '
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
            # This temporary checkout must not run the repository's hooks.
            ["git", "-c", "core.hooksPath=/dev/null", "-C", str(directory), *arguments],  # noqa: S607  # the one on PATH
            capture_output=True, text=True, errors="replace", check=False, env={**environment, "GIT_LFS_SKIP_SMUDGE": "1"},
        )  # fmt: skip
    except OSError as why:
        raise ProjectError(f"--base needs git, but git cannot be started: {why}") from None
