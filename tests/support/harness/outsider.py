"""Whoever else writes to the registry: a colleague in the Console, another stack, an old publishing script."""

from __future__ import annotations

from typing import Any

from plain_http import connect

from harness.programs import OWNER
from signals_local.emulator import Emulator


class Outsider:
    """Writes to the registry past the stack."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._http = connect(f"{emulator.url}/api/v1/registry", emulator.token)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def stores(
        self, name: str, version: int, over: float = 75, /, *, live: bool = True, **fields: Any
    ) -> None:
        """Store a version of a rule over the value of the cart, published unless `live` is False.

        Further fields go along, or replace those of the rule.
        """
        body = {
            "name": name,
            "version": version,
            "owner": OWNER,
            "criteria": {"attribute": "shopping:cart_value", "operator": ">", "value": over},
            "is_published": live,
            **fields,
        }
        self._ask("POST", "/interventions/", body)

    def everything(self) -> list[dict[str, Any]]:
        """Return every version of every rule, as the registry holds it."""
        found: list[dict[str, Any]] = self._ask("GET", "/interventions/")
        return found

    def sets_live(self, name: str, version: int, *, live: bool) -> None:
        """Publish or withdraw a version as it is stored."""
        path = f"/interventions/{name}/versions/{version}"
        self._ask("PUT", path, {**self._ask("GET", path), "is_published": live})

    def withdraws(self, name: str, version: int) -> None:
        """Withdraw a version."""
        self.sets_live(name, version, live=False)

    def edits(self, name: str, version: int, **fields: Any) -> None:
        """Change fields of a draft."""
        path = f"/interventions/{name}/versions/{version}"
        self._ask("PUT", path, {**self._ask("GET", path), **fields})

    def deletes(self, name: str, version: int) -> None:
        """Delete a version, live or not."""
        self.withdraws(name, version)
        self._ask("DELETE", f"/interventions/{name}/versions/{version}")

    def withdraws_group(self, name: str, version: int = 1) -> None:
        """Withdraw a version of an attribute group, which takes down the rules that use it."""
        path = f"/attribute_groups/{name}/versions/{version}"
        self._ask("PUT", path, {**self._ask("GET", path), "is_published": False})

    def publishes_group(self, name: str, version: int = 1) -> None:
        """Publish it again, which brings no rule back."""
        path = f"/attribute_groups/{name}/versions/{version}"
        self._ask("PUT", path, {**self._ask("GET", path), "is_published": True})

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        response = self._http.request(method, path, json=body)
        if response.is_error:
            raise RuntimeError(f"{method} {path}: {response.status_code} {response.text}")
        return response.json()
