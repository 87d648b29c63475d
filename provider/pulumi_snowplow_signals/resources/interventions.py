"""Interventions: rules over live attributes, and messages pushed once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias, overload
from uuid import UUID

from pulumi import Input, Output, ResourceOptions
from typing_extensions import Never

from pulumi_snowplow_signals.declaration import SignalsResource
from pulumi_snowplow_signals.dynamic import DirectInterventionProvider, RuleInterventionProvider
from pulumi_snowplow_signals.fields.hidden_inputs import HISTORY
from pulumi_snowplow_signals.inputs import (
    AttributeKeyIdentifiers,
    Criteria,
    InterventionInstance,
    LinkAttributeKey,
    PydanticModel,
    VersionedLinkAttributeGroup,
)
from pulumi_snowplow_signals.inputs.plain import link_names
from pulumi_snowplow_signals.inputs.wholes import DEFINITION, INSTANCE
from pulumi_snowplow_signals.mocked import as_deployed, push_as_delivered
from pulumi_snowplow_signals.resources.attribute_group import AttributeGroup
from pulumi_snowplow_signals.resources.attribute_key import AttributeKey
from pulumi_snowplow_signals.resources.options import OnDestroy
from pulumi_snowplow_signals.shape import Computed, Inputs, Shape, faults_of_kind

TargetAttributeKey: TypeAlias = (
    Input[str] | AttributeKey | LinkAttributeKey | Mapping[str, Any] | PydanticModel
)
PayloadAttributeGroup: TypeAlias = (
    AttributeGroup | VersionedLinkAttributeGroup | Mapping[str, Any] | PydanticModel
)
Definition: TypeAlias = Mapping[str, Any] | PydanticModel
Instance: TypeAlias = InterventionInstance | Mapping[str, Any] | PydanticModel
Targets: TypeAlias = (
    Mapping[str, Input[Sequence[Input[str] | UUID]]] | AttributeKeyIdentifiers | PydanticModel
)


def _find_push_faults(inputs: Inputs) -> Iterator[tuple[str, str]]:
    from pulumi_snowplow_signals.push.parsing import parse_direct_inputs  # noqa: PLC0415  # as above

    for fault in parse_direct_inputs(inputs)[1]:
        # Ids are personal data, so no fault repeats one.
        yield fault.field, fault.without_values() if fault.field == "targets" else str(fault)


_MESSAGE: Final = ("name", "version", "attributes", "triggers")
"""The inputs that make up the pushed message."""


class RuleIntervention(SignalsResource, module="signals", name="RuleIntervention"):
    """A rule over live visitor attributes that pushes a message to the visitor when it becomes true.

    A published version never changes. A changed definition becomes a new version, with a number that you set or that is assigned. The new
    version goes live before the old one is withdrawn.

    Args:
        resource_name: Pulumi's logical name. Defaults to `name`.
        name: The intervention's name in Signals: 1 to 128 letters, digits and underscores. A different name is a different
            intervention. Defaults to the logical name.
        owner: The e-mail address of the person or team that owns the intervention. Required.
        description: A description for people who read the registry.
        criteria: The condition on the visitor's attributes. Required. An expression over `attribute(...)`, objects of the
            official client or this package, or dicts of the same shape.
        target_attribute_keys: The attribute keys whose ids receive the message. If omitted, Signals uses the keys of the
            attribute groups that the criteria refer to.
        payload_attribute_groups: The attribute group versions whose latest values the message carries.
        version: The version number, from 1. Assigned if omitted, unless the stack sets `signals:numbering: explicit`.
        published: Whether the intervention is live. Defaults to True. False keeps a draft, or withdraws a live version.
        adopt: Whether to take over an intervention of this name that already exists in the registry. Defaults to the
            stack's `signals:adopt`, otherwise False.
        on_destroy: `"unpublish"` withdraws the intervention, `"delete"` also deletes the versions that this resource created,
            `"retain"` leaves everything as it is. Defaults to the stack's `signals:onDestroy`, otherwise `"unpublish"`, or
            `"retain"` for an intervention that was taken over.
        definition: Name, owner, description, criteria, target attribute keys, payload attribute groups and version in one
            object, as in the official client. Its `is_published` is ignored: `published` decides.
        opts: Pulumi's resource options.

    Raises:
        pulumi.RunError: Something in the program can never be valid; the text says what.
    """

    _shape = Shape(
        "RuleIntervention",
        RuleInterventionProvider,
        faults_of_kind("intervention", "Intervention"),
        "Set adopt=True to take over what is in the registry.",
        {"rule": Computed(("criteria",), "")},
        as_deployed("intervention", "Intervention"),
        DEFINITION,
        respell={"target_attribute_keys": link_names},
    )

    name: Output[str]
    """The intervention's name in Signals."""
    owner: Output[str]
    """The e-mail address of the owner."""
    description: Output[str | None]
    """The description."""
    criteria: Output[dict[str, Any]]
    """The criteria, in the shape of the API."""
    target_attribute_keys: Output[list[str] | None]
    """The names of the target attribute keys, if any were given."""
    payload_attribute_groups: Output[list[dict[str, Any]] | None]
    """The name and version of each payload attribute group, if any were given."""
    version: Output[int]
    """The version number."""
    published: Output[bool]
    """Whether this version is live."""
    on_destroy: Output[str]
    """What a destroy will do."""
    rule: Output[str]
    """The criteria in one line of words."""

    @overload
    def __init__(
        self,
        resource_name: str | None = None,
        *,
        name: Input[str] | None = None,
        owner: Input[str],
        criteria: Input[Criteria],
        description: Input[str] | None = None,
        target_attribute_keys: Input[Sequence[TargetAttributeKey]] | None = None,
        payload_attribute_groups: Input[Sequence[PayloadAttributeGroup]] | None = None,
        version: Input[int] | None = None,
        published: Input[bool] | None = None,
        adopt: Input[bool] | None = None,
        on_destroy: Input[OnDestroy] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        resource_name: str | None = None,
        *,
        definition: Input[Definition],
        published: Input[bool] | None = None,
        adopt: Input[bool] | None = None,
        on_destroy: Input[OnDestroy] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None: ...

    def __init__(  # noqa: PLR0913  # the inputs of the resource
        self,
        resource_name: str | None = None,
        *,
        name: Input[str] | None = None,
        owner: Input[str] | None = None,
        criteria: Input[Criteria] | None = None,
        description: Input[str] | None = None,
        target_attribute_keys: Input[Sequence[TargetAttributeKey]] | None = None,
        payload_attribute_groups: Input[Sequence[PayloadAttributeGroup]] | None = None,
        version: Input[int] | None = None,
        published: Input[bool] | None = None,
        adopt: Input[bool] | None = None,
        on_destroy: Input[OnDestroy] | None = None,
        definition: Input[Definition] | None = None,
        opts: ResourceOptions | None = None,
        **unexpected: Any,
    ) -> None:
        inputs = {
            "name": name,
            "owner": owner,
            "description": description,
            "criteria": criteria,
            "target_attribute_keys": target_attribute_keys,
            "payload_attribute_groups": payload_attribute_groups,
            "version": version,
            "published": published,
            "adopt": adopt,
            "on_destroy": on_destroy,
            "definition": definition,
        }
        super().__init__(resource_name, inputs, opts, unexpected)

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: Input[str],  # noqa: A002  # Pulumi's own name for it
        *,
        version: Input[int] | None = None,
        opts: ResourceOptions | None = None,
        **unexpected: Never,
    ) -> RuleIntervention:
        """Look up an intervention that something else manages. It is never changed.

        Args:
            resource_name: Pulumi's logical name for this lookup.
            id: The intervention's name in Signals.
            version: The version to look up. Defaults to the highest.
            opts: Pulumi's resource options.
            unexpected: No other arguments exist.
        """
        outputs = RuleIntervention.__annotations__
        return cls._look(resource_name, {"id": id, "version": version}, outputs, opts, unexpected)


