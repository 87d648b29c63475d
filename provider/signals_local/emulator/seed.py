"""Attribute keys, groups and services from a file that a person writes, registered and published at start.

In a real account somebody has defined attributes before the first intervention; this stands in for that. An entry says as
little as it can, down to `cart_value: double`; what is needed beyond that is filled in. Written out, an entry takes every
field of the service's own models. Unlike a request, a file with a field that is none is refused: it is a slip of the pen.

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
    """What is YAML, and outside the part of it that a seed file is written in."""

    def __init__(self, mark: Any, problem: str) -> None:
        super().__init__(f"line {mark.line + 1}: {problem}")


class _Loader(yaml.SafeLoader):
    """YAML as far as JSON goes: keys are texts, each once, and a date is a text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - as yaml has it
        """Return a mapping; refuse a key that is no text or appears twice, of which YAML would keep the last."""
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
    """Register and publish what the file lists and the registry lacks; return what was added, in words.

    What is registered already stays as it is, withdrawn or not.

    Raises:
        StartError: the file can't be read, or an entry is wrong; the text names the file and the entry. Also if a group is
            registered with other content, since a published version does not change.
    """
    added = []
    for where, proposal in _proposals(path):
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


def _proposals(path: Path) -> Iterator[tuple[str, Proposal]]:
    """Each entry's place in the file, and what it asks for; what is needed comes before what needs it."""
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
    """Refuse what is small in the file and large, endless or no JSON once it is loaded."""
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
    """A group's entry with what it left out: the body of a request. What is wrong in it stays, for the model to refuse."""
    group = {"is_published": True, "offline": "fields" in given, **given}
    if isinstance(group.get("attribute_key"), str):
        group["attribute_key"] = {"name": group["attribute_key"]}
    attributes = group.get("attributes")
    if isinstance(attributes, dict):
        attributes = [{"name": name, **_entry(entry)} for name, entry in attributes.items()]
    if isinstance(attributes, list):
        group["attributes"] = [_attribute(each, str(group.get("name"))) for each in attributes]
    return group


def _entry(entry: Any) -> dict[str, Any]:
    return dict(entry) if isinstance(entry, dict) else {"type": entry}


def _complete_service(given: dict[str, Any]) -> dict[str, Any]:
    service = {"is_published": True, **given}
    groups = service.get("attribute_groups")
    if isinstance(groups, list):
        service["attribute_groups"] = [{"name": each} if isinstance(each, str) else each for each in groups]
    return service


def _attribute(given: Any, group: str) -> Any:
    """An attribute with what its entry left out: the last value that any event brought under its name."""
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
    """Return an entry as its model; strictly, as a person who writes `version: true` means something else than 1."""
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
