"""Reads from exported stacks which versions they manage."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pulumi_snowplow_signals.errors import UserFault
from pulumi_snowplow_signals.fields.hidden_inputs import HISTORY
from pulumi_snowplow_signals.fields.text import printable
from pulumi_snowplow_signals.kinds.catalogue import RESOURCES, Kind
from pulumi_snowplow_signals.kinds.intervention import Intervention

if TYPE_CHECKING:
    from pulumi_snowplow_signals.cli.listing.live import Live


@dataclass(frozen=True)
class Managed:
    """The versions of a name that a resource manages in a registry; version 1 for a kind without versions."""

    registry: str
    label: str
    name: str
    versions: frozenset[int]


@dataclass(frozen=True)
class Stack:
    """A stack, and what it manages.

    Attributes:
        name: Project and stack, such as `shop/prod`.
        managed: What its resources manage.
    """

    name: str
    managed: tuple[Managed, ...]

    def manages(self, registries: Collection[str | None], kind: Kind, name: str, version: int) -> bool:
        """Return whether the stack manages a version in one of these registries."""
        return any(
            (each.label, each.name) == (kind.label, name)
            and each.registry in registries
            and version in each.versions
            for each in self.managed
        )


class _History(BaseModel):
    model_config = ConfigDict(extra="ignore")

    registry: str
    recorded: list[int]


def _absent_as_empty(value: Any) -> Any:
    return {} if value is None else value


_Properties = Annotated[dict[str, Any], BeforeValidator(_absent_as_empty)]


class _Resource(BaseModel):
    model_config = ConfigDict(extra="ignore")

    urn: str
    type: str = ""
    id: str = ""
    outputs: _Properties = Field(default_factory=dict)
    delete: bool = False
    external: bool = False


class _Deployment(BaseModel):
    resources: list[_Resource] | None = None


class _State(BaseModel):
    deployment: _Deployment


def read_stack(file: Path) -> Stack:
    """Return the stack in an exported state. Raise UserFault if the file is not an exported state."""
    try:
        state = _State.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except OSError as failure:
        raise UserFault(f"{file} cannot be read: {failure.strerror}.") from None
    except (ValueError, RecursionError) as failure:  # of JSON, UTF-8 and the model
        reason = _explain(failure)
        raise UserFault(
            f"{file} is not an exported stack{reason}. Write one with `pulumi stack export --file {file}`."
        ) from None
    resources = state.deployment.resources or []
    homes = {"/".join(reversed(resource.urn.split("::")[:2])) for resource in resources}
    names = sorted({home.replace("urn:pulumi:", "") for home in homes})
    return Stack(", ".join(names) or file.stem, tuple(_read_managed(resources)))


def summarize_stacks(live: Sequence[Live], stacks: Sequence[Stack], registry: str) -> Iterator[str]:
    """Yield the number of live versions, and lines about those that no stack, or more than one, manages."""
    alone = [each for each in live if not each.stacks]
    shared = [each for each in live if each.stacks and len(each.stacks) > 1]
    yield f"{len(live)} live, {len(live) - len(alone)} of them managed by a stack"
    if alone:
        yield f"Managed by no stack: {', '.join(_show(each) for each in alone)}"
    for each in shared:
        yield f"Managed by {len(each.stacks or ())} stacks: {_show(each)} ({', '.join(each.stacks or ())})"
    for stack in stacks:
        others = sorted({each.registry for each in stack.managed} - {registry})
        if others:
            yield f"{stack.name} also manages objects in another registry: {printable(', '.join(others))}"


def _show(live: Live) -> str:
    number = f" v{live.version}" if live.has_versions else ""
    label = "" if live.kind is Intervention else f"{live.kind.label} "
    return printable(f"{label}{live.name}{number}")


def _read_managed(resources: Sequence[_Resource]) -> Iterator[Managed]:
    for resource in resources:
        # External resources are only read by `.get`. `delete` marks the old half of a replacement.
        if resource.external or resource.delete:
            continue
        try:
            history = _History.model_validate(resource.outputs.get(HISTORY))
        except ValidationError:
            continue  # a resource of another provider, or one that manages nothing in the registry
        # Release 0.1.0 knew only interventions, and stored subclasses of them without a type.
        kind = RESOURCES.get(resource.type.rpartition(":")[2], Intervention)
        yield Managed(history.registry, kind.label, resource.id, frozenset(history.recorded))


def _explain(failure: Exception) -> str:
    if not isinstance(failure, ValidationError):
        return ""
    first = failure.errors(include_url=False, include_input=False)[0]
    return f": {'.'.join(map(str, first['loc']))}: {first['msg']}"
