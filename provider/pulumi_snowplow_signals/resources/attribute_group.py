"""Attribute groups: computed from the stream of events, or in a warehouse, or read from a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import pulumi
from pulumi import Input, Output, ResourceOptions
from typing_extensions import Never

from pulumi_snowplow_signals.declaration import SignalsResource
from pulumi_snowplow_signals.dynamic import (
    BatchAttributeGroupProvider,
    ExternalBatchAttributeGroupProvider,
    StreamAttributeGroupProvider,
)
from pulumi_snowplow_signals.gate import Gate, current_gate
from pulumi_snowplow_signals.inputs import AttributeReference, InputFault, PydanticModel, attribute
from pulumi_snowplow_signals.inputs.attributes import Attribute, BatchSource, Duration, Field
from pulumi_snowplow_signals.inputs.plain import link_names
from pulumi_snowplow_signals.inputs.reading import Linked
from pulumi_snowplow_signals.inputs.values import LinkAttributeKey
from pulumi_snowplow_signals.inputs.wording import as_code
from pulumi_snowplow_signals.mocked import as_deployed
from pulumi_snowplow_signals.resources.attribute_key import AttributeKey
from pulumi_snowplow_signals.resources.live_version import LiveVersion
from pulumi_snowplow_signals.resources.options import OnDestroy
from pulumi_snowplow_signals.shape import Inputs, Shape, faults_of_kind

Key: TypeAlias = AttributeKey | LinkAttributeKey | Input[str] | Mapping[str, Any] | PydanticModel
Attributes: TypeAlias = Input[Sequence[Attribute | Mapping[str, Any] | PydanticModel]]
Fields: TypeAlias = Input[Sequence[Field | Mapping[str, Any] | PydanticModel]]
Source: TypeAlias = Input[BatchSource | Mapping[str, Any] | PydanticModel]
Instant: TypeAlias = Input[datetime | str]

_NO_EFFECT = "online has no effect any more: Signals serves every attribute group. Remove it."


def _shape(name: str, provider: type[pulumi.dynamic.ResourceProvider]) -> Shape:
    return Shape(
        "AttributeGroup",
        provider,
        faults_of_kind("attribute_group", name),
        "Set adopt=True to take over what is in the registry.",
        {},
        as_deployed("attribute_group", name),
        respell={"attribute_key": link_names},
        takes_times=True,
    )


class AttributeGroup(Linked, SignalsResource):
    """Base of the three sorts of attribute groups. `group["name"]` is one of its attributes, for a rule's criteria."""

    name: Output[str]
    """The group's name in Signals."""
    version: Output[int]
    """The number of the definition."""

    _attribute_names: frozenset[str] | None = None
    _name_as_text: str | None = None

    def __init__(
        self,
        resource_name: str | None,
        inputs: Inputs,
        opts: ResourceOptions | None = None,
        unexpected: Collection[str] = (),
        *,
        online: bool | None = None,
    ) -> None:
        name = inputs["name"] if inputs["name"] is not None else resource_name
        self._name_as_text = name if isinstance(name, str) else None
        self._attribute_names = _names_in(inputs.get("attributes", inputs.get("fields")))
        super().__init__(resource_name, inputs, opts, unexpected)
        if online is not None:
            (current_gate() or Gate()).warn(self._described, _NO_EFFECT)
        if self._is_declared:
            LiveVersion(
                self.pulumi_resource_name,
                group=self.name,
                version=self.version,
                keeps_older=bool(opts and opts.retain_on_delete),
                parent=self,
            )

    def __getitem__(self, name: str) -> AttributeReference:
        """Return an attribute of this group for a rule's criteria.

        Raises:
            InputFault: The group has no attribute of that name. In a deployment it is told with all other faults.
        """
        if not isinstance(name, str):
            raise InputFault(
                f"{self._described}: {as_code(name)} is not the name of an attribute. Write a string."
            )
        if self._attribute_names is not None and name not in self._attribute_names:
            # Loaded late, since it brings pydantic along.
            from pulumi_snowplow_signals.fields.faults import suggestion  # noqa: PLC0415  # see above

            near = suggestion(name, self._attribute_names)
            fault = f"{self._described} has no attribute {as_code(name)}.{near}"
            gate = current_gate()
            if gate is None:
                raise InputFault(fault)
            gate.note(f"{self._described}[{as_code(name)}]", [fault])
        if self._name_as_text is not None:
            return attribute(f"{self._name_as_text}:{name}")
        return attribute(Output.concat(self.name, ":", name))

    def _as_link(self) -> Any:
        return {"name": self.name, "version": self.version}


