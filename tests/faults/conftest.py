"""Makes this tier's own parts and the harness of the deployments importable, and prints how many cuts were survived."""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).parent
sys.path[:0] = [str(_HERE), str(_HERE.parent / "deployments")]

_CUTS = "cuts"
_LEGEND = """\
In process, survived: the same run again, an edited program, a reverted one and a destroy each end in the registry of a
deployment that was never cut, with nothing changed under a released number and no moment without a live version. What it
took beyond the command itself, or was left, is said; the failure, a refusal or a warning says so too, unless the process
was killed.
On an engine, no faults: the same command, after the kills, ends in the registry of what was never cut, likewise; an edited
program, or a reverted one with --refresh, leaves live what it says.
"""


def pytest_terminal_summary(terminalreporter):
    """Say for each engine and operation how many cuts were tried and survived."""
    told = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == _CUTS
    ]
    if told:
        terminalreporter.section("cuts tried and survived")
        terminalreporter.write_line(_LEGEND)
        for line in sorted(told):
            terminalreporter.write_line(line)
