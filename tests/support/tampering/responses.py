"""What may come instead of a response: any field of it wrong, any body, any status, any redirect."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx
from cutting.ways import Way

_DEEP: Final = 10_000
_HOLE: Final = "@hole@"
_JSON: Final = {"content-type": "application/json"}
_PAGE: Final = b"<html><head><title>Please log in</title></head><body>login</body></html>"

_GONE: Final = ""
VALUES: Final[Mapping[str, str]] = {
    "missing": _GONE,
    "null": "null",
    "true": "true",
    "false": "false",
    "0": "0",
    "-1": "-1",
    "1.5": "1.5",
    "7": "7",
    "2^63": "9223372036854775808",
    "10^400": "1" + "0" * 400,
    "1e999": "1e999",
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "an empty text": '""',
    "another text": '"other"',
    "a number in quotes": '"1"',
    "a text of 100,000": '"' + "x" * 100_000 + '"',
    "HTML": '"<script>alert(1)</script>"',
    "a lone surrogate": '"\\ud800"',
    "control characters": '"a\\u0000\\u001b[31m\\nb"',
    "an empty list": "[]",
    "a list of null": "[null]",
    "a list of a text": '["x"]',
    "an empty object": "{}",
    "another object": '{"x": 1}',
    "10,000 brackets": "[" * _DEEP + "]" * _DEEP,
}
"""What a field may hold instead, as JSON text."""

_NOT_TAKEN: Final = (408, 429)

_TOLD: Final = ("name", "version", "is_published", "criteria", "owner", "status", "ok")
"""The fields that say what was done: wrong ones make an answer that does not say so."""

DETAILS: Final[Mapping[str, str]] = {
    "detail": '{"detail": "no"}',
    "an empty detail": '{"detail": ""}',
    "a null detail": '{"detail": null}',
    "a number as detail": '{"detail": 5}',
    "an object as detail": '{"detail": {"code": {"deep": [1]}}}',
    "an empty list": '{"detail": []}',
    "a list of texts": '{"detail": ["a", "b"]}',
    "located details": '{"detail": [{"loc": ["body", "criteria", "value"], "msg": "bad", "type": "x"}]}',
    "1,000 details": json.dumps(
        {"detail": [{"loc": ["body", "criteria", "all", i, "value"], "msg": "y" * 40} for i in range(1000)]}
    ),
    "a detail of 100,000": json.dumps({"detail": [{"loc": ["body", "z" * 100_000], "msg": "y" * 100_000}]}),
    "odd locations": '{"detail": [{"loc": "body", "msg": 1}, {"loc": [null, 1.5, {}, true], "msg": null}, {}, null, 5, []]}',
    "a lone surrogate": '{"detail": [{"loc": ["body", "\\ud800"], "msg": "\\udfff\\u0000\\u001b[2J"}]}',
    "an error": '{"error": "no"}',
    "a null error": '{"error": null}',
    "an object as error": '{"error": {"message": "no"}}',
    "a message": '{"message": "no"}',
    "a problem document": '{"title": "no", "status": 400}',
    "a list": '["no"]',
    "null": "null",
    "a number": "5",
    "a text": '"no"',
    "10,000 brackets": '{"detail": ' + "[" * _DEEP + "]" * _DEEP + "}",
    "cut JSON": '{"detail": "n',
    "plain words": "bad gateway",
    "nothing": "",
}
"""Bodies of an error."""

STATUSES: Final = (
    *(100, 101, 102, 103, 199, 202, 203, 204, 205, 206, 226, 299),
    *(300, 301, 302, 303, 304, 305, 306, 307, 308, 399),
    *(
        400,
        401,
        402,
        403,
        404,
        405,
        406,
        407,
        408,
        409,
        410,
        411,
        412,
        413,
        414,
        415,
        416,
        417,
        418,
        421,
        422,
        423,
    ),
    *(
        424,
        425,
        426,
        428,
        429,
        431,
        451,
        499,
        500,
        501,
        502,
        503,
        504,
        505,
        506,
        507,
        508,
        510,
        511,
        520,
        599,
        600,
        999,
    ),
)

LOCATIONS: Final = (
    *(
        "",
        " ",
        "/",
        "?",
        "#",
        "//",
        "///",
        "elsewhere",
        "../",
        "/api/v1/registry/interventions/",
        "\x00",
        "\t/x",
    ),
    *(
        "javascript:1",
        "data:,x",
        "mailto:a@b.example",
        "file:///etc/passwd",
        "ftp://a.example/",
        "http:",
        "https://",
    ),
    *(
        "//evil.example/x",
        "https://evil.example/x?token=1",
        "http://user:password@evil.example/",
        "http://127.0.0.1:1/x",
    ),
    *(
        "http://127.0.0.1:2/x",
        "http://[::1",
        "http://[::1%25eth0]/",
        "http://a:99999999/",
        "http://a:b/",
        "http://0177.0.0.1/",
    ),
    *(
        "http://xn--/",
        "http://é.example/é",
        "http://a b/",
        "\\\\evil.example",
        "http://127.0.0.1:1\\@evil.example/",
    ),
    *("https://evil.example/" + "x" * 50_000, "http://" + "a." * 200 + "example/"),
)

HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    "of no type": {},
    "as HTML": {"content-type": "text/html"},
    "as a picture": {"content-type": "image/png"},
    "in an unknown charset": {"content-type": "application/json; charset=nonsense"},
    "in a charset that is no text": {"content-type": "application/json; charset=zlib"},
    "in latin-1": {"content-type": "application/json; charset=latin-1"},
    "packed, it says": {**_JSON, "content-encoding": "gzip"},
    "deflated, it says": {**_JSON, "content-encoding": "deflate"},
    "packed in an unknown way": {**_JSON, "content-encoding": "unheard-of"},
    "with an odd time to come back": {**_JSON, "retry-after": "١٢"},
    "with an odd date": {**_JSON, "date": "yesterday", "retry-after": "Fri, 99 Foo 99999 99:99:99"},
}


@dataclass(frozen=True)
class Response:
    """What comes instead: made anew for each request."""

    status: int
    content: bytes
    headers: Mapping[str, str]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        headers = [
            (name.encode(), value.encode("utf-8", "surrogatepass")) for name, value in self.headers.items()
        ]
        return httpx.Response(
            self.status, headers=headers, stream=httpx.ByteStream(self.content), request=request
        )


def tampered(request: httpx.Request, genuine: httpx.Response) -> Iterator[Way]:
    """Yield everything that may come instead of the genuine response, before the work and, for a write, after it."""
    for name, response, is_silent in _responses(genuine):
        if is_silent or request.method == "GET":
            yield Way(name, response)
        # A server that says it did not take a request up is believed: what it did all the same, nobody can tell.
        if request.method != "GET" and response.status not in _NOT_TAKEN:
            yield Way(name, response, after=True)


def _responses(genuine: httpx.Response) -> Iterator[tuple[str, Response, bool]]:
    """Yield a name, the response, and whether it does not say that the work was done."""
    status, content = genuine.status_code, genuine.content
    for name, body, is_silent in _bodies(content):
        yield f"{status} with {name}", Response(status, body, _JSON), is_silent
    for name, headers in HEADERS.items():
        yield f"{status} {name}", Response(status, content, headers), False
    for other in STATUSES:
        for name in ("detail", "nothing"):
            yield (
                f"{other} with {name}",
                Response(other, DETAILS[name].encode(), _JSON),
                not 200 <= other < 300,
            )
        yield f"{other} with a page", Response(other, _PAGE, {"content-type": "text/html"}), True
        yield f"{other} with the genuine body", Response(other, content, _JSON), not 200 <= other < 300
    for other in (400, 401, 403, 404, 409, 422, 429, 500, 503):
        for name, detail in DETAILS.items():
            yield f"{other} with {name}", Response(other, detail.encode(), _JSON), True
    for other in (301, 302, 303, 307, 308):
        for location in LOCATIONS:
            shown = ascii(location[:40])
            yield f"{other} to {shown}", Response(other, b"", {"location": location}), True


def _bodies(content: bytes) -> Iterator[tuple[str, bytes, bool]]:
    yield "nothing", b"", True
    yield "a blank", b" \n", True
    yield "a page", _PAGE, True
    yield "half of it", content[: len(content) // 2], True
    yield "all but its last character", content[:-1], True
    yield "something after it", content + b"{}", True
    yield "a mark at its beginning", b"\xef\xbb\xbf" + content, False
    yield "UTF-16", content.decode().encode("utf-16"), False
    yield "bytes that are no text", content.replace(b'"', b'"\xff\xfe', 1), True
    yield "10,000 brackets", b"[" * _DEEP + b"]" * _DEEP, True
    yield "200,000 open brackets", b"[" * 200_000, True
    for name in (
        "null",
        "true",
        "false",
        "5",
        '"x"',
        "NaN",
        "[]",
        "{}",
        "[null]",
        "[[]]",
        "[{}]",
        '{"x": NaN}',
    ):
        yield name, name.encode(), True
    if not content.strip():
        return
    data = json.loads(content)
    yield "it in a list", json.dumps([data]).encode(), True
    yield "it in an object", json.dumps({"data": data}).encode(), True
    for path in places(data):
        where = ".".join(map(str, path))
        for name, text in VALUES.items():
            body = _replaced(data, path, text)
            differs = (
                path[-1] in _TOLD and name not in ("missing", "null") and body != json.dumps(data).encode()
            )
            yield f"{where}: {name}", body, differs
    for path in [(), *([(0,)] if isinstance(data, list) and data else [])]:
        yield f"more fields at {path}", _with(data, path, '"more": {"x": [1, null]}'), False
        yield f"names given twice at {path}", _with(data, path, '"name": "other", "version": 99'), True


def places(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of everything in a JSON value, of lists' items the first two and the last."""
    items: Sequence[tuple[str | int, Any]] = ()
    if isinstance(data, dict):
        items = [*data.items()]
    elif isinstance(data, list):
        items = [(i, item) for i, item in enumerate(data) if i < 2 or i == len(data) - 1]
    for step, item in items:
        yield (*path, step)
        yield from places(item, (*path, step))


def _replaced(data: Any, path: Sequence[str | int], text: str) -> bytes:
    changed = json.loads(json.dumps(data))
    parent = changed
    for step in path[:-1]:
        parent = parent[step]
    if text == _GONE:
        del parent[path[-1]]
        return json.dumps(changed).encode()
    parent[path[-1]] = _HOLE
    return json.dumps(changed).replace(f'"{_HOLE}"', text).encode()


def _with(data: Any, path: Sequence[int], fields: str) -> bytes:
    """Return the JSON text with more fields at the end of the object in a place."""
    text = json.dumps(data)
    for step in path:
        part = json.dumps(data[step])
        return text.replace(part, f"{part[:-1]}, {fields}}}", 1).encode() if part != "{}" else text.encode()
    return f"{text[:-1]}, {fields}}}".encode() if isinstance(data, dict) and data else text.encode()
