"""Says at the head of a test run which engines there are, and has generated cases be the same ones in every run."""

from __future__ import annotations

import shutil

from hypothesis import settings

# No deadline: how long a case takes on a shared machine says nothing about the code.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_report_header() -> str:
    """Name the engines that deployments are tried on."""
    pulumi = shutil.which("pulumi")
    return f"engines: the local one, and {pulumi}" if pulumi else "engines: the local one; no pulumi on PATH"
