"""Register and publish attribute keys, groups and services from a file at start.

In a real account, attributes are defined before the first intervention; the file takes their place. An entry can be as short as
`cart_value: double`, and the rest is filled in. It may also contain every field of the service's own models. Unlike in a request, an
unknown field is refused, since it is probably a typo.

    attribute_keys:
      - basket_id
    attribute_groups:
      - name: shopping
        attribute_key: domain_userid
        attributes:
          cart_value: double
          visits: {type: int32, aggregation: counter}
    services:
      - name: web
        attribute_groups: [shopping]
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from signals_local.emulator.attribute_models import AttributeGroup, AttributeKey
from signals_local.emulator.errors import Refusal, StartError
from signals_local.emulator.history import Cause
from signals_local.emulator.models import Service
from signals_local.emulator.registry import Identity, Registry
from signals_local.emulator.wire import Proposal

_Model = TypeVar("_Model", bound=BaseModel)

_MOST_BYTES = 1024 * 1024
_MOST_LEVELS = 20


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    attribute_keys: list[str | dict[str, Any]] = []
    attribute_groups: list[dict[str, Any]] = []
    services: list[dict[str, Any]] = []


class _OutsideError(Exception):
    """The YAML uses a feature that seed files do not support."""

    def __init__(self, mark: Any, problem: str) -> None:
        super().__init__(f"line {mark.line + 1}: {problem}")


class _Loader(yaml.SafeLoader):
    """Reads the YAML that JSON can express: keys are unique strings, and a date is a string."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - as yaml has it
        """Return a mapping. Refuse a key that is not a string, or that appears twice, of which YAML would keep the last."""
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=deep)
            if not isinstance(key, str):
                raise _OutsideError(key_node.start_mark, f"the key {key!r} is not a string")
            if key in mapping:
                raise _OutsideError(key_node.start_mark, f"the key {key!r} appears twice")
            mapping[key] = self.construct_object(value_node, deep=deep)
        return mapping


_Loader.yaml_implicit_resolvers = {
    first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def plant(registry: Registry, path: Path) -> list[str]:
    """Register and publish the objects in the file that the registry lacks. Return the added ones, in words.

    Objects that are registered already stay as they are, even if they were withdrawn.

    Raises:
        StartError: The file cannot be read, or an entry is invalid; the text names the file and the entry. Or a group is already
            registered with other content, since a published version does not change.
    """
    added = []
    for where, proposal in _read_proposals(path):
        identity = Identity(proposal.kind, proposal.name, proposal.version)
        known = {each.identity: each.digest for each in registry.every(proposal.kind)}
        if identity not in known:
            try:
                registry.create(proposal, Cause(registry.history.next_sequence(), "seed", path.name))
            except Refusal as refusal:
                raise StartError(f"{path}: {where}: {refusal.detail}") from refusal
            added.append(str(identity))
        elif known[identity] != proposal.digest:
            advice = "Give it the next version number" if proposal.version else "Give it another name"
            raise StartError(
                f"{path}: {where}: {identity} is registered with other content. {advice}, or start with a new --db."
            )
    return added


def _read_proposals(path: Path) -> Iterator[tuple[str, Proposal]]:
    """Yield the location of each entry and its proposal. Dependencies come before their users."""
    content = _parse(path, "", _File, _read(path))
    for index, key in enumerate(content.attribute_keys):
        where = f"attribute_keys[{index}]"
        given = {"name": key} if isinstance(key, str) else key
        yield where, _parse(path, where, AttributeKey, {"is_published": True, **given}).proposal()
    for index, group in enumerate(content.attribute_groups):
        where = f"attribute_groups[{index}]"
        yield where, _parse(path, where, AttributeGroup, complete_group(group)).proposal()
    for index, service in enumerate(content.services):
        where = f"services[{index}]"
        yield where, _parse(path, where, Service, _complete_service(service)).proposal()


def _read(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise StartError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(content) > _MOST_BYTES:
        raise StartError(f"{path}: is larger than {_MOST_BYTES // 1024} KB")
    try:
        _refuse_the_rest_of_yaml(content)
        loaded = yaml.load(content, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except _OutsideError as error:
        raise StartError(f"{path}: {error}") from error
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise StartError(f"{path}: is not YAML: {line}{error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise StartError(f"{path}: is not YAML: {str(error).splitlines()[0]}") from error
    return {} if loaded is None else loaded


def _refuse_the_rest_of_yaml(content: bytes) -> None:
    """Refuse YAML that is small in the file but becomes large, endless or something other than JSON once loaded."""
    level = 0
    for event in yaml.parse(content, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise _OutsideError(
                event.start_mark, "anchors and aliases are not supported; write the entry out"
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise _OutsideError(event.start_mark, f"the tag {tag} is not supported")
        level += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if level > _MOST_LEVELS:
            raise _OutsideError(event.start_mark, f"nested deeper than {_MOST_LEVELS} levels")


def complete_group(given: dict[str, Any]) -> dict[str, Any]:
    """Return a group's entry completed to a request body. Faults in it are left for the model to refuse."""
    group = {"is_published": True, "offline": "fields" in given, **given}
    if isinstance(group.get("attribute_key"), str):
        group["attribute_key"] = {"name": group["attribute_key"]}
    attributes = group.get("attributes")
    if isinstance(attributes, dict):
        attributes = [{"name": name, **_read_entry(entry)} for name, entry in attributes.items()]
    if isinstance(attributes, list):
        group["attributes"] = [_complete_attribute(each, str(group.get("name"))) for each in attributes]
    return group


def _read_entry(entry: Any) -> dict[str, Any]:
    return dict(entry) if isinstance(entry, dict) else {"type": entry}


def _complete_service(given: dict[str, Any]) -> dict[str, Any]:
    service = {"is_published": True, **given}
    groups = service.get("attribute_groups")
    if isinstance(groups, list):
        service["attribute_groups"] = [{"name": each} if isinstance(each, str) else each for each in groups]
    return service


def _complete_attribute(given: Any, group: str) -> Any:
    """Return an attribute's entry completed: by default, the last value of the property with its name in any event."""
    if not isinstance(given, dict):
        return given
    aggregation = given.get("aggregation", "last")
    if str(aggregation).startswith("time_since_"):
        return {"type": "double", "events": [], "time_unit": "s", **given}
    attribute = {"type": "string", "aggregation": aggregation, "events": [], **given}
    if aggregation != "counter":
        path = f"$.{attribute.get('name')}"
        attribute.setdefault(
            "property",
            {"type": "event", "vendor": "com.example", "name": group, "major_version": 1, "path": path},
        )
    return attribute


def _parse(path: Path, where: str, model: type[_Model], given: Any) -> _Model:
    """Return an entry as its model. Parsing is strict, since a person who writes `version: true` does not mean 1."""
    try:
        text = json.dumps(given, allow_nan=False)
    except (ValueError, TypeError) as error:
        raise StartError(f"{path}: {where or 'the file'}: is not JSON in YAML's spelling: {error}") from error
    try:
        return model.model_validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(
            str(part) for part in (where, *first["loc"]) if part != "" and not str(part).startswith("<")
        )
        raise StartError(f"{path}: {place or 'the file'}: {first['msg']}") from error