class StreamAttributeGroup(AttributeGroup, module="signals", name="StreamAttributeGroup"):
    """Attributes that are computed from events as they come in.

    A published version never changes: a changed definition is a new version, from you or numbered for you. The old one stays
    live until the services, payloads and criteria that use it have moved, and is withdrawn then.

    Args:
        resource_name: Pulumi's logical name; left out, it is `name`.
        name: The group's own name in Signals: letters, digits and underscores, 1 to 128 of them. Another name is another
            group. Left out, it is the logical name.
        owner: The e-mail address of the person or team that owns it; required.
        attribute_key: For whom the attributes are computed; required. An attribute key of the program, or a name.
        attributes: What is computed; required, at least one.
        description: For whoever reads the registry.
        ttl: How long values are kept.
        backfill_since_tstamp: Since when values are filled from the warehouse, when a version is published.
        online: Deprecated; it has no effect.
        version: The number of this definition, from 1. Left out, it is numbered for you.
        published: Whether it is live; True if left out.
        adopt: Take over a group of this name that is in the registry already.
        on_destroy: `"unpublish"`, `"delete"` or `"retain"`; see `RuleIntervention`. What others use is left in any case;
            `"retain"` keeps older versions, too.
        opts: Pulumi's resource options.
        unexpected: There is nothing else.

    Raises:
        pulumi.RunError: Something in the program can never be right; the text says what.
    """

    _shape = _shape("StreamAttributeGroup", StreamAttributeGroupProvider)

    name: Output[str]
    """The group's name in Signals."""
    owner: Output[str]
    """The e-mail address of the owner."""
    description: Output[str | None]
    """The description."""
    attribute_key: Output[str]
    """The name of the attribute key."""
    ttl: Output[str | None]
    """How long values are kept, in ISO 8601."""
    attributes: Output[list[dict[str, Any]]]
    """The attributes, in the shape that Signals has them."""
    backfill_since_tstamp: Output[str | None]
    """Since when values are filled from the warehouse, in ISO 8601."""
    version: Output[int]
    """The number of the definition."""
    published: Output[bool]
    """Whether this version is live."""
    on_destroy: Output[str]
    """What a destroy will do."""

    def __init__(  # noqa: PLR0913  # the inputs of the resource
        self,
        resource_name: str | None = None,
        *,
        name: Input[str] | None = None,
        owner: Input[str] | None = None,
        attribute_key: Key | None = None,
        attributes: Attributes | None = None,
        description: Input[str] | None = None,
        ttl: Input[Duration] | None = None,
        backfill_since_tstamp: Instant | None = None,
        online: bool | None = None,
        version: Input[int] | None = None,
        published: Input[bool] | None = None,
        adopt: Input[bool] | None = None,
        on_destroy: Input[OnDestroy] | None = None,
        opts: ResourceOptions | None = None,
        **unexpected: Never,
    ) -> None:
        inputs = {
            "name": name,
            "owner": owner,
            "description": description,
            "attribute_key": attribute_key,
            "ttl": ttl,
            "attributes": attributes,
            "backfill_since_tstamp": backfill_since_tstamp,
            "version": version,
            "published": published,
            "adopt": adopt,
            "on_destroy": on_destroy,
        }
        super().__init__(resource_name, inputs, opts, unexpected, online=online)

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: Input[str],  # noqa: A002  # Pulumi's own name for it
        *,
        version: Input[int] | None = None,
        opts: ResourceOptions | None = None,
        **unexpected: Never,
    ) -> StreamAttributeGroup:
        """Look at an attribute group that something else manages: nothing of it is ever changed.

        Args:
            resource_name: Pulumi's logical name for this look.
            id: The group's name in Signals.
            version: Which version to look at; left out, the highest.
            opts: Pulumi's resource options.
            unexpected: There is nothing else.
        """
        outputs = StreamAttributeGroup.__annotations__
        return cls._look(resource_name, {"id": id, "version": version}, outputs, opts, unexpected)


