"""What the `pulumi` command finds out about the installed package before it runs a program."""

from __future__ import annotations

import json
from importlib.metadata import distribution
from importlib.resources import files


def test_no_plugin_is_looked_for() -> None:
    """Of a distribution named `pulumi-…` the command would download a plugin before each run, unless this file says no."""
    module = distribution("pulumi-snowplow-signals").metadata["Name"].replace("-", "_")
    said = json.loads((files(module) / "pulumi-plugin.json").read_text())
    assert said == {"resource": False}
