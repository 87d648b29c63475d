"""COUNT resources of KIND, all of which change with VALUE."""

import os

import pulumi

COUNT, VALUE = int(os.environ["COUNT"]), float(os.environ["VALUE"])
OWNER = "team@example.com"


def criteria(number: int) -> dict:
    return {
        "all": [
            {"attribute": "shopping:cart_value", "operator": ">", "value": VALUE + number},
            {"attribute": "shopping:visits", "operator": ">=", "value": 3},
        ]
    }


if os.environ["KIND"] == "rules":
    from pulumi_snowplow_signals import RuleIntervention

    for number in range(COUNT):
        name = f"rule_{number}"
        RuleIntervention(
            name, owner=OWNER, criteria=criteria(number), target_attribute_keys=["domain_userid"]
        )
else:
    from nothing import NothingAtAll

    for number in range(COUNT):
        name = f"rule_{number}"
        urn = f"urn:pulumi:{pulumi.get_stack()}::bench::pulumi-python:dynamic/bench:NothingAtAll::{name}"
        inputs = {
            "name": name, "owner": OWNER, "criteria": criteria(number), "target_attribute_keys": ["domain_userid"],
            "version": 1, "published": True, "on_destroy": "unpublish", "rule": "", "__urn": urn,
            "__signals": {"released": {"1": "0" * 64}, "highest": 1, "recorded": [1], "registry": "http://127.0.0.1:1"},
        }  # fmt: skip
        NothingAtAll(name, inputs)
