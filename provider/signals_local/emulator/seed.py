"""Attribute keys and groups from a file that a person writes, registered and published when the emulator starts.

In a real account somebody has defined attributes before the first intervention; this stands in for that. An entry says as
little as it can, down to `cart_value: double`; what a group needs beyond that is filled in. Written out, an entry takes
every field of the service's own models.

    attribute_keys:
      - basket_id
    attribute_groups:
      - name: shopping
        attribute_key: domain_userid
        attributes:
          cart_value: double
          visits: {type: int32, aggregation: counter}
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from signals_local.emulator.attribute_models import AttributeGroup, AttributeKey
from signals_local.emulator.errors import Refusal, StartError
from signals_local.emulator.history import Cause
from signals_local.emulator.registry import Identity, Registry
from signals_local.emulator.wire import Proposal

_Model = TypeVar("_Model", bound=BaseModel)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    attribute_keys: list[str | dict[str, Any]] = []
    attribute_groups: list[dict[str, Any]] = []


def plant(registry: Registry, path: Path) -> list[str]:
    """Register and publish what the file lists and the registry has not; returns what was added, in words.

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
    """Each entry's place in the file, and what it asks for; keys before groups."""
    content = _read(path)
    for index, key in enumerate(content.attribute_keys):
        where = f"attribute_keys[{index}]"
        given = {"name": key} if isinstance(key, str) else key
        yield where, _parse(path, where, AttributeKey, {"is_published": True, **given}).proposal()
    for index, group in enumerate(content.attribute_groups):
        where = f"attribute_groups[{index}]"
        yield where, _parse(path, where, AttributeGroup, complete_group(group)).proposal()


def _read(path: Path) -> _File:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StartError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StartError(f"{path}: is not YAML: {error}") from error
    return _parse(path, "", _File, {} if content is None else content)


def complete_group(given: dict[str, Any]) -> dict[str, Any]:
    """A group's entry with what it left out: the body of a request. What is wrong in it stays, for the model to refuse."""
    group = {"is_published": True, "offline": False, **given}
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


def _attribute(given: Any, group: str) -> Any:
    """An attribute with what its entry left out: the last value that any event brought under its name."""
    if not isinstance(given, dict):
        return given
    attribute = {"type": "string", "aggregation": "last", "events": [], **given}
    if attribute["aggregation"] != "counter":
        path = f"$.{attribute.get('name')}"
        attribute.setdefault(
            "property",
            {"type": "event", "vendor": "com.example", "name": group, "major_version": 1, "path": path},
        )
    if str(attribute["aggregation"]).startswith("time_since_"):
        attribute.setdefault("time_unit", "s")
    return attribute


def _parse(path: Path, where: str, model: type[_Model], given: Any) -> _Model:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(
            str(part) for part in (where, *first["loc"]) if part != "" and not str(part).startswith("<")
        )
        raise StartError(f"{path}: {place or 'the file'}: {first['msg']}") from error
