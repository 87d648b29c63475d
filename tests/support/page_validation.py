"""What the page about attribute groups shows of `pulumi-signals validate`."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from pulumi_snowplow_signals.cli.findings import to_text
from pulumi_snowplow_signals.cli.validation import validate

_PROGRAM = """\
from pulumi_snowplow_signals import (
    Attribute, AttributeKey, EntityProperty, Event, EventProperty, RuleIntervention, Service, StreamAttributeGroup, attribute,
)

cart = Event(vendor="com.example", name="cart", version="1-0-0")


def last(name, type="double"):
    path = EventProperty(vendor="com.example", name="cart", major_version=1, path=name)
    return Attribute(name=name, type=type, aggregation="last", events=[cart], property=path)


account = AttributeKey("account", property=EntityProperty(vendor="com.example", name="account", major_version=1, path="id"))
shopping = StreamAttributeGroup(
    "shopping", owner="data@company.com", attribute_key=account, version=1, attributes=[last("cart_value")],
)
Service("checkout", owner="data@company.com", attribute_groups=[shopping])
RuleIntervention("vip", owner="marketing@company.com", criteria=attribute("shopping:cart_value") > 75)
"""
_CHANGES = {
    'path="id"': 'path="account_id"',
    '[last("cart_value")]': '[last("cart_value", "string")]',
    'Service("checkout"': 'Service("checkout", description="Read by the shop"',
}


def text_of_validation() -> str:
    """Return what it says of a forgotten increment, a key in use, a service that changes in place, and a type under a rule."""
    with tempfile.TemporaryDirectory() as directory:
        project = Path(directory).resolve()
        (project / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
        (project / "__main__.py").write_text(_PROGRAM)
        who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
        for arguments in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "first")):
            subprocess.run(["git", *who, *arguments], cwd=project, check=True)
        program = _PROGRAM
        for old, new in _CHANGES.items():
            assert old in program
            program = program.replace(old, new)
        (project / "__main__.py").write_text(program)
        text = to_text(validate(project, base="HEAD")).rstrip("\n")
    return text.replace(f"{os.path.relpath(project)}/", "")  # as if it ran in the project
