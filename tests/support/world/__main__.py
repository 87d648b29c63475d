"""Declares what `program.json` (or the file that PROGRAM names) lists.

An entry: `name`, `kind` ("thing", "group", "get"), `props`, `from` ({input: name of the thing whose `out` it takes}),
`secret` ([inputs]), `options` (as ResourceOptions, other resources by name), `outputs` of a group, `id` of a get.
"""

import json
import os
from pathlib import Path

import pulumi
from worldly import Group, Thing

PROGRAM = json.loads((Path(os.environ["WORLD"]) / "program.json").read_text())
BY_NAME = {}


def options(entry):
    given = dict(entry.get("options", {}))
    for name in ("parent", "deleted_with"):
        if name in given:
            given[name] = BY_NAME[given[name]]
    if "depends_on" in given:
        given["depends_on"] = [BY_NAME[name] for name in given["depends_on"]]
    if "aliases" in given:
        given["aliases"] = [pulumi.Alias(**alias) for alias in given["aliases"]]
    if "id" in entry:
        given["id"] = entry["id"]
    return pulumi.ResourceOptions(**given)


def declare(entry):
    if entry.get("kind") == "group":
        return Group(entry["name"], options(entry))
    props = {"name": entry["name"], **entry.get("props", {})}
    for key, source in entry.get("from", {}).items():
        props[key] = BY_NAME[source].out
    for key in entry.get("secret", ()):
        props[key] = pulumi.Output.secret(props[key])
    return Thing(entry["name"], props, options(entry))


for entry in PROGRAM["resources"]:
    BY_NAME[entry["name"]] = declare(entry)

for entry in PROGRAM["resources"]:
    if entry.get("kind") == "group":
        outputs = {key: BY_NAME[source].out for key, source in entry.get("outputs", {}).items()}
        BY_NAME[entry["name"]].register_outputs(outputs)

for name, source in PROGRAM.get("exports", {}).items():
    pulumi.export(name, BY_NAME[source].out)
for name in PROGRAM.get("secret_exports", ()):
    pulumi.export(name, pulumi.Output.secret(f"secret {name}"))

if PROGRAM.get("raise"):
    raise RuntimeError(PROGRAM["raise"])
if PROGRAM.get("config"):
    pulumi.export("config", pulumi.Config().require(PROGRAM["config"]))
