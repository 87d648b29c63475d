"""What one run knows of the registry, and the few safe ways to change it.

A run may die between any two requests, an answer may be lost after the work was done, and somebody else may write at the
same time. So every operation here looks before it writes, and looks again after a failure before it calls it one.

Lists are fetched once a run and kept up to date with what is written. A version that a list lacks is asked for by its
number, since it is nowhere documented that the list holds all versions.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.models import StoredAttributeGroup, StoredAttributeKey, StoredIntervention
from pulumi_snowplow_signals.errors import ApiError, NotFound, Refused, Rejected, Unavailable
from pulumi_snowplow_signals.fields.changes import in_full
from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.versions.history import Stored

# Numbers below the highest that neither the list nor the stack knows are looked for one by one, at most so many.
_MOST_GAPS: Final = 50

# A 422 is about the request itself. These may also be about another version that is live.
_CONFLICTS: Final = frozenset({400, 409})


@dataclass(frozen=True)
class Wanted:
    """A version as it is to stand in the registry.

    Attributes:
        definition: What it is.
        number: Its version number.
        published: Whether it is to be live.
        draft: What the stack recorded under this number, if that may be edited in place.
        is_released: Whether the stack will count this number as published, so that its definition stays what it is.
        recorded: The numbers that the stack has made or taken over before.
        secret: The names of inputs whose values no message may tell.
    """

    definition: Definition
    number: int
    published: bool
    draft: Definition | None = None
    is_released: bool = True
    recorded: Collection[int] = ()
    secret: Collection[str] = ()

    @property
    def name(self) -> str:
        """The intervention's name."""
        return self.definition.name

    @property
    def body(self) -> dict[str, Any]:
        """What is sent."""
        return {**self.definition.to_wire(), "version": self.number, "is_published": self.published}


