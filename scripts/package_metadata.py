"""Build the project's links and the long description for a package index from one setting.

`repository` under `tool.hatch.metadata.hooks.custom` in pyproject.toml is the public address of the repository, such as
`https://github.com/OWNER/NAME`. If it is empty, the package has no project links. The README's relative links then become plain text,
because an index cannot follow them, and its pictures are left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_FENCE = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)
_RELATIVE_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|mailto:|#)([^)]*)\)")


class PackageMetadata(MetadataHookInterface):
    """Add `readme` and `urls` to the metadata when a distribution is built."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the long description and the links."""
        repository, version = str(self.config["repository"]).rstrip("/"), metadata["version"]
        readme = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        text = build_description(readme, repository, version)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        metadata["urls"] = build_urls(repository, version)


def build_urls(repository: str, version: str) -> dict[str, str]:
    """Return the project's links; none without a repository."""
    if not repository:
        return {}
    files = f"{repository}/blob/v{version}"
    return {
        "Repository": repository,
        "Documentation": f"{files}/docs/README.md",
        "Changelog": f"{files}/CHANGELOG.md",
        "Issues": f"{repository}/issues",
    }


def build_description(readme: str, repository: str, version: str) -> str:
    """Return the README for an index, with links to the files of this version, or with their names if there is no repository."""

    def replace(link: re.Match[str]) -> str:
        is_image, text, path = link.groups()
        if not repository:
            return "" if is_image else text if path.startswith(text) else f"{text} ({path})"
        return f"{is_image}[{text}]({repository}/{'raw' if is_image else 'blob'}/v{version}/{path})"

    parts = _FENCE.split(readme)
    return "".join(part if part.startswith("```") else _RELATIVE_LINK.sub(replace, part) for part in parts)
