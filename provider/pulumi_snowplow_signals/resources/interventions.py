"""The resources that a program declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias, overload
from uuid import UUID

from pulumi import Input, Output, ResourceOptions
from typing_extensions import Never

from pulumi_snowplow_signals.declaration import HISTORY, SignalsResource
from pulumi_snowplow_signals.dynamic import DirectInterventionProvider, RuleInterventionProvider
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


def _faults_of_push(inputs: Inputs) -> Iterator[tuple[str, str]]:
    from pulumi_snowplow_signals.push.parsing import parse_direct_inputs  # noqa: PLC0415  # as above

    for fault in parse_direct_inputs(inputs)[1]:
        # No fault repeats an id: they are personal data.
        yield fault.field, fault.without_values() if fault.field == "targets" else str(fault)


_MESSAGE: Final = ("name", "version", "attributes", "triggers")
"""The inputs of which a push is made."""


class RuleIntervention(SignalsResource, module="signals", name="RuleIntervention"):
    """A rule over live visitor attributes that pushes a message to the visitor's session when it turns true.

    A published version never changes: a changed definition gets a new number, from you or by itself. The new version goes
    live before the old one is withdrawn.

    Args:
        resource_name: Pulumi's logical name; left out, it is `name`.
        name: The intervention's own name in Signals: letters, digits and underscores, 1 to 128 of them. Another name is
            another intervention. Left out, it is the logical name.
        owner: The e-mail address of the person or team that owns it; required.
        description: For whoever reads the registry.
        criteria: What has to be true of a visitor's attributes; required. An expression over `attribute(...)`, the
            classes of the official client or this package, or dicts of the same shape.
        target_attribute_keys: The attribute keys whose ids receive the message. Left out, Signals takes the keys of the
            attribute groups that the criteria refer to.
        payload_attribute_groups: The attribute group versions whose latest values travel with the message.
        version: The number of this definition, from 1. Left out, it is numbered for you, unless the stack says
            `signals:numbering: explicit`.
        published: Whether visitors get it; True if left out. False keeps a draft, or withdraws what is live.
        adopt: Take over an intervention of this name that is in the registry already. False if left out, or what the
            stack says in `signals:adopt`.
        on_destroy: `"unpublish"` withdraws, `"delete"` also deletes what this resource made, `"retain"` leaves all as it
            is. Left out, it is what the stack says in `signals:onDestroy`; else `"unpublish"`, or `"retain"` for what was
            taken over.
        definition: Name, owner, description, criteria, target attribute keys, payload attribute groups and version in one,
            as the official client has them. Its `is_published` is ignored: `published` decides.
        opts: Pulumi's resource options.

    Raises:
        pulumi.RunError: Something in the program can never be right; the text says what.
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
    """The criteria, in the shape that Signals has them."""
    target_attribute_keys: Output[list[str] | None]
    """The names of the target attribute keys, if any were given."""
    payload_attribute_groups: Output[list[dict[str, Any]] | None]
    """Name and version of each payload attribute group, if any were given."""
    version: Output[int]
    """The number of the definition."""
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
        """Look at an intervention that something else manages: nothing of it is ever changed.

        Args:
            resource_name: Pulumi's logical name for this look.
            id: The intervention's name in Signals.
            version: Which version to look at; left out, the highest.
            opts: Pulumi's resource options.
            unexpected: There is nothing else.
        """
        outputs = RuleIntervention.__annotations__
        return cls._look(resource_name, {"id": id, "version": version}, outputs, opts, unexpected)


class DirectIntervention(SignalsResource, module="signals", name="DirectIntervention"):
    """A message that is pushed to given ids at once, as soon as it is deployed.

    It is pushed when it is created; pushed to all ids again when its version, its attributes or its triggers change; and
    pushed to the ids that are added when its targets change. Nothing else pushes: not a run without a change, not a
    refresh, not a destroy. What was delivered cannot be called back.

    Args:
        resource_name: Pulumi's logical name; left out, it is `name`.
        name: The intervention's name: letters, digits and underscores, 1 to 128 of them. Another name is another
            intervention. Left out, it is the logical name.
        version: The number of these attributes, from 1; required. A number that was pushed stands for its attributes.
        attributes: What travels with it, in strings.
        targets: The ids to push to, by attribute key; required. Ids are UUIDs, in lists of at least one, for 1 to 100
            attribute keys. They are personal data: as a secret they are encrypted in the stack's state.
        triggers: Any values; another push is asked for by changing them.
        instance: The name, the version and the attributes in one, as the official client has them.
        opts: Pulumi's resource options.

    Raises:
        pulumi.RunError: Something in the program can never be right; the text says what.
    """

    _shape = Shape(
        "DirectIntervention",
        DirectInterventionProvider,
        _faults_of_push,
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
    """The number of the attributes."""
    attributes: Output[dict[str, str] | None]
    """What travels with it, if anything does."""
    targets: Output[dict[str, list[str]]]
    """The ids by attribute key. No other output holds an id."""
    triggers: Output[list[Any] | None]
    """The triggers, if any were given."""
    intervention_id: Output[str]
    """The UUID that every push of this message carries, made from name, version, attributes and triggers."""
    status: Output[Literal["success", "undelivered", "unconfirmed", "partial"]]
    """`success`: all were served; `undelivered`: nobody is subscribed; `unconfirmed`: no answer says whether anything was
    delivered; `partial`: some were served, of the others `ids_not_served` tells."""
    ids_served: Output[int]
    """How many of the ids were in a request that Signals delivered; it does not tell which of those are subscribed."""
    ids_not_served: Output[dict[str, list[str]] | None]
    """The places of the others in `targets`, as slices such as `domain_sessionid[0:3]`, under `undelivered`,
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
