"""`signals-local fire`: set a visitor's attribute values in a running emulator, and show which rules fired and why.

It is a client like any other and talks HTTP to an emulator in another process. Its dependencies are imported when it runs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from signals_local.emulator.defaults import DEFAULT_PORT, DEFAULT_TOKEN

_DESCRIPTION = """\
Give a visitor attribute values in a running local Signals API, and say which rules fired and why.

  signals-local fire domain_userid=8c9104e3-c300-4b20-82f2-93b7fa0b8feb shopping:cart_value=90

A name with a colon is an attribute (GROUP:ATTRIBUTE), one without is an attribute key with the visitor's id. Values are read
by the type that the attribute is registered with; null takes a value away. Without anything, it lists the attributes.
"""


class FireError(Exception):
    """Nothing was sent, or the request was refused. The text says why and what to do."""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this part's subcommand; it sets `run`, a function from the parsed options to an exit code."""
    fire = commands.add_parser(
        "fire",
        help="give a visitor attribute values, and see which rules fire",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    fire.add_argument(
        "values", nargs="*", metavar="NAME=VALUE", help="ids by attribute key, and values by attribute"
    )
    where = fire.add_mutually_exclusive_group()
    where.add_argument("--port", type=int, default=DEFAULT_PORT, help="of the local API; default %(default)s")
    where.add_argument("--url", help="of the local API, instead of a port")
    fire.add_argument(
        "--token", default=DEFAULT_TOKEN, help="that the API was started with; default %(default)s"
    )
    fire.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    url = (options.url or f"http://127.0.0.1:{options.port}").rstrip("/")
    try:
        keys, attributes = _sort_out(options.values)
        offered = _ask(url, options.token, "GET", "attributes")
        if attributes:
            _require_keys(offered, keys, attributes)
            body = {"keys": keys, "attributes": attributes}
            lines = list(_tell(_ask(url, options.token, "POST", "fire", body), offered, list(attributes)))
        else:
            lines = list(_offer(offered, keys))
    except FireError as error:
        sys.stderr.write(f"signals-local fire: {error}\n")
        return 1
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _sort_out(values: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the ids by key and the values by attribute."""
    keys: dict[str, str] = {}
    attributes: dict[str, str] = {}
    for each in values:
        name, equals, value = each.partition("=")
        given = attributes if ":" in name else keys
        if not (name and equals):
            raise FireError(f"{each!r} is not NAME=VALUE")
        if name in given:
            raise FireError(f"{name} is given twice")
        given[name] = value
    return keys, attributes


def _require_keys(offered: list[dict[str, Any]], keys: dict[str, str], attributes: dict[str, str]) -> None:
    for each in offered:
        if each["name"] in attributes and each["key"] not in keys:
            raise FireError(
                f"{each['name']} belongs to {each['key']}. Add the visitor's id, such as {each['key']}={uuid4()}"
            )


def _ask(url: str, token: str, method: str, path: str, body: Any = None) -> Any:
    import httpx  # noqa: PLC0415 - only where it is needed

    try:
        answer = httpx.request(
            method,
            f"{url}/local/{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
            trust_env=False,
        )
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeEncodeError) as error:
        raise FireError(
            f"no local Signals API answers at {url} ({error}). Start one with: signals-local api"
        ) from error
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise FireError("the local Signals API was started with another token. Give it with --token")
    try:
        told = answer.json()
    except ValueError as error:
        raise FireError(f"{url} is no local Signals API: it answered {answer.status_code}") from error
    if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
        raise FireError(_describe_refusal(told))
    if not answer.is_success:
        raise FireError(
            f"{url} is no local Signals API: it answered {answer.status_code}, {answer.text[:200]!r}"
        )
    return told


def _describe_refusal(told: Any) -> str:
    """Return a refusal as one line: its text, or the faults that the models found."""
    detail = told.get("detail", told) if isinstance(told, dict) else told
    if not isinstance(detail, list):
        return str(detail)
    return "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in detail)


def _tell(
    told: dict[str, list[dict[str, Any]]], offered: list[dict[str, Any]], attributes: list[str]
) -> Iterator[str]:
    if not told["fired"]:
        yield "Nothing fired."
    if not any(told.values()):
        used = [each["name"] for each in offered if each["rules"]]
        yield f"No live rule refers to {' or '.join(attributes)}."
        yield f"The live rules refer to {', '.join(used)}." if used else "No rule is live."
    for each in told["fired"]:
        yield f"{_name_rule(each)} fired"
        yield from (*_explain(each), *_describe_sent(each))
    for each in told["suppressed"]:
        target = f" to {each['target']['name']} {each['target']['id']}" if each["target"] else ""
        yield f"{_name_rule(each)} turned true and was not sent{target}: {each['reason']}"
        yield from _explain(each)
    for each in told["quiet"]:
        yield f"{_name_rule(each)} did not fire: {each['reason']}"
        yield from _explain(each)


def _name_rule(each: dict[str, Any]) -> str:
    return f"{each['name']} v{each['version']}"


def _explain(each: dict[str, Any]) -> Iterator[str]:
    yield f"  rule: {each['rule']}"
    for line in each["why"]:
        yield f"    - {line}"


def _describe_sent(each: dict[str, Any]) -> Iterator[str]:
    for target in each["targets"]:
        heard = {0: "nobody was listening", 1: "1 listener"}.get(
            target["listeners"], f"{target['listeners']} listeners"
        )
        yield f"  sent to {target['name']} {target['id']} ({heard})"
    yield "  payload:"
    for line in json.dumps(each["payload"], indent=2, ensure_ascii=False).splitlines():
        yield f"    {line}"


def _offer(offered: list[dict[str, Any]], keys: dict[str, str]) -> Iterator[str]:
    """Yield the attributes that can be set, and an example command."""
    if not offered:
        yield "No attribute group is published, so there is no attribute to give a value to."
        return
    yield "Attributes that can be given a value:"
    for each in offered:
        rules = f", in {', '.join(each['rules'])}" if each["rules"] else ""
        yield f"  {each['name']}  {each['type']}, of {each['key']}{rules}"
    first = next((each for each in offered if each["rules"]), offered[0])
    visitor = keys.get(first["key"]) or uuid4()
    yield f"For example: signals-local fire {first['key']}={visitor} {first['name']}=VALUE"
