"""The objects of one kind in the registry, as one run knows them, and the few safe ways to change them.

A run may die between any two requests, a response may be lost after the work was done, and something else may write at the
same time. So every operation here looks before it writes, and looks again after a failure before it reports one.

The list is fetched once per run and kept up to date with what the run writes. It is not documented that the list holds all
versions, so a version that it lacks is fetched by its number. A name that it lacks is fetched too, unless the list contains
something unpublished: a POST under a free number is never refused. Responses that contradict each other are never a success.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Generic

from pulumi_snowplow_signals.api.models import D, Stored
from pulumi_snowplow_signals.api.once import Once
from pulumi_snowplow_signals.errors import ApiError, NotFound, Rejected, Unavailable, UnexpectedResponse
from pulumi_snowplow_signals.lifecycle.ahead import Ahead
from pulumi_snowplow_signals.lifecycle.known import Known
from pulumi_snowplow_signals.lifecycle.lists import LateLooks, Lists, find_gaps
from pulumi_snowplow_signals.lifecycle.write_responses import (
    as_refusal,
    asks_to_make_way,
    build_not_done,
    is_done,
    takes_for_an_edit,
)
from pulumi_snowplow_signals.versions import history
from pulumi_snowplow_signals.versions.plan import Store

if TYPE_CHECKING:
    from pulumi_snowplow_signals.api.client import SignalsClient


class ChangedMeanwhile(Exception):  # noqa: N818  # says what happened, and is nobody's error
    """The registry no longer holds what a plan assumed."""


class Registry(Generic[D]):
    """The objects of one kind as one run sees them. Safe for the four threads on which Pulumi calls a provider."""

    def __init__(
        self,
        client: SignalsClient,
        kind: type[D],
        lists: Lists,
        late: LateLooks,
        take_expected: Callable[[], Iterable[str]],
    ) -> None:
        self._client, self._kind = client, kind
        self._late = late
        self._known = Known[D]()
        self._fetch = Once(lambda: self._known.note_list(lists.of(kind)))
        self._look_ahead = Ahead(
            lambda name: self._ask(name, None),
            lambda: [name for name in take_expected() if not self._known.versions(name)],
        )

    def names(self) -> list[str]:
        """Return every name that the registry lists, in order. Raise ApiError."""
        self._fetch()
        return self._known.names()

    def look_again(self, name: str) -> None:
        """Fetch the live and the newest versions of a listed name again, since they may have changed. Raise ApiError."""
        listed = self._get_known(name)
        if listed:
            latest = self._ask(name, None)
            known = {number for number, each in listed.items() if each.is_published is not False}
            for number in known - ({latest.version} if latest else set()):
                self._ask(name, number)

    def confirm(self, name: str, live: Collection[int]) -> None:
        """Fetch the versions that a stack recorded as live but the list shows as not live. Raise ApiError.

        A list may lag behind. A version that is wrongly taken for withdrawn would stay live beside its successor.
        """
        listed = self._get_known(name)
        for number in live:
            stored = listed.get(number)
            if stored is not None and stored.is_published is False:
                self._ask(name, number)

    def look(
        self, name: str, also: Collection[int] = (), *, everywhere: bool = False
    ) -> dict[int, history.Stored]:
        """Return the versions of `name` that the registry holds.

        Args:
            name: The object's name.
            also: Numbers to fetch if the list lacks them.
            everywhere: Whether to fetch every number below the highest as well, because all live ones will be withdrawn.

        Raises:
            ApiError: The registry could not be read, or its responses contradict each other.
        """
        found = self._get_known(name)
        if not found and not self._known.is_new(name) and not self._known.is_absent(name, None):
            latest = self._look_ahead(name)
            found |= {latest.version: latest} if latest else {}
        gaps = find_gaps(found, max([*found, *also])) if everywhere and found else []
        for number in {*also, *gaps} - found.keys():
            if not self._known.is_absent(name, number):
                stored = self._ask(name, number)
                found |= {number: stored} if stored else {}
        return {n: history.Stored(each.definition, self._is_live(each)) for n, each in found.items()}

    def find(self, name: str, number: int) -> Stored[D] | None:
        """Return a version from the list, or fetch it if the list lacks it; None if the registry does not hold it."""
        listed = self._get_known(name).get(number)
        if listed is not None and listed.is_published is not None:
            return listed
        return self._ask(name, number)

    def may_hold(self, name: str, number: int) -> bool:
        """Return whether this run has seen a version, or sent it and does not know what became of it. Send no request."""
        return self._known.may_hold(name, number)

    def store(self, definition: D, write: Store, live: Collection[int]) -> None:
        """Ensure that a version holds a definition, published or not.

        Args:
            definition: The definition.
            write: The number, whether to publish, and what the plan assumes to be there now.
            live: The versions that are live beside it, for a registry that allows only one.

        Raises:
            ChangedMeanwhile: The registry does not hold what the plan assumed.
            ApiError: The registry failed or refused.
        """
        try:
            self._store(definition, write)
        except Rejected as refused:
            if not write.published or not asks_to_make_way(refused, live):
                raise
            self._swap(definition, write, sorted(live))

    def withdraw(self, name: str, number: int) -> None:
        """Ensure that a version is not live. One that is gone is not live either. Raise ApiError."""
        known = self._known.versions(name).get(number)
        if known is not None and known.is_published and known.definition is not None:
            # A published version cannot change, so the listed body can be sent back. If the list omits fields, the service
            # refuses it, and the version is fetched below.
            with suppress(NotFound, Rejected, UnexpectedResponse):
                self._set_published(known, published=False)
                return
        stored = self._ask(name, number)
        if stored is None:
            return
        try:
            self._set_published(stored, published=False)
        except Rejected as refused:
            if not takes_for_an_edit(refused):
                raise
            failure: ApiError = refused  # says more than a second refusal
            try:
                self._unpublish(name, number)
            except Unavailable as lost:
                failure = lost
            except (NotFound, Rejected, UnexpectedResponse):
                pass
            now = self._ask(name, number)
            if now is not None and self._is_live(now):
                raise failure from None

    def delete(self, name: str, number: int) -> None:
        """Ensure that a version is neither live nor stored. Raise ApiError."""
        self.withdraw(name, number)
        if not self._known.is_absent(name, number):
            self._delete(name, number)

    def discard(self, name: str, number: int, draft: D) -> bool:
        """Delete a version unless it is live or no longer equals `draft`. Return whether it is gone. Raise ApiError."""
        stored = self._ask(name, number)
        if stored is not None and (stored.is_published or not draft.is_stored_as(stored.definition)):
            return False
        if stored is not None:
            self._delete(name, number)
        return True

    def _store(self, definition: D, write: Store) -> None:
        name, number = definition.name, write.version
        if write.over is None and not self.may_hold(name, number):
            failure = self._post(definition, write)
            if failure is None:
                return
            if isinstance(failure, Unavailable) and not failure.sent:
                raise failure from None
            stored = self._ask(name, number)
            if stored is None:
                raise failure from None
            is_ours = failure.sent
        else:
            is_ours = write.over is not None
            stored = self._ask(name, number)
            if stored is None:
                failure = self._post(definition, write)
                if failure is not None:
                    raise failure from None
                return
        if definition.is_stored_as(stored.definition) and (is_ours or write.published):
            self._set_published(stored, published=write.published)
        elif write.over is not None and self._is_as_planned(stored, write.over):
            self._put(name, number, definition.body(number, published=write.published))
        else:
            raise ChangedMeanwhile

    def _is_as_planned(self, stored: Stored[D], planned: history.Stored) -> bool:
        """Return whether a stored version is what a plan assumed."""
        if self._is_live(stored) != planned.live:
            return False
        if stored.definition is None or planned.definition is None:
            return stored.definition is planned.definition
        return stored.definition.equals(planned.definition)

    def _swap(self, definition: D, write: Store, others: list[int]) -> None:
        """Withdraw the live versions before publishing this one, for a registry that allows only one per name.

        Whether Signals is such a registry is not documented. If so, no version is live for a moment. If the publication then
        fails, the old versions are published again.
        """
        name = definition.name
        stored = self._ask(name, write.version)
        if stored is None:
            stored = self._create(definition.body(write.version, published=False), name, write.version)
        if not definition.is_stored_as(stored.definition):
            raise ChangedMeanwhile
        try:
            for other in others:
                self.withdraw(name, other)
            self._set_published(stored, published=True)
        except ApiError:
            for other in others:
                self._bring_back(name, other)
            raise

    def _bring_back(self, name: str, number: int) -> None:
        """Publish a withdrawn version again. Suppress failures, since the caller reports an earlier one."""
        with suppress(ApiError):
            back = self._ask(name, number)
            if back is not None:
                self._set_published(back, published=True)

    def _set_published(self, stored: Stored[D], *, published: bool) -> None:
        # Send back the stored body: whether a withdrawal may edit a version is not documented.
        if stored.is_published != published:
            body = {**self._kind.writable(stored.body), "is_published": published}
            self._put(stored.name, stored.version, body)

    def _post(self, definition: D, write: Store) -> ApiError | None:
        """POST a version. Return the failure instead of raising it, since the version may be stored nevertheless."""
        body = definition.body(write.version, published=write.published)
        try:
            stored = self._create(body, definition.name, write.version)
        except ApiError as failure:
            return failure
        is_as_sent = is_done(Stored.parse(self._kind, body), stored)
        return None if is_as_sent else build_not_done("POST", self._kind.path)

    def _create(self, body: dict[str, Any], name: str, number: int) -> Stored[D]:
        try:
            stored = self._client.create(self._kind, body)
        except ApiError as failure:
            # A refused POST may have stored it, too.
            if failure.sent or isinstance(failure, Rejected):
                self._known.note_unsure(name, number)
            raise
        finally:
            self._late.forget(self._kind.path, is_withdrawal=False)
        self._known.note(stored)
        return stored

    def _put(self, name: str, number: int, body: dict[str, Any]) -> None:
        wanted = Stored.parse(self._kind, body)
        try:
            stored = self._replace(name, number, body)
        except ApiError as failure:
            # A retried PUT can be refused because the first one succeeded, so look at what is stored now.
            now = self._ask(name, number)
            if now is None or not is_done(wanted, now):
                raise (failure if now is None else as_refusal(failure)) from None
        else:
            self._known.note(stored)
            if not is_done(wanted, stored):
                raise build_not_done("PUT", f"{self._kind.path}{self._kind.address(name, number)}")

    def _replace(self, name: str, number: int, body: dict[str, Any]) -> Stored[D]:
        try:
            return self._client.replace(self._kind, name, number, body)
        finally:
            self._late.forget(self._kind.path, is_withdrawal=not body["is_published"])

    def _unpublish(self, name: str, number: int) -> None:
        try:
            self._client.unpublish(self._kind, name, number)
        finally:
            self._late.forget(self._kind.path, is_withdrawal=True)

    def _delete(self, name: str, number: int) -> None:
        try:
            is_said = self._client.delete(self._kind, name, number)
        except ApiError as failure:
            # Look even after a 404, since this run has seen the version.
            if self._ask(name, number) is not None:
                raise failure from None
        else:
            if not is_said and self._ask(name, number) is not None:
                path = f"{self._kind.path}{self._kind.address(name, number)}"
                words = "the response reports success, but the version is still there"
                raise UnexpectedResponse("DELETE", path, None, words, sent=True)
        finally:
            self._late.forget(self._kind.path, is_withdrawal=True)  # what is deleted was withdrawn before
        self._known.forget(name, number)

    def _ask(self, name: str, number: int | None) -> Stored[D] | None:
        """Fetch a version, or the latest if `number` is None; return None if the registry itself says that it does not exist.

        Raises:
            ApiError: The registry could not be read, or lists a version that it does not find by number.
        """
        try:
            return self._get(name, number)
        except NotFound as denied:
            if (
                number is not None
                and self._known.was_seen(name, number)
                and self._is_still_listed(name, number)
            ):
                return self._ask_again(name, number, denied)
        self._known.forget(name, number)
        return None

    def _get(self, name: str, number: int | None) -> Stored[D]:
        try:
            if number is None:
                stored = self._client.get_latest(self._kind, name)
            else:
                stored = self._client.get(self._kind, name, number)
        except Rejected as refused:
            if refused.status != HTTPStatus.METHOD_NOT_ALLOWED:
                raise
            stored = self._pick(name, number, refused)
        self._known.note(stored)
        return stored

    def _pick(self, name: str, number: int | None, refused: Rejected) -> Stored[D]:
        """Return an object from a new list, for a kind that is not served one by one. Raise NotFound if it is not listed.

        Attribute keys may be such a kind: no public source fetches a single one.
        """
        fresh = self._client.list_all(self._kind)
        found = [each for each in fresh if each.name == name and number in (None, each.version)]
        if not found:
            raise NotFound(refused.method, refused.path, refused.status, refused.words)
        return max(found, key=lambda each: each.version)

    def _ask_again(self, name: str, number: int, denied: NotFound) -> Stored[D]:
        try:
            return self._get(name, number)
        except NotFound:
            words = (
                f"the registry lists version {number} but does not find it when asked. Nothing was changed"
            )
        raise UnexpectedResponse(denied.method, denied.path, denied.status, words)

    def _is_still_listed(self, name: str, number: int) -> bool:
        return (name, number) in {(each.name, each.version) for each in self._late.renew().of(self._kind)}

    def _is_live(self, stored: Stored[D]) -> bool:
        """Return whether a version is published. If the list does not say, fetch the version."""
        if stored.is_published is None:
            asked = self._ask(stored.name, stored.version)
            return asked is not None and bool(asked.is_published)
        return stored.is_published

    def _get_known(self, name: str) -> dict[int, Stored[D]]:
        """Return the known versions of a name, after the list is fetched.

        Raises:
            UnexpectedResponse: A version of the name cannot be read.
        """
        self._fetch()
        fault = self._known.fault(name)
        if fault is not None:
            words = f'a version of "{name}" in the list cannot be read ({fault})'
            raise UnexpectedResponse("GET", self._kind.path, None, words)
        return self._known.versions(name)
