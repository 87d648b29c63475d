"""Rule interventions: rules over live attributes that push a message to a visitor when they become true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pulumi_snowplow_signals.criteria.comparison import SAME_RULE
from pulumi_snowplow_signals.criteria.patterns import doubtful_patterns
from pulumi_snowplow_signals.criteria.tree import WholeCriteria, leaves
from pulumi_snowplow_signals.criteria.words import rule_in_words
from pulumi_snowplow_signals.fields.comparison import UNORDERED
from pulumi_snowplow_signals.fields.unknown import UNKNOWN
from pulumi_snowplow_signals.fields.vocabulary import DISTINCT, GroupPin, KeyLink, Name, Owner, Text
from pulumi_snowplow_signals.kinds.definition import (
    FILLED_IN,
    NO_TYPES,
    Definition,
    Delivered,
    Doubt,
    Numbered,
    Said,
)
from pulumi_snowplow_signals.kinds.references import (
    AttributeReference,
    KeyReference,
    Reference,
    VersionReference,
)
from pulumi_snowplow_signals.kinds.succession import OneLive


class Intervention(Numbered):
    """A rule intervention. Signals stores it by name and version."""

    label: ClassVar = "intervention"
    path: ClassVar = "registry/interventions/"
    succession: ClassVar = OneLive()
    notes: ClassVar = frozenset({"owner", "description"})

    name: Name
    owner: Owner = None
    description: Text | None = None
    criteria: Annotated[WholeCriteria, SAME_RULE]
    # Defaults are plain lists, since pydantic inspects a `default_factory` on each call.
    # If omitted, the service uses the keys of the groups that the criteria refer to. Whether its responses then contain
    # them is not documented.
    target_attribute_keys: Annotated[list[KeyLink], DISTINCT, UNORDERED, FILLED_IN] = []  # noqa: RUF012  # pydantic copies it
    payload_attribute_groups: Annotated[list[GroupPin], DISTINCT, UNORDERED] = []  # noqa: RUF012

    @classmethod
    def derived_inputs(cls, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return the criteria in one line of words. Unlike the lines of a preview, it is never cut."""
        rule = rule_in_words(known["criteria"], whole=True) if "criteria" in known else UNKNOWN
        return {"rule": rule}

    def doubts(self, types: Mapping[str, str] = NO_TYPES) -> Iterator[Doubt]:
        """Yield the regular expressions that Signals may refuse, and the parts of the criteria that have no effect."""
        # A preview without changes does not ask for doubts, so it need not import this.
        from pulumi_snowplow_signals.criteria.relation import idle_parts  # noqa: PLC0415  # see above

        hidden = "criteria: a regular expression may be refused by Signals (hidden: secret)"
        yield from (Doubt("criteria", reason, hidden) for reason in doubtful_patterns(self.criteria))
        hidden = "criteria: a part has no effect, or the rule never fires (hidden: secret)"
        yield from (Doubt("criteria", reason, hidden) for reason in idle_parts(self.criteria, types))

    def reach(self, prior: Definition, types: Mapping[str, str] = NO_TYPES) -> Said | None:
        """Return whether changed criteria reach more visitors, fewer, or others."""
        from pulumi_snowplow_signals.criteria.relation import reach_in_words  # noqa: PLC0415  # as above

        if not isinstance(prior, Intervention):
            return None
        words = reach_in_words(prior.criteria, self.criteria, types)
        return Said(("criteria",), words, "") if words else None

    def content(self) -> Said:
        """Return the criteria in words."""
        return Said(("criteria",), rule_in_words(self.criteria), "criteria hidden (secret)")

    def delivery(self, keys: Sequence[str] = ()) -> Iterator[Delivered]:
        """Yield the attribute keys whose ids receive the message, and the groups whose values it carries."""
        own = [key.name for key in self.target_attribute_keys]
        # Omitted keys follow from the criteria, so naming them would reveal secret criteria.
        fields = ("target_attribute_keys",) if own else ("target_attribute_keys", "criteria")
        names = (*(own or keys),) or (f"the keys of {', '.join(self._groups())}",)
        yield Delivered(fields, "sent to", names, "recipients hidden (secret)", is_audience=True)
        if self.payload_attribute_groups:
            pins = tuple(f"{pin.name} v{pin.version}" for pin in self.payload_attribute_groups)
            yield Delivered(("payload_attribute_groups",), "carries", pins, "payload hidden (secret)")

    def _groups(self) -> list[str]:
        """Return the attribute groups that the criteria refer to, each once."""
        return [*dict.fromkeys(leaf.attribute.partition(":")[0] for _, leaf in leaves(self.criteria))]

    def references(self) -> Iterator[Reference]:
        """Yield the attributes, keys and group versions that the rule names."""
        yield from (AttributeReference(path, leaf) for path, leaf in leaves(self.criteria))
        for i, key in enumerate(self.target_attribute_keys):
            yield KeyReference(f"target_attribute_keys[{i}]", key.name)
        for i, pin in enumerate(self.payload_attribute_groups):
            yield VersionReference(f"payload_attribute_groups[{i}]", pin.name, pin.version)
