"""Attribute keys: the identities that attributes are computed for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi import Input, Output, ResourceOptions
from typing_extensions import Never

from pulumi_snowplow_signals.declaration import SignalsResource
from pulumi_snowplow_signals.dynamic import AttributeKeyProvider
from pulumi_snowplow_signals.inputs.attributes import Duration, LeafProperty
from pulumi_snowplow_signals.inputs.reading import Linked
from pulumi_snowplow_signals.mocked import as_deployed
from pulumi_snowplow_signals.resources.options import OnDestroy
from pulumi_snowplow_signals.shape import Shape, faults_of_kind


class AttributeKey(Linked, SignalsResource, module="signals", name="AttributeKey"):
    """An identity that attributes are computed for, such as a visitor's account.

    It has no versions: description, owner and ttl change in place. The fields that identify people cannot change while a published
    attribute group uses the key. The built-in keys, such as `domain_userid`, are constants of this package, not resources.

    Args:
        resource_name: Pulumi's logical name. Defaults to `name`.
        name: The key's name in Signals: 1 to 128 letters, digits and underscores. A different name is a different key.
            Defaults to the logical name. Without one, it is the column or the last part of the property, as in the official
            client.
        property: The property of an event or entity that contains the key's values.
        external_column: The column of warehouse tables that contains the key's values. It has the same name as the key.
        key: Deprecated by the official client.
        description: A description for people who read the registry.
        owner: The person or team that owns the key.
        ttl: How long attributes of this key are kept, unless their group sets its own ttl.
        published: Whether the key is published. Defaults to True.
        adopt: Whether to take over an existing key of this name even if it differs.
        on_destroy: `"unpublish"`, `"delete"` or `"retain"`; see `RuleIntervention`. A key in use is always left.
        opts: Pulumi's resource options.
        unexpected: No other arguments exist.

    Raises:
        pulumi.RunError: Something in the program can never be valid; the text says what.
    """

    _shape = Shape(
        "AttributeKey",
        AttributeKeyProvider,
        faults_of_kind("attribute_key", "AttributeKey"),
        "Set adopt=True to take over what is in the registry.",
        {},
        as_deployed("attribute_key", "AttributeKey"),
        takes_times=True,
    )

    name: Output[str]
    """The key's name in Signals."""
    property: Output[dict[str, Any] | None]
    """The property that contains the key's values, if one was given."""
    external_column: Output[str | None]
    """The column that contains the key's values, if one was given."""
    key: Output[str | None]
    """The deprecated key."""
    description: Output[str | None]
    """The description."""
    owner: Output[str | None]
    """The owner."""
    ttl: Output[str | None]
    """How long attributes are kept, in ISO 8601."""
    published: Output[bool]
    """Whether it is published."""
    on_destroy: Output[str]
    """What a destroy will do."""

    def __init__(  # noqa: PLR0913  # the inputs of the resource
        self,
        resource_name: str | None = None,
        *,
        name: Input[str] | None = None,
        property: Input[LeafProperty] | None = None,  # noqa: A002  # Signals' own name for it
        external_column: Input[str] | None = None,
        key: Input[str] | None = None,
        description: Input[str] | None = None,
        owner: Input[str] | None = None,
        ttl: Input[Duration] | None = None,
        published: Input[bool] | None = None,
        adopt: Input[bool] | None = None,
        on_destroy: Input[OnDestroy] | None = None,
        opts: ResourceOptions | None = None,
        **unexpected: Never,
    ) -> None:
        if name is None and resource_name is None:
            name = _derive_name(property, external_column)
        inputs = {
            "name": name,
            "property": property,
            "external_column": external_column,
            "key": key,
            "description": description,
            "owner": owner,
            "ttl": ttl,
            "published": published,
            "adopt": adopt,
            "on_destroy": on_destroy,
        }
        super().__init__(resource_name, inputs, opts, unexpected)

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: Input[str],  # noqa: A002  # Pulumi's own name for it
        *,
        opts: ResourceOptions | None = None,
        **unexpected: Never,
    ) -> AttributeKey:
        """Look up an attribute key that something else manages. It is never changed.

        Args:
            resource_name: Pulumi's logical name for this lookup.
            id: The key's name in Signals.
            opts: Pulumi's resource options.
            unexpected: No other arguments exist.
        """
        return cls._look(resource_name, {"id": id}, AttributeKey.__annotations__, opts, unexpected)

    def _as_link(self) -> Any:
        return self.name


def _derive_name(held: Any, external_column: Any) -> str | None:
    """Return the name that the official client gives to a key without one."""
    if isinstance(external_column, str):
        return external_column
    fields = held if isinstance(held, Mapping) else getattr(held, "__dict__", {})
    path = fields.get("path")
    name = path.rpartition(".")[2] if isinstance(path, str) else fields.get("name")
    return name if isinstance(name, str) else None
