"""Post a summary to a pull request: one comment per stack, updated in place.

The first line of the summary, an HTML comment that names the stack, identifies the comment to update. The script needs only Python.
GitHub sets GITHUB_API_URL and GITHUB_REPOSITORY; the workflow sets GITHUB_TOKEN and PULL_REQUEST.
"""

import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

AUTHOR = "github-actions[bot]"
PER_PAGE = 100


def ask(method: str, path: str, body: Any = None) -> Any:
    """Call GitHub's API and return the response."""
    request = urllib.request.Request(  # noqa: S310  # the address is GitHub's own
        f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as response:  # noqa: S310  # as above
        return json.load(response)


def comments(number: int) -> Iterator[dict[str, Any]]:
    """Yield the comments of a pull request, page by page."""
    page = 1
    while found := ask("GET", f"issues/{number}/comments?per_page={PER_PAGE}&page={page}"):
        yield from found
        page += 1


def main() -> None:
    """Create or update the comment."""
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    marker = text.partition("\n")[0]
    number = int(os.environ["PULL_REQUEST"])
    # Anybody can put the marker in a comment of their own, so only the workflow's comments are overwritten.
    ours = (
        each["id"]
        for each in comments(number)
        if each["user"]["login"] == AUTHOR and each["body"].startswith(marker)
    )
    existing = next(ours, None)
    if existing is None:
        ask("POST", f"issues/{number}/comments", {"body": text})
    else:
        ask("PATCH", f"issues/comments/{existing}", {"body": text})


main()
