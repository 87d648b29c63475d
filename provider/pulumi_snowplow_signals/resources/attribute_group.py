"""Attribute groups: computed from the stream of events or in a warehouse, or read from a table."""

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
from pulumi_snowplow_signals.fields.hidden_inputs import RETAIN
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

_NO_EFFECT = "online no longer has any effect: Signals serves every attribute group. Remove it."


def _build_shape(name: str, provider: type[pulumi.dynamic.ResourceProvider]) -> Shape:
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
    """Base of the three types of attribute groups. `group["name"]` is one of its attributes, for use in criteria."""

    name: Output[str]
    """The group's name in Signals."""
    version: Output[int]
    """The version number."""

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
        self._attribute_names = _find_names(inputs.get("attributes", inputs.get("fields")))
        super().__init__(resource_name, inputs, opts, unexpected)
        if online is not None:
            (current_gate() or Gate()).warn(self._described, _NO_EFFECT)
        if self._is_declared:
            LiveVersion(
                self.pulumi_resource_name,
                group=self.name,
                version=self.version,
                key=self._named,
                parent=self,
            )

    def _read_options(self, opts: ResourceOptions | None) -> Inputs:
        # Left out where it is not set, so that it changes no stored input.
        return {RETAIN: True} if opts and opts.retain_on_delete else {}

    def __getitem__(self, name: str) -> AttributeReference:
        """Return an attribute of this group, for use in criteria.

        Raises:
            InputFault: The group has no attribute of that name. A deployment reports it with all other faults.
        """
        if not isinstance(name, str):
            raise InputFault(
                f"{self._described}: {as_code(name)} is not the name of an attribute. Write a string."
            )
        if self._attribute_names is not None and name not in self._attribute_names:
            # Imported late, since it imports pydantic.
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
    """Attributes that are computed from events as they arrive.

    A published version never changes. A changed definition becomes a new version, with a number that you set or that is assigned. The old
    version stays live until the services, payloads and criteria that use it have moved. Then it is withdrawn.

    Args:
        resource_name: Pulumi's logical name. Defaults to `name`.
        name: The group's name in Signals: 1 to 128 letters, digits and underscores. A different name is a different group.
            Defaults to the logical name.
        owner: The e-mail address of the person or team that owns the group. Required.
        attribute_key: The attribute key that the attributes are computed for, as a resource or a name. Required.
        attributes: The attributes to compute, at least one. Required.
        description: A description for people who read the registry.
        ttl: How long values are kept.
        backfill_since_tstamp: The time from which values are backfilled from the warehouse when a version is published.
        online: Deprecated; it has no effect.
        version: The version number, from 1. Assigned if omitted.
        published: Whether the group is live. Defaults to True.
        adopt: Whether to take over a group of this name that already exists in the registry.
        on_destroy: `"unpublish"`, `"delete"` or `"retain"`; see `RuleIntervention`. Versions that others use are always left;
            `"retain"` also keeps older versions.
        opts: Pulumi's resource options.
        unexpected: No other arguments exist.

    Raises:
        pulumi.RunError: Something in the program can never be valid; the text says what.
    """

    _shape = _build_shape("StreamAttributeGroup", StreamAttributeGroupProvider)

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
    """The attributes, in the shape of the API."""
    backfill_since_tstamp: Output[str | None]
    """The time from which values are backfilled from the warehouse, in ISO 8601."""
    version: Output[int]
    """The version number."""
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
        """Look up an attribute group that something else manages. It is never changed.

        Args:
            resource_name: Pulumi's logical name for this lookup.
            id: The group's name in Signals.
            version: The version to look up. Defaults to the highest.
            opts: Pulumi's resource options.
            unexpected: No other arguments exist.
        """
        outputs = StreamAttributeGroup.__annotations__
        return cls._look(resource_name, {"id": id, "version": version}, outputs, opts, unexpected)