class BatchAttributeGroup(AttributeGroup, module="signals", name="BatchAttributeGroup"):
    """Attributes that are computed from the events in a warehouse.

    Snowplow's documentation no longer describes this sort; the official client and the service still have it. For what the
    arguments mean, and how versions follow each other, see `StreamAttributeGroup`. These are of this sort alone:

    Args:
        resource_name: Pulumi's logical name; left out, it is `name`.
        name: As of a stream attribute group.
        owner: As of a stream attribute group.
        attribute_key: As of a stream attribute group.
        attributes: As of a stream attribute group.
        description: As of a stream attribute group.
        ttl: As of a stream attribute group.
        batch_source: The table that the events are in.
        backfill_since_tstamp: Since when the warehouse is read.
        refresh_rate: How often; hourly if left out.
        online: Deprecated; it has no effect.
        version: As of a stream attribute group.
        published: As of a stream attribute group.
        adopt: As of a stream attribute group.
        on_destroy: As of a stream attribute group.
        opts: Pulumi's resource options.
        unexpected: There is nothing else.

    Raises:
        pulumi.RunError: Something in the program can never be right; the text says what.
    """

    _shape = _shape("BatchAttributeGroup", BatchAttributeGroupProvider)

    name: Output[str]
    """The group's name in Signals."""
    owner: Output[str]
    """The e-mail address of the owner."""
    description: Output[str | None]
    """The description."""
    attribute_key: Output[str]
    """The name of the attribute key."""
    ttl: Output[str | None]
    """How long values are kept, in ISO 8601."""
    attributes: Output[list[dict[str, Any]]]
    """The attributes, in the shape that Signals has them."""
    batch_source: Output[dict[str, Any] | None]
    """The table that the events are in, if one was given."""
    backfill_since_tstamp: Output[str | None]
    """Since when the warehouse is read, in ISO 8601."""
    refresh_rate: Output[str | None]
    """How often it is read, in ISO 8601."""
    version: Output[int]
    """The number of the definition."""
    published: Output[bool]
    """Whether this version is live."""
    on_destroy: Output[str]
    """What a destroy will do."""

    def __init__(  # noqa: PLR0913  # the inputs of the resource
        self,
        resource_name: str | None = None,
        *,
        name: Input[str] | None = None,
        owner: Input[str] | None = None,
        attribute_key: Key | None = None,
        attributes: Attributes | None = None,
        description: Input[str] | None = None,
        ttl: Input[Duration] | None = None,
        batch_source: Source | None = None,
        backfill_since_tstamp: Instant | None = None,
        refresh_rate: Input[Duration] | None = None,
        online: bool | None = None,
        version: Input[int] | None = None,
        published: Input[bool] | None = None,
        adopt: Input[bool] | None = None,
        on_destroy: Input[OnDestroy] | None = None,
        opts: ResourceOptions | None = None,
        **unexpected: Never,
    ) -> None:
        inputs = {
            "name": name,
            "owner": owner,
            "description": description,
            "attribute_key": attribute_key,
            "ttl": ttl,
            "attributes": attributes,
            "batch_source": batch_source,
            "backfill_since_tstamp": backfill_since_tstamp,
            "refresh_rate": refresh_rate,
            "version": version,
            "published": published,
            "adopt": adopt,
            "on_destroy": on_destroy,
        }
        super().__init__(resource_name, inputs, opts, unexpected, online=online)

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: Input[str],  # noqa: A002  # Pulumi's own name for it
        *,
        version: Input[int] | None = None,
        opts: ResourceOptions | None = None,
        **unexpected: Never,
    ) -> BatchAttributeGroup:
        """Look at a batch attribute group that something else manages; see `StreamAttributeGroup.get`."""
        outputs = BatchAttributeGroup.__annotations__
        return cls._look(resource_name, {"id": id, "version": version}, outputs, opts, unexpected)


