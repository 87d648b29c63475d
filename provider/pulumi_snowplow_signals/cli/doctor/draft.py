"""Tests the account with a draft. The draft is never published, so no visitor gets it, and it is removed at the end.

It always has the same name, so the next run finds what a killed run left behind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.models import Stored, StoredAttributeGroup
from pulumi_snowplow_signals.cli.doctor.findings import Findings
from pulumi_snowplow_signals.cli.doctor.reading import Witness, learn_extra_fields
from pulumi_snowplow_signals.errors import ApiError, NotFound, Rejected, Unauthorized
from pulumi_snowplow_signals.kinds.intervention import Intervention

NAME: Final = "pulumi_signals_doctor"
_OWNER: Final = "Pulumi-Signals-Doctor@example.com"
_MARK: Final = "A draft of `pulumi-signals doctor --write`, never live. The next run removes it."
_NUMBERS: Final = (1, 2, 3)
_NOWHERE: Final = "pulumi_signals_doctor:nothing"
# Out of order, to detect a service that sorts lists.
_VALUES: Final[dict[str, list[Any]]] = {
    "string": ["b", "a"],
    **{kind: [2, 1] for kind in ("int32", "int64", "double", "float")},
}


class _Stop(Exception):  # noqa: N818  # it says what happens
    """Raised when the remaining tests make no sense."""


@dataclass
class Draft:
    """The doctor's draft in one registry."""

    client: SignalsClient
    witness: Witness
    findings: Findings
    stored: set[int] = field(default_factory=set)
    """The numbers that this run has stored."""

    def try_out(self) -> None:
        """Store the draft, test what a draft allows, and remove it, whatever happens in between."""
        if not self._remove("remove leftovers"):
            return
        try:
            self._try_out()
        except _Stop:
            pass
        except ApiError as failure:
            self.findings.check("write", "failed", failure)
        finally:
            self._remove("remove the draft")

    def _try_out(self) -> None:
        # If a draft may name a missing group, any name will do.
        anything = (_NOWHERE, ["b", "a"]) if self._learn_references() else None
        readable = self._find_readable() or anything
        if readable is None:
            reason = "there is no published attribute group for a draft to name"
            self.findings.check("store a draft", "not tested", reason)
            return
        body = _build_body(2, readable)
        self._create(body)
        status = self.witness.last_status("POST")
        if status is not None:
            self.findings.learn("post-status", str(status), "the status when the draft was stored")
        self._learn_answers(body)
        self._learn_refusal(body)
        self._learn_list(_build_body(3, readable))
        self._edit(body)

    def _create(self, body: dict[str, Any]) -> None:
        try:
            self.client.create(Intervention, body)
        except Unauthorized as refused:
            self.findings.check("write", "failed", refused)
            if refused.status is not None:
                because = "these credentials may read but not write"
                self.findings.learn("wrong-scope", str(refused.status), because)
            raise _Stop from None
        if not self.stored:
            self.findings.check("write", "ok", "a draft was stored")
        self.stored.add(body["version"])

    def _learn_answers(self, body: dict[str, Any]) -> None:
        stored = self.client.get(Intervention, NAME, 2)
        changed = sorted(name for name, value in body.items() if stored.body.get(name) != value)
        if not body.get("target_attribute_keys") and stored.body.get("target_attribute_keys"):
            changed.append("target_attribute_keys")
        because = (
            f"the draft came back with a different {', '.join(changed)}"
            if changed
            else "the draft came back as it was sent"
        )
        self.findings.learn("answers", "normalised" if changed else "as-sent", because)
        learn_extra_fields([stored], self.findings)
        self.findings.check("read the draft", "ok")

    def _learn_refusal(self, body: dict[str, Any]) -> None:
        try:
            self.client.create(Intervention, body)
        except Rejected as refused:
            form = "list" if refused.problems else "text"
            self.findings.learn("error-detail", form, "the form of the refusal to store a number twice")
            self.findings.check("store it twice", "ok", f"refused with {refused.status}")
            return
        self.findings.check("store it twice", "warning", "it was accepted, but a refusal was expected")

    def _learn_list(self, second: dict[str, Any]) -> None:
        self._create(second)
        shown = {each.version for each in self.client.list_all(Intervention) if each.name == NAME}
        holds = {"all": self.stored, "newest": {max(self.stored)}, "published": set[int]()}
        value = next((value for value, numbers in holds.items() if numbers == shown), None)
        if value:
            self.findings.learn("list", value, f"it shows {len(shown)} of {len(self.stored)} drafts")

    def _edit(self, body: dict[str, Any]) -> None:
        self.client.replace(Intervention, NAME, 2, {**body, "description": f"{_MARK} "})
        self.findings.check("change the draft", "ok", "in place")

    def _learn_references(self) -> bool:
        """Learn whether a draft may name a missing attribute group, and return it."""
        because = "a draft that names a missing attribute group"
        try:
            self._create(_build_body(1, (_NOWHERE, ["b", "a"])))
        except Rejected as refused:
            if refused.status == HTTPStatus.UNPROCESSABLE_ENTITY:
                self.findings.learn("references-checked", "saving", f"{because} is refused")
            return False
        self.findings.learn("references-checked", "publishing", f"{because} is stored")
        return True

    def _find_readable(self) -> tuple[str, list[Any]] | None:
        """Return an attribute that a draft may name, and values of its type."""
        groups = [group for group in self.client.list_attribute_groups() if group.is_published]
        return next(
            (
                (f"{group.name}:{attribute}", _VALUES[kind])
                for group in sorted(groups, key=lambda group: group.name)
                for attribute, kind in sorted(_select_types(group).items())
                if kind in _VALUES
            ),
            None,
        )

    def _remove(self, name: str) -> bool:
        """Remove every version of the draft; return whether there is none."""
        try:
            found = [each for number in _NUMBERS if (each := self._find(number)) is not None]
            foreign = [each.version for each in found if each.is_published or not _is_ours(each)]
            if foreign:
                self.findings.check(
                    name,
                    "failed",
                    f"version {foreign[0]} of {NAME} belongs to somebody else, so nothing was written",
                )
                return False
            for each in found:
                self._delete(each.version)
        except ApiError as failure:
            self.findings.check(name, "failed", f"{failure}. Run it again to remove {NAME}")
            return False
        if found:
            self.findings.check(name, "ok", f"{len(found)} versions of {NAME} were removed")
        return True

    def _find(self, number: int) -> Stored[Intervention] | None:
        try:
            return self.client.get(Intervention, NAME, number)
        except NotFound:
            return None

    def _delete(self, number: int) -> None:
        try:
            self.client.delete(Intervention, NAME, number)
        except NotFound:
            return


def _select_types(group: StoredAttributeGroup) -> dict[str, str]:
    return {name: kind for name, kind in group.attributes.items() if kind is not None}


def _build_body(number: int, readable: tuple[str, list[Any]]) -> dict[str, Any]:
    attribute, values = readable
    return {
        "name": NAME,
        "version": number,
        "is_published": False,
        "owner": _OWNER,
        "description": _MARK,
        "criteria": {"attribute": attribute, "operator": "in", "value": values},
    }


def _is_ours(stored: Stored[Intervention]) -> bool:
    return str(stored.body.get("description")).strip() == _MARK