class Registry:
    """The registry as one run sees it. Safe for the four threads on which Pulumi calls a provider."""

    def __init__(self, client: SignalsClient) -> None:
        self.client = client
        self._lock = threading.RLock()
        self._listed: dict[str, dict[int, StoredIntervention]] | None = None
        self._absent: set[tuple[str, int | None]] = set()
        self._begun: set[str] = set()
        self._groups: list[StoredAttributeGroup] | None = None
        self._keys: list[StoredAttributeKey] | None = None

    def attribute_groups(self) -> list[StoredAttributeGroup]:
        """Give every attribute group version, from one list a run. Raises ApiError."""
        with self._lock:
            if self._groups is None:
                self._groups = self.client.list_attribute_groups()
            return self._groups

    def attribute_keys(self) -> list[StoredAttributeKey]:
        """Give every attribute key, from one list a run. Raises ApiError."""
        with self._lock:
            if self._keys is None:
                self._keys = self.client.list_attribute_keys()
            return self._keys

    def versions(self, name: str, also: Collection[int] = ()) -> dict[int, Stored]:
        """Give the versions of `name` that the registry holds: those listed, and of the numbers in `also` those there.

        Raises:
            ApiError: where the registry could not be asked.
        """
        with self._lock:
            listed = dict(self._list().get(name, {}))
            absent = set(self._absent)
        if not listed and (name, None) not in absent:
            latest = self._ask(name, None)
            listed |= {latest.version: latest} if latest else {}
        for number in also:
            if number not in listed and (name, number) not in absent:
                stored = self._ask(name, number)
                listed |= {number: stored} if stored else {}
        return {n: Stored(stored.definition, stored.is_published) for n, stored in listed.items()}

    def find(self, name: str, number: int) -> StoredIntervention | None:
        """Give a version out of the list, or by its number where the list lacks it; None if the registry has none."""
        with self._lock:
            listed = self._list().get(name, {}).get(number)
        return listed or self._ask(name, number)

    def knows(self, name: str, number: int) -> bool:
        """Tell, without a request, whether this run has seen that version in the registry."""
        with self._lock:
            return number in (self._listed or {}).get(name, {})

    def settle(self, wanted: Wanted) -> None:
        """See to it that the registry holds the version that is wanted.

        Raises:
            Refused: The registry holds something else under this number, which is not ours to overwrite.
            ApiError: The registry did not do it.
        """
        failure: ApiError | None = None
        if not self.knows(wanted.name, wanted.number):
            failure = self._created(wanted)
            if failure is None:
                return
            if isinstance(failure, Unavailable) and not failure.sent:
                raise failure from None
        stored = self._ask(wanted.name, wanted.number)
        if stored is None:
            failure = failure or self._created(wanted)
            if failure is not None:
                raise failure from None
        elif wanted.definition.is_stored_as(stored.definition):
            is_ours = wanted.number in wanted.recorded or isinstance(failure, Unavailable)
            if not wanted.is_released and (stored.is_published or not is_ours):
                raise Refused(_may_have_been_published(wanted))
            self._set_published(stored, published=wanted.published)
        elif self._may_edit(wanted, stored):
            self._replace(wanted.name, wanted.number, wanted.body)
        else:
            raise Refused(_clash(wanted, stored, free=max(self.versions(wanted.name)) + 1))

    def settle_live(self, wanted: Wanted, known: Iterable[int]) -> None:
        """See to it that the version that is wanted is there, and the only live one of its name.

        It goes live before any other is withdrawn, so that visitors are never without one. `known` are numbers that the
        list may lack.

        Raises:
            Refused: The registry holds something else under this number, which is not ours to overwrite.
            ApiError: The registry did not do it.
        """
        try:
            self.settle(wanted)
        except Rejected as refused:
            others = self._live_beside(wanted, known)
            if not _asks_to_make_way(refused, others):
                raise
            self._swap(wanted, others)
        else:
            for other in self._live_beside(wanted, known):
                self.withdraw(wanted.name, other)

    def withdraw(self, name: str, number: int) -> None:
        """See to it that a version is not live. One that is gone is not live either. Raises ApiError."""
        stored = self._ask(name, number)
        if stored is not None:
            self._set_published(stored, published=False)

    def delete(self, name: str, number: int) -> None:
        """See to it that a version is neither live nor there. Raises ApiError."""
        self.withdraw(name, number)
        if not self._absent_now(name, number):
            self._delete(name, number)

    def delete_draft(self, name: str, number: int, definition: Definition) -> bool:
        """Delete a version unless it is live or no longer what is given; tell whether it is gone. Raises ApiError."""
        stored = self._ask(name, number)
        if stored is not None and (stored.is_published or not definition.is_stored_as(stored.definition)):
            return False
        if stored is not None:
            self._delete(name, number)
        return True

    def _delete(self, name: str, number: int) -> None:
        try:
            self.client.delete_intervention(name, number)
        except NotFound:
            pass
        except ApiError as failure:
            if self._ask(name, number) is not None:
                raise failure from None
        self._forget(name, number)

    def _swap(self, wanted: Wanted, others: list[int]) -> None:
        """Put a version in the place of the live ones, for a registry that allows only one of a name.

        Whether the service does is not documented. If it does, there is a moment without a live version; should the
        publication then fail, the old ones come back.
        """
        self.settle(replace(wanted, published=False))
        for other in others:
            self.withdraw(wanted.name, other)
        try:
            self.settle(wanted)
        except ApiError:
            for other in others:
                back = self._ask(wanted.name, other)
                if back is not None:
                    self._set_published(back, published=True)
            raise

    def _may_edit(self, wanted: Wanted, stored: StoredIntervention) -> bool:
        """Tell whether what is stored is the draft that the stack recorded, and was never published.

        Whoever put a version above it that the stack did not record may have published the draft before.
        """
        if wanted.draft is None or stored.is_published or not wanted.draft.is_stored_as(stored.definition):
            return False
        newest = max(self.versions(wanted.name))
        return newest <= wanted.number or newest in wanted.recorded

    def _live_beside(self, wanted: Wanted, known: Iterable[int]) -> list[int]:
        """Find the other live versions of a name."""
        name, number = wanted.name, wanted.number
        with self._lock:
            listed = dict(self._list().get(name, {}))
            if name in self._begun:
                # Nothing was there before us. A look-up that fails now would leave a live version that no state records.
                return []
        highest = max(number, *listed, *known)
        gaps = sorted(set(range(1, highest)) - listed.keys(), reverse=True)[:_MOST_GAPS]
        asked = {n for n in {*known, *gaps} - listed.keys() if self._ask(name, n) is not None}
        with self._lock:
            stored = self._list().get(name, {})
            return sorted(
                n for n in {*listed, *asked} if n != number and n in stored and stored[n].is_published
            )

    def _set_published(self, stored: StoredIntervention, *, published: bool) -> None:
        # What goes back is what is stored: an edit that rides on a withdrawal is not a documented thing.
        if stored.is_published != published:
            self._replace(stored.name, stored.version, {**stored.body, "is_published": published})

    def _created(self, wanted: Wanted) -> ApiError | None:
        """POST a version; give the failure back, since the version may be there all the same."""
        with self._lock:
            if (wanted.name, None) in self._absent:
                self._begun.add(wanted.name)
        try:
            self._note(self.client.create_intervention(wanted.body))
        except ApiError as failure:
            return failure
        return None

    def _replace(self, name: str, number: int, body: Mapping[str, Any]) -> None:
        try:
            self._note(self.client.replace_intervention(name, number, body))
        except ApiError as failure:
            # A repeated PUT can be refused for what the first one achieved: what counts is what is there now.
            now = self._ask(name, number)
            wanted = StoredIntervention.model_validate(body)
            if now is None or now.is_published != wanted.is_published or not _is_same(wanted, now):
                raise failure from None

    def _ask(self, name: str, number: int | None) -> StoredIntervention | None:
        """Ask for one version, the latest for None; give None on the registry's own word that it has none."""
        try:
            if number is None:
                stored = self.client.get_latest_intervention(name)
            else:
                stored = self.client.get_intervention(name, number)
        except NotFound:
            self._forget(name, number)
            return None
        self._note(stored)
        return stored

    def _list(self) -> dict[str, dict[int, StoredIntervention]]:
        if self._listed is None:
            listed: dict[str, dict[int, StoredIntervention]] = defaultdict(dict)
            for stored in self.client.list_interventions():
                listed[stored.name][stored.version] = stored
            self._listed = listed
        return self._listed

    def _note(self, stored: StoredIntervention) -> None:
        with self._lock:
            if self._listed is not None:
                self._listed.setdefault(stored.name, {})[stored.version] = stored
            self._absent -= {(stored.name, stored.version), (stored.name, None)}

    def _forget(self, name: str, number: int | None) -> None:
        with self._lock:
            self._absent.add((name, number))
            if self._listed is not None and number is not None:
                self._listed.get(name, {}).pop(number, None)

    def _absent_now(self, name: str, number: int) -> bool:
        with self._lock:
            return (name, number) in self._absent