class ExternalBatchAttributeGroup(AttributeGroup, module="signals", name="ExternalBatchAttributeGroup"):
    """Attributes that are read from a table of a warehouse.

    For what the arguments mean, and how versions follow each other, see `StreamAttributeGroup`. These are of this sort alone:

    Args:
        resource_name: Pulumi's logical name; left out, it is `name`.
        name: As of a stream attribute group.
        owner: As of a stream attribute group.
        attribute_key: As of a stream attribute group.
        fields: The columns that are read; required, at least one.
        batch_source: The table; required.
        description: As of a stream attribute group.
        ttl: As of a stream attribute group.
        backfill_since_tstamp: Since when the table is read. Left out, nothing that is in it now may be.
        refresh_rate: How often; hourly if left out.
        online: Deprecated; it has no effect.
        version: As of a stream attribute group.
        published: As of a stream attribute group.
        adopt: As of a stream attribute group.
        on_destroy: As of a stream attribute group.
        opts: Pulumi's resource options.
        unexpected: There is nothing else.

    Raises:
        pulumi.RunError: Something in the program can never be right; the text says what.
    """

    _shape = _shape("ExternalBatchAttributeGroup", ExternalBatchAttributeGroupProvider)

    name: Output[str]
    """The group's name in Signals."""
    owner: Output[str]
    """The e-mail address of the owner."""
    description: Output[str | None]
    """The description."""
    attribute_key: Output[str]
    """The name of the attribute key."""
    ttl: Output[str | None]
    """How long values are kept, in ISO 8601."""
    fields: Output[list[dict[str, Any]]]
    """The columns that are read."""
    batch_source: Output[dict[str, Any]]
    """The table."""
    backfill_since_tstamp: Output[str | None]
    """Since when the table is read, in ISO 8601."""
    refresh_rate: Output[str | None]
    """How often it is read, in ISO 8601."""
    version: Output[int]
    """The number of the definition."""
    published: Output[bool]
    """Whether this version is live."""
    on_destroy: Output[str]
    """What a destroy will do."""

    def __init__(  # noqa: PLR0913  # the inputs of the resource
        self,
        resource_name: str | None = None,
        *,
        name: Input[str] | None = None,
        owner: Input[str] | None = None,
        attribute_key: Key | None = None,
        fields: Fields | None = None,
        batch_source: Source | None = None,
        description: Input[str] | None = None,
        ttl: Input[Duration] | None = None,
        backfill_since_tstamp: Instant | None = None,
        refresh_rate: Input[Duration] | None = None,
        online: bool | None = None,
        version: Input[int] | None = None,
        published: Input[bool] | None = None,
        adopt: Input[bool] | None = None,
        on_destroy: Input[OnDestroy] | None = None,
        opts: ResourceOptions | None = None,
        **unexpected: Never,
    ) -> None:
        inputs = {
            "name": name,
            "owner": owner,
            "description": description,
            "attribute_key": attribute_key,
            "ttl": ttl,
            "fields": fields,
            "batch_source": batch_source,
            "backfill_since_tstamp": backfill_since_tstamp,
            "refresh_rate": refresh_rate,
            "version": version,
            "published": published,
            "adopt": adopt,
            "on_destroy": on_destroy,
        }
        super().__init__(resource_name, inputs, opts, unexpected, online=online)

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: Input[str],  # noqa: A002  # Pulumi's own name for it
        *,
        version: Input[int] | None = None,
        opts: ResourceOptions | None = None,
        **unexpected: Never,
    ) -> ExternalBatchAttributeGroup:
        """Look at a group over a table that something else manages; see `StreamAttributeGroup.get`."""
        outputs = ExternalBatchAttributeGroup.__annotations__
        return cls._look(resource_name, {"id": id, "version": version}, outputs, opts, unexpected)


def _names_in(items: Any) -> frozenset[str] | None:
    """Return the names of attributes; None where one of them is not known yet."""
    if not isinstance(items, (list, tuple)):
        return None
    names = [item.get("name") if isinstance(item, Mapping) else getattr(item, "name", None) for item in items]
    known = [name for name in names if isinstance(name, str)]
    return frozenset(known) if len(known) == len(names) else None
