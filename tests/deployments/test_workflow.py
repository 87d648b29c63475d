"""The workflow for GitHub Actions works: each of its commands is carried out, on both engines, with a stand-in for GitHub."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import ENGINES, ON_BOTH, Outsider, settings_of
from warm import warm_python

from signals_local.emulator import Emulator, serve

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "github-actions"
JOBS = yaml.safe_load((EXAMPLE / "signals.yml").read_text())["jobs"]
PAGE = (ROOT / "docs" / "previews-and-ci.md").read_text(encoding="utf-8")
HEAD = "from pulumi_snowplow_signals import RuleIntervention, attribute\n"
RULE = 'RuleIntervention("offer", owner="t@example.com", criteria=attribute("shopping:cart_value") > {}, version={})\n'
BOT, PERSON = {"login": "github-actions[bot]"}, {"login": "octocat"}


class GitHub(ThreadingHTTPServer):
    """As much of GitHub's API as comments need."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.comments: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: GitHub

    def do_GET(self) -> None:  # as http.server has it
        assert self.path.startswith("/repos/o/r/issues/7/comments?per_page=100&page=")
        page = int(self.path.rpartition("=")[2])
        self._answer(self.server.comments[(page - 1) * 100 : page * 100])

    def do_POST(self) -> None:
        assert self.path == "/repos/o/r/issues/7/comments"
        self.server.comments.append({"id": len(self.server.comments), "user": BOT, **self._body()})
        self._answer({})

    def do_PATCH(self) -> None:
        number = re.fullmatch(r"/repos/o/r/issues/comments/(\d+)", self.path)
        assert number
        self.server.comments[int(number[1])] |= self._body()
        self._answer({})

    def log_message(self, *_: Any) -> None:
        """Print nothing."""

    def _body(self) -> dict[str, Any]:
        assert self.headers["Authorization"] == "Bearer token"
        found: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert len(found["body"]) < 65_536
        return found

    def _answer(self, body: Any) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())


@pytest.fixture
def github() -> Iterator[GitHub]:
    with GitHub() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class Repository:
    """A clone on a runner."""

    def __init__(self, directory: Path, engine: str, emulator: Emulator, github: GitHub) -> None:
        self.emulator, self.github = emulator, github
        self.engine = ENGINES[engine](directory, settings_of(emulator))
        self.project = self.engine.project
        (self.project / ".github").mkdir()
        shutil.copy(EXAMPLE / "comment.py", self.project / ".github")
        (self.project / "requirements.txt").write_text("")
        commands = directory / "bin"
        commands.mkdir()
        for name, module in (
            ("pulumi-signals", "pulumi_snowplow_signals.cli.main"),
            ("pulumi", "signals_local.cli"),
        ):
            if name != "pulumi" or engine == "local":
                (commands / name).write_text(f'#!/bin/sh\nexec "{warm_python()}" -m {module} "$@"\n')
                (commands / name).chmod(0o755)
        self.path = os.pathsep.join([str(commands), str(Path(sys.executable).parent), os.environ["PATH"]])
        self.summary = directory / "summary.md"
        self.git("init", "--quiet")

    def git(self, *arguments: str) -> str:
        """Run git as somebody."""
        who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
        done = subprocess.run(
            ["git", *who, *arguments], cwd=self.project, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, program: str) -> str:
        """Commit a program, and return the commit before it."""
        (self.project / "__main__.py").write_text(HEAD + program)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "m")
        return self.git("rev-parse", "HEAD~1") if self.git("rev-list", "--count", "HEAD") != "1" else ""

    def run(self, job: str, *, base: str = "") -> dict[str, tuple[int, str]]:
        """Carry out the commands of a job as a runner does; return exit code and output of each that ran."""
        done: dict[str, tuple[int, str]] = {}
        failed = False
        for step in JOBS[job]["steps"]:
            if "run" in step and (not failed or "cancelled" in str(step.get("if"))):
                found = self.shell(
                    step["run"], {**step.get("env", {}), "BASE": base} if base else step.get("env", {})
                )
                done[step["name"]] = (found.returncode, found.stdout + found.stderr)
                failed = failed or found.returncode != 0
        return done

    def shell(self, script: str, given: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a script as GitHub's shell `bash` does."""
        known = {
            "github.token": "token", "github.event.pull_request.number": "7",
            "github.event.pull_request.base.sha": given.get("BASE", ""),
        }  # fmt: skip
        filled = {
            name: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: known[found[1]], value)
            for name, value in given.items()
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.project, capture_output=True, text=True, check=False, timeout=280,
            env={
                **self.engine._environment, "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "", "PATH": self.path, "STACK": "dev",
                "GITHUB_API_URL": self.github.url, "GITHUB_REPOSITORY": "o/r", "GITHUB_STEP_SUMMARY": str(self.summary),
                "PIP_DISABLE_PIP_VERSION_CHECK": "1", **filled,
            },
        )  # fmt: skip