def _is_same(wanted: StoredIntervention, now: StoredIntervention) -> bool:
    """Return whether what is there now is what was sent."""
    if wanted.definition is None:
        return now.definition is None
    return wanted.definition.is_stored_as(now.definition)


def _asks_to_make_way(refused: Rejected, live: Collection[int]) -> bool:
    """Tell whether a publication was refused because other versions are live.

    Only the words can tell. On a guess nothing that is live is withdrawn: a service that refuses for another reason would
    refuse to publish it again as well.
    """
    if refused.status not in _CONFLICTS or not live:
        return False
    numbers = "|".join(map(str, live))
    named = rf"\bv(ersion)?\W{{0,3}}({numbers})\b|\bunpublish"
    return re.search(named, refused.words, re.IGNORECASE) is not None


def _may_have_been_published(wanted: Wanted) -> str:
    return (
        f'version: the registry holds version {wanted.number} of "{wanted.name}" already, with this very definition, and it '
        "may have been published: no draft can be made of it. It was left as it is. A preview with signals:review set to "
        f"remote would take it into account; or set version={wanted.number + 1}."
    )


def _clash(wanted: Wanted, stored: StoredIntervention, free: int) -> str:
    changes = "in a form that this release cannot read"
    if stored.definition is not None:
        changes = in_full(wanted.definition.changes_from(stored.definition, secret=wanted.secret))
    state = "live" if stored.is_published else "not live"
    return (
        f'version: the registry holds version {wanted.number} of "{wanted.name}" ({state}) with another definition: '
        f"{changes}. It was left as it is. Run `pulumi preview --refresh` to see what is there, or set "
        f"version={free}."
    )
