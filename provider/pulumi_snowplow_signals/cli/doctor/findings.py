"""What the doctor finds: a result for each check, and a value for each assumption."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Final, Literal, TypeAlias

from pulumi_snowplow_signals.fields.text import printable

Outcome: TypeAlias = Literal["ok", "warning", "failed", "not tested"]

ASSUMPTIONS: Final = {
    "list": "",
    "latest": "no name has a draft above a live version",
    "answers": "",
    "publishing": "needs a publication",
    "previous": "needs a publication, or a name with two live versions",
    "post-status": "",
    "published-key": "needs a published attribute key",
    "published-service": "needs a published service",
    "pinned-group": "needs a published service",
    "references-checked": "",
    "fires": "needs a live rule and a visitor",
    "wrong-scope": "these credentials may write, or nothing was written",
    "extra-fields": "the registry has no intervention",
    "error-detail": "",
}
"""The assumptions of docs/assumptions.md, each with the reason if it is not tested. Empty: it needs `--write`."""


@dataclass(frozen=True)
class Check:
    """A check, its outcome, and details."""

    name: str
    outcome: Outcome
    detail: str


@dataclass(frozen=True)
class Assumption:
    """An assumption about the service, the value that holds there, and the evidence."""

    name: str
    value: str
    because: str


@dataclass
class Findings:
    """All findings, in order."""

    checks: list[Check] = field(default_factory=list)
    known: dict[str, Assumption] = field(default_factory=dict)

    def check(self, name: str, outcome: Outcome, detail: object = "") -> None:
        """Add the result of a check."""
        self.checks.append(Check(name, outcome, printable(" ".join(str(detail).split()))))

    def learn(self, name: str, value: str, because: str) -> None:
        """Add the value of an assumption."""
        if name not in ASSUMPTIONS:
            raise KeyError(name)
        self.known[name] = Assumption(name, value, because)

    @property
    def has_failed(self) -> bool:
        """Whether a check failed."""
        return any(check.outcome == "failed" for check in self.checks)

    @property
    def assumptions(self) -> Iterator[Assumption]:
        """Each assumption, including those that were not tested."""
        for name, reason in ASSUMPTIONS.items():
            yield self.known.get(name) or Assumption(
                name, "not tested", reason or "needs a draft: use --write"
            )

    def to_text(self) -> Iterator[str]:
        """Yield the lines of the table."""
        for check in self.checks:
            yield f"{check.outcome:<11} {check.name:<24} {check.detail}".rstrip()
        yield ""
        yield "The open questions of docs/assumptions.md, and the answers in this account:"
        for assumption in self.assumptions:
            yield f"  {assumption.name:<20} {assumption.value:<12} {assumption.because}".rstrip()

    def to_json(self) -> str:
        """Return the report for a bug report. It holds no secret: errors contain none, and settings are left out."""
        report = {
            "versions": {
                "python": platform.python_version(),
                "platform": platform.platform(),
                **{
                    name: version(name) for name in ("pulumi-snowplow-signals", "pulumi", "httpx", "pydantic")
                },
            },
            "checks": [asdict(check) for check in self.checks],
            "assumptions": [asdict(assumption) for assumption in self.assumptions],
        }
        return json.dumps(report, indent=2) + "\n"