@pytest.fixture(params=ON_BOTH)
def repository(request: pytest.FixtureRequest, tmp_path: Path, github: GitHub) -> Iterator[Repository]:
    with serve(token="token") as emulator:
        emulator.publish_group("shopping", {"cart_value": "double"})
        yield Repository(tmp_path / "runner", request.param, emulator, github)


def codes(done: dict[str, tuple[int, str]]) -> dict[str, int]:
    """Return the exit codes."""
    return {name: code for name, (code, _) in done.items()}


def test_the_workflow(repository: Repository) -> None:
    """From the first push over a pull request that forgets the number to drift in the night."""
    (repository.project / "Pulumi.dev.yaml").write_text("config: {}\n")
    repository.commit(RULE.format(75, 1))
    done = repository.run("deploy")
    assert codes(done) == {"Install": 0, "Deploy": 0}, done

    base = repository.commit(RULE.format(80, 1))
    done = repository.run("validate", base=base)
    assert codes(done) == {"Install": 0, "Validate": 1}, done
    assert (
        '::error file=__main__.py,line=2::RuleIntervention "offer": version: criteria.value changed'
        in done["Validate"][1]
    )

    repository.commit(RULE.format(80, 2))
    done = repository.run("validate", base=base)
    assert codes(done) == {"Install": 0, "Validate": 0}, done

    comments = repository.github.comments
    comments += [
        {"id": i, "user": PERSON, "body": "<!-- pulumi-signals interventions/dev -->"} for i in range(120)
    ]
    done = repository.run("preview")
    assert codes(done) == {"Install": 0, "Preview": 0, "Sum up": 0, "Comment": 0}, done
    assert len(comments) == 121
    assert "reaches fewer visitors" in comments[-1]["body"]

    repository.commit("")
    done = repository.run("preview")
    assert codes(done) == {"Install": 0, "Preview": 0, "Sum up": 1, "Comment": 0}, done
    assert len(comments) == 121
    assert "#### Taken away from visitors" in comments[-1]["body"]

    repository.commit(RULE.replace("cart_value", "cart_vale").format(80, 2))
    done = repository.run("preview")
    assert codes(done) == {"Install": 0, "Preview": 0, "Sum up": 1, "Comment": 0}, done
    assert "**The preview failed.**" in comments[-1]["body"]

    repository.commit(RULE.format(75, 1))
    done = repository.run("drift")
    assert codes(done) == {"Install": 0, "Refresh": 0, "Report": 0}, done
    with closing(Outsider(repository.emulator)) as outsider:
        outsider.withdraws("offer", 1)
    done = repository.run("drift")
    assert codes(done) == {"Install": 0, "Refresh": 0, "Report": 1}, done
    assert "#### Changed outside this stack" in repository.summary.read_text()


def test_every_command_of_the_workflow_is_carried_out() -> None:
    """No job of the workflow is one that the test above leaves out."""
    assert {*JOBS} == {"validate", "preview", "deploy", "drift"}


def test_the_page_has_the_same_as_plain_commands() -> None:
    """What the page shows for other systems are the commands that the workflow runs."""
    commands = [
        step["run"]
        for job in JOBS.values()
        for step in job["steps"]
        if step.get("name") != "Comment" and "run" in step
    ]
    missing = [
        command for command in commands if command.replace(' >> "$GITHUB_STEP_SUMMARY"', "") not in PAGE
    ]
    assert missing == []