class BatchAttributeGroup(AttributeGroup, module="signals", name="BatchAttributeGroup"):
    """Attributes that are computed from the events in a warehouse.

    Snowplow's documentation no longer describes this type, but the official client and the service still support it. For how
    versions follow each other, see `StreamAttributeGroup`.

    Args:
        resource_name: Pulumi's logical name. Defaults to `name`.
        name: See `StreamAttributeGroup`.
        owner: See `StreamAttributeGroup`.
        attribute_key: See `StreamAttributeGroup`.
        attributes: See `StreamAttributeGroup`.
        description: See `StreamAttributeGroup`.
        ttl: See `StreamAttributeGroup`.
        batch_source: The table that contains the events.
        backfill_since_tstamp: The time from which the warehouse is read.
        refresh_rate: How often it is read. Defaults to hourly.
        online: Deprecated; it has no effect.
        version: See `StreamAttributeGroup`.
        published: See `StreamAttributeGroup`.
        adopt: See `StreamAttributeGroup`.
        on_destroy: See `StreamAttributeGroup`.
        opts: Pulumi's resource options.
        unexpected: No other arguments exist.

    Raises:
        pulumi.RunError: Something in the program can never be valid; the text says what.
    """

    _shape = _build_shape("BatchAttributeGroup", BatchAttributeGroupProvider)

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
    """The attributes, in the shape of the API."""
    batch_source: Output[dict[str, Any] | None]
    """The table that contains the events, if one was given."""
    backfill_since_tstamp: Output[str | None]
    """The time from which the warehouse is read, in ISO 8601."""
    refresh_rate: Output[str | None]
    """How often it is read, in ISO 8601."""
    version: Output[int]
    """The version number."""
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
        """Look up a batch attribute group that something else manages; see `StreamAttributeGroup.get`."""
        outputs = BatchAttributeGroup.__annotations__
        return cls._look(resource_name, {"id": id, "version": version}, outputs, opts, unexpected)


class ExternalBatchAttributeGroup(AttributeGroup, module="signals", name="ExternalBatchAttributeGroup"):
    """Attributes that are read from a warehouse table.

    For how versions follow each other, see `StreamAttributeGroup`.

    Args:
        resource_name: Pulumi's logical name. Defaults to `name`.
        name: See `StreamAttributeGroup`.
        owner: See `StreamAttributeGroup`.
        attribute_key: See `StreamAttributeGroup`.
        fields: The columns to read, at least one. Required.
        batch_source: The table. Required.
        description: See `StreamAttributeGroup`.
        ttl: See `StreamAttributeGroup`.
        backfill_since_tstamp: The time from which the table is read. If omitted, data that is already in it may not be read.
        refresh_rate: How often it is read. Defaults to hourly.
        online: Deprecated; it has no effect.
        version: See `StreamAttributeGroup`.
        published: See `StreamAttributeGroup`.
        adopt: See `StreamAttributeGroup`.
        on_destroy: See `StreamAttributeGroup`.
        opts: Pulumi's resource options.
        unexpected: No other arguments exist.

    Raises:
        pulumi.RunError: Something in the program can never be valid; the text says what.
    """

    _shape = _build_shape("ExternalBatchAttributeGroup", ExternalBatchAttributeGroupProvider)

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
    """The time from which the table is read, in ISO 8601."""
    refresh_rate: Output[str | None]
    """How often it is read, in ISO 8601."""
    version: Output[int]
    """The version number."""
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
        """Look up an external batch attribute group that something else manages; see `StreamAttributeGroup.get`."""
        outputs = ExternalBatchAttributeGroup.__annotations__
        return cls._look(resource_name, {"id": id, "version": version}, outputs, opts, unexpected)


def _find_names(items: Any) -> frozenset[str] | None:
    """Return the names of attributes, or None if one of them is not known yet."""
    if not isinstance(items, (list, tuple)):
        return None
    names = [item.get("name") if isinstance(item, Mapping) else getattr(item, "name", None) for item in items]
    known = [name for name in names if isinstance(name, str)]
    return frozenset(known) if len(known) == len(names) else None