class DirectIntervention(SignalsResource, module="signals", name="DirectIntervention"):
    """A message that is pushed to the given ids as soon as it is deployed.

    Creating the resource pushes the message. A change of its version, attributes or triggers pushes it to all ids again. A change of
    its targets pushes it to the added ids. Nothing else pushes: not a run without changes, not a refresh, not a destroy. A delivered
    message cannot be recalled.

    Args:
        resource_name: Pulumi's logical name. Defaults to `name`.
        name: The intervention's name: 1 to 128 letters, digits and underscores. A different name is a different intervention.
            Defaults to the logical name.
        version: The version number, from 1. Required. Once pushed, a version always stands for the same attributes.
        attributes: The attributes that the message carries, as strings.
        targets: The ids to push to, by attribute key. Required. Ids are UUIDs, in non-empty lists for 1 to 100 attribute
            keys. They are personal data: pass them as a secret to have them encrypted in the stack's state.
        triggers: Any values. Change them to push again.
        instance: Name, version and attributes in one object, as in the official client.
        opts: Pulumi's resource options.

    Raises:
        pulumi.RunError: Something in the program can never be valid; the text says what.
    """

    _shape = Shape(
        "DirectIntervention",
        DirectInterventionProvider,
        _find_push_faults,
        "There is nothing to import: Signals keeps no record of a push.",
        {
            "intervention_id": Computed(_MESSAGE, ""),
            HISTORY: Computed(_MESSAGE, {}),
            "status": Computed(),
            "ids_served": Computed(),
            "ids_not_served": Computed(),
        },
        push_as_delivered,
        INSTANCE,
        entire=("attributes", "targets"),
    )

    name: Output[str]
    """The intervention's name."""
    version: Output[int]
    """The version number."""
    attributes: Output[dict[str, str] | None]
    """The attributes that the message carries, if any were given."""
    targets: Output[dict[str, list[str]]]
    """The ids by attribute key. No other output holds an id."""
    triggers: Output[list[Any] | None]
    """The triggers, if any were given."""
    intervention_id: Output[str]
    """The UUID that every push of this message carries, derived from name, version, attributes and triggers."""
    status: Output[Literal["success", "undelivered", "unconfirmed", "partial"]]
    """`success`: all ids were served; `undelivered`: nobody is subscribed; `unconfirmed`: no response says whether anything was
    delivered; `partial`: some ids were served, and `ids_not_served` lists the others."""
    ids_served: Output[int]
    """How many ids were in a request that Signals delivered. Signals does not say which of them are subscribed."""
    ids_not_served: Output[dict[str, list[str]] | None]
    """The positions of all other ids in `targets`, as slices such as `domain_sessionid[0:3]`, under `undelivered`,
    `unconfirmed` or `failed`."""

    @overload
    def __init__(
        self,
        resource_name: str | None = None,
        *,
        name: Input[str] | None = None,
        version: Input[int],
        targets: Input[Targets],
        attributes: Input[Mapping[str, Input[str]]] | None = None,
        triggers: Input[Sequence[Any]] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        resource_name: str | None = None,
        *,
        instance: Input[Instance],
        targets: Input[Targets],
        triggers: Input[Sequence[Any]] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None: ...

    def __init__(  # noqa: PLR0913  # the inputs of the resource
        self,
        resource_name: str | None = None,
        *,
        name: Input[str] | None = None,
        version: Input[int] | None = None,
        targets: Input[Targets],
        attributes: Input[Mapping[str, Input[str]]] | None = None,
        triggers: Input[Sequence[Any]] | None = None,
        instance: Input[Instance] | None = None,
        opts: ResourceOptions | None = None,
        **unexpected: Any,
    ) -> None:
        inputs = {
            "instance": instance,
            "name": name,
            "version": version,
            "attributes": attributes,
            "targets": targets,
            "triggers": triggers,
        }
        super().__init__(resource_name, inputs, opts, unexpected)
