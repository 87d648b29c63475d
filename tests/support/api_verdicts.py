"""What becomes of odd settings, in words; run it to write the file that the tests compare with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pulumi_snowplow_signals.api.settings import ConsoleCredentials, resolve
from pulumi_snowplow_signals.errors import ConfigurationError

FILE = Path(__file__).parents[1] / "api" / "verdicts.txt"

SECRETS = ("token-hunter2", "key-hunter2")
_URL = {"apiUrl": "https://demo.example.com"}
_SANDBOX = {**_URL, "sandboxToken": SECRETS[0]}
_CONSOLE = {**_URL, "organizationId": "org", "apiKeyId": "id", "apiKey": SECRETS[1]}

ADDRESSES = (
    "https://demo.example.com",
    "HTTPS://DEMO.Example.COM",
    "https://demo.example.com/",
    "https://demo.example.com.",
    "https://demo.example.com..",
    "https://.example.com",
    "https://a..b",
    "https://demo.example.com:443",
    "https://demo.example.com:0443",
    "https://demo.example.com:0",
    "https://demo.example.com:65535",
    "https://demo.example.com:65536",
    "https://demo.example.com:",
    "https://demo.example.com: 80",
    "https://demo.example.com:+80",
    "https://demo.example.com:8_0",
    "https://demo.example.com:\u0668\u0660",
    "https://demo.example.com:-1",
    "https://demo.example.com:80:80",
    "https://demo.example.com\n",
    "https://demo.exa\nmple.com",
    "https://demo.exa\rmple.com",
    "https://demo.exa\tmple.com",
    "ht\ntps://demo.example.com",
    "https:/\n/demo.example.com",
    "https://demo.example.com\x00",
    "https://demo.exa\x00mple.com",
    "https://demo.exa\x7fmple.com",
    "https://demo.exa\u200bmple.com",
    "https://demo.exa\xadmple.com",
    "https://demo.exa\ufeffmple.com",
    "\ufeffhttps://demo.example.com",
    "https://demo.exa\u2028mple.com",
    "https://demo\u3002example\u3002com",
    "https://\uff44\uff45\uff4d\uff4f.example.com",
    "https://b\xfccher.example",
    "https://B\xdcCHER.example",
    "https://xn--bcher-kva.example",
    "https://xn--",
    "https://xn--zzzzzz.example",
    "https://fa\xdf.example",
    "https://\U0001f600.example",
    "https://\u2113.example",
    "https://\u2100.example",
    "https://\u2173.example",
    "https://user@demo.example.com",
    "https://user:pw@demo.example.com",
    "https://@demo.example.com",
    "https://a%40b.example",
    "https://demo.example.com\\@evil.example",
    "https://demo.example.com\\evil",
    "https:\\\\demo.example.com",
    "https:///demo.example.com",
    "https:demo.example.com",
    "https://demo.example.com/api/v1",
    "https://demo.example.com/;x",
    "https://demo.example.com//",
    "https://demo.example.com?",
    "https://demo.example.com?x=1",
    "https://demo.example.com#",
    "https://demo.example.com/#f",
    "https://demo example.com",
    "https://demo%2eexample.com",
    "https://%64emo.example.com",
    "https://<id>.example.com",
    "https://demo_1.example.com",
    "https://-demo.example.com",
    "https://demo-.example.com",
    f"https://{'a' * 63}.example",
    f"https://{'a' * 64}.example",
    f"https://{'.'.join(['a' * 60] * 5)}",
    "http://localhost:8642",
    "http://LOCALHOST",
    "http://localhost.",
    "http://127.0.0.1",
    "http://127.1",
    "http://0177.0.0.1",
    "http://0x7f.1",
    "http://0x7f000001",
    "http://2130706433",
    "http://017700000001",
    "http://127.0.0.1.",
    "http://127.0.0.256",
    "http://1.2.3.4.5",
    "http://127.0.0.01",
    "http://256",
    "http://00",
    "http://0.0.0.0",
    "http://0",
    "https://10.0.0.1",
    "https://010.0.0.1",
    "https://1.1",
    "https://\u2460.\u2460.\u2460.\u2460",
    "https://\uff11\uff12\uff17.0.0.1",
    "https://1.2.3.08",
    "http://[::1]",
    "http://[::1]:8642",
    "http://[0:0:0:0:0:0:0:1]",
    "http://[::ffff:127.0.0.1]",
    "http://[::ffff:7f00:1]",
    "http://[::1%25eth0]",
    "http://[::1%eth0]",
    "https://[fe80::1%25eth0]",
    "http://[::1",
    "http://::1",
    "http://[]",
    "http://[v1.x]",
    "http://[127.0.0.1]",
    "http://[::1]x",
    "http://x[::1]",
    "https://[2001:DB8:0::1]:8443",
    "http://demo.example.com",
    "ftp://demo.example.com",
    "file:///etc/passwd",
    "javascript:1",
    "mailto:a@b.example",
    "//demo.example.com",
    "demo.example.com",
    "demo.example.com:443",
    "localhost:8642",
    "127.0.0.1:8642",
    ":443",
    "https",
    "https:",
    "https://",
    "https://:443",
    "  https://demo.example.com  ",
    "https://https://demo.example.com",
    '"https://demo.example.com"',
    '{"a": 1}',
    "null",
    "true",
    "5",
    "wss://demo.example.com",
    "https+unix://x",
    "h\u021b\u021bps://demo.example.com",
    "https://\ud800.example",
    "https://x.example\x1b[31m",
)

_TEXTS = (
    *(
        "",
        " ",
        "true",
        "True",
        "TRUE",
        "ture",
        "yes",
        "1",
        "on",
        "false",
        "no",
        "null",
        "None",
        "[]",
        '{"a": 1}',
    ),
    *(
        "remote",
        "Remote",
        "remot",
        "local",
        "lokal",
        " local ",
        "lo\ncal",
        "automatic",
        "automatc",
        "auto",
        "explicit",
    ),
    *(
        "explict",
        "unpublish",
        "unpublsh",
        "un-publish",
        "delete",
        "Delete",
        "detele",
        "retain",
        "retian",
        "keep",
    ),
    *("\x00", "\x1b[31m", "\u202eremote", "r\u00e9tain", "x" * 21, SECRETS[0], "\ud800"),
)
_SECONDS = (
    *(
        "0",
        "7",
        "7.5",
        "007",
        " 5 ",
        "600",
        "600.0",
        "600.1",
        "601",
        "-1",
        "-0",
        "+5",
        "NaN",
        "nan",
        "inf",
        "-inf",
    ),
    *(
        "Infinity",
        "1e400",
        "1e1",
        "0x10",
        "1_0",
        "\u0661\u0662",
        "\uff15",
        "5s",
        "5 s",
        "5,5",
        ".5",
        "5.",
        "soon",
        "",
        "true",
    ),
    *("1" * 400, "0.0000000001", "[5]", '{"a": 1}'),
)
_CREDENTIALS = (
    *(
        "",
        " ",
        "good",
        " good ",
        "good\n",
        "go\nod",
        "go\r\nX: 1",
        "go\tod",
        "go od",
        "go\x00od",
        "go\x7fod",
        "go\u00f6d",
    ),
    *(
        "go\u200bod",
        "\ud800",
        "go\u2028od",
        "Bearer good",
        '{"a": 1}',
        "null",
        "../x",
        "a/b",
        "a?b",
        "a%2fb",
        "[hidden]",
    ),
)


def verdicts() -> Iterator[str]:
    """Yield a line for each setting and value: what is taken, or the sentence."""
    for address in ADDRESSES:
        yield _verdict("apiUrl", address, _SANDBOX)
    for address in ADDRESSES[::4]:
        yield _verdict("consoleUrl", address, _CONSOLE)
        yield _verdict("movedFrom", address, _SANDBOX)
    for setting in ("review", "numbering", "onDestroy", "adopt", "allowHttp"):
        for text in _TEXTS:
            yield _verdict(setting, text, _SANDBOX)
    for text in _SECONDS:
        yield _verdict("retrySeconds", text, _SANDBOX)
    for text in _CREDENTIALS:
        yield _verdict("sandboxToken", text, _SANDBOX)
        for setting in ("organizationId", "apiKeyId", "apiKey"):
            yield _verdict(setting, text, _CONSOLE)


def _verdict(setting: str, value: str, others: dict[str, str]) -> str:
    try:
        settings = resolve({**others, setting: value}.get, {})
    except ConfigurationError as refused:
        verdict = " / ".join(refused.faults)
    else:
        credentials = settings.credentials
        console = credentials if isinstance(credentials, ConsoleCredentials) else None
        taken = {
            "apiUrl": settings.api_url,
            "consoleUrl": console and console.console_url,
            "movedFrom": settings.moved_from,
            "review": settings.review,
            "numbering": settings.numbering,
            "onDestroy": settings.on_destroy,
            "adopt": settings.adopt,
            "retrySeconds": settings.retry_seconds,
            "organizationId": console and console.organization_id,
            "apiKeyId": console and console.api_key_id,
        }
        verdict = f"taken as {json.dumps(taken[setting])}" if setting in taken else "taken"
    shown = "a known credential" if value in SECRETS else json.dumps(value[:80])
    return f"{setting} {shown}: {ascii(verdict)[1:-1]}"


if __name__ == "__main__":
    FILE.write_text("".join(f"{line}\n" for line in verdicts()), encoding="utf-8")
