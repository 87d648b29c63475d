"""Stored objects as the service returns them.

As in FastAPI, a response has every field of the model, null if unset. Groups and keys have additional fields
(`AttributeGroupResponse` and `AttributeKeyOutput` in `snowplow_signals.models.model`). Their values follow the official client's own
tests (`<name>_v<version>` and so on).
"""

from __future__ import annotations

from typing import Any

from signals_local.emulator.assumptions import Assumptions
from signals_local.emulator.registry import Identity, Registry, Stored


class Answers:
    """Turns stored objects into the JSON values of a response."""

    def __init__(self, registry: Registry, assumptions: Assumptions) -> None:
        self._registry = registry
        self._with_extras = assumptions.extra_fields == "some"

    def of(self, stored: Stored) -> dict[str, Any]:
        """Return one object as JSON. An attribute group contains its key as currently registered."""
        answer = {**stored.definition, "is_published": stored.is_published}
        if stored.identity.kind == "attribute_key":
            answer["blobl_path"] = None
        if stored.identity.kind == "attribute_group":
            answer.update(self._of_group(stored))
        if self._with_extras:
            answer.update(
                id=f"{stored.identity.kind}:{stored.identity.name}:{stored.identity.version}",
                created_at=stored.created_at,
                updated_at=stored.updated_at,
                fields_hash=stored.digest,
                has_published_version=stored.is_published,
            )
        return answer

    def _of_group(self, group: Stored) -> dict[str, Any]:
        name, version = group.identity.name, group.identity.version
        key = self.of(
            self._registry.get(Identity("attribute_key", group.definition["attribute_key"]["name"]))
        )
        return {
            "attribute_key": key,
            "full_name": f"{name}_{version}",
            "feast_name": f"{name}_v{version}",
            "stream_source_name": None,
            "attribute_key_or_name": key["key"] or key["name"],
            "attribute_group_or_attribute_key_ttl": group.definition["ttl"] or key["ttl"],
        }
