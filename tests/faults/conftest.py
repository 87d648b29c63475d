"""Makes this tier's own parts and the harness of the deployments importable, and prints how many cuts were survived."""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).parent
sys.path[:0] = [str(_HERE), str(_HERE.parent / "deployments")]

_CUTS = "cuts"


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
        for line in sorted(told):
            terminalreporter.write_line(line)
