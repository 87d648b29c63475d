"""Says at the head of a test run which engines there are, and at its end which cuts and histories were tried; repeats cases."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import settings
from snapshots import Snapshots
from thorough import SOAK, examples

_CUTS = "cuts"
_HISTORIES = "histories"
_LEGEND = """\
In process, survived: the same run again, an edited program, a reverted one and a destroy each end in the registry of a
deployment that was never cut, with nothing changed under a released number and no moment without a live version. What it
took beyond the command itself, or was left, is said; the failure, a refusal or a warning says so too, unless the process
was killed.
On an engine, no faults: the same command, after the kills, ends in the registry of what was never cut, likewise; an edited
program, or a reverted one with --refresh, leaves live what it says.
"""

# No deadline: how long a case takes on a shared machine says nothing about the code.
# Quick runs try the same few examples each time; a soak tries many, and others each time.
settings.register_profile("quick", max_examples=examples(100), derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=examples(100), deadline=None, print_blob=True)
settings.load_profile("thorough" if SOAK else "quick")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the option of `make snapshots`."""
    parser.addoption("--update-snapshots", action="store_true", help="rewrite the kept texts that differ")


@pytest.fixture(scope="session")
def snapshots(request: pytest.FixtureRequest) -> Snapshots:
    """The kept texts: compared, or rewritten with `--update-snapshots`."""
    return Snapshots(update=request.config.getoption("--update-snapshots"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what one worker builds for all and takes longest, so that none waits for it at the end."""
    items.sort(key=lambda item: "inputs" not in item.path.parts)


def pytest_report_header() -> str:
    """Name the engines that deployments are tried on."""
    pulumi = shutil.which("pulumi")
    return f"engines: the local one, and {pulumi}" if pulumi else "engines: the local one; no pulumi on PATH"


# Here and not beside the tests themselves, since a run in several processes reads no other conftest where it sums up.
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Return for each engine and operation how many cuts were tried and survived, and how many histories were played."""
    cuts = _collect(terminalreporter, _CUTS)
    if cuts:
        terminalreporter.section("cuts tried and survived")
        terminalreporter.write_line(_LEGEND)
        terminalreporter.write_line("\n".join(cuts))
    histories = _collect(terminalreporter, _HISTORIES)
    if histories:
        terminalreporter.section("histories played")
        terminalreporter.write_line("\n".join(histories))


def _collect(terminalreporter: pytest.TerminalReporter, kind: str) -> list[str]:
    return sorted(
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == kind
    )
