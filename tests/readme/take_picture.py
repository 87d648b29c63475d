"""Takes the README's picture of a summary anew: `PYTHONPATH=tests/support python tests/readme/take_picture.py`.

A pull request over six rules among sixty that stay as they are, previewed by the local engine.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import LocalEngine, settings_of
from markdown_it import MarkdownIt
from playwright.sync_api import sync_playwright
from registries import emptied

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "summary.png"
STYLE = """
body { font: 14px/1.5 'DejaVu Sans', sans-serif; width: 900px; margin: 20px; color: #1f2328 }
code { font: 12px 'DejaVu Sans Mono', monospace; background: #eff1f3; padding: .2em .4em; border-radius: 6px }
table { border-collapse: collapse }
td, th { border: 1px solid #d1d9e0; padding: 6px 13px }
"""
UNCHANGED = """
cart, visits, idle, country = (
    attribute(f"shopping:{name}")
    for name in ("cart_value", "visits", "minutes_since_last_activity", "country")
)
own = {"owner": "marketing@example.com", "target_attribute_keys": ["domain_userid"]}
shopping = [{"name": "shopping", "version": 1}]
for number in range(60):
    RuleIntervention(f"standing_offer_{number}", **own, criteria=(cart > 10 + number) & (visits >= 2))
"""
BEFORE = """
RuleIntervention("summer_sale", **own, criteria=(country == "DE") & (cart > 20))
RuleIntervention("welcome_back", **own, criteria=visits > 3)
RuleIntervention("loyalty", name="loyalty_2024", **own, criteria=visits > 25)
RuleIntervention("cart_abandonment", **own, criteria=(cart > 75) & (idle >= 15), payload_attribute_groups=shopping)
RuleIntervention("free_shipping", **own, criteria=cart > 40)
RuleIntervention("frequent_visitor", **own, criteria=(visits > 9) & country.in_(["DE", "AT"]))
"""
AFTER = """
RuleIntervention("summer_sale", **own, criteria=(country == "DE") & (cart > 20), published=False)
RuleIntervention("loyalty", name="loyalty_2025", **own, criteria=visits > 25)
RuleIntervention("cart_abandonment", **own, criteria=(cart > 60) & (idle >= 15), payload_attribute_groups=shopping)
RuleIntervention("free_shipping", **own, criteria=cart > 50)
RuleIntervention("frequent_visitor", **own, criteria=(visits >= 10) & ((country == "AT") | (country == "DE")))
"""
TYPES = {
    "cart_value": "double",
    "visits": "int32",
    "minutes_since_last_activity": "int32",
    "country": "string",
}


def preview() -> str:
    """Return the preview of the pull request, as JSON."""
    with emptied() as emulator, tempfile.TemporaryDirectory() as directory:
        emulator.publish_group("shopping", TYPES)
        project = LocalEngine(Path(directory), settings_of(emulator))
        project.write(UNCHANGED + BEFORE)
        project.call(*project.unasked("up")).check_returncode()
        project.write(UNCHANGED + AFTER)
        return project.call("preview", "--json").stdout


def main() -> None:
    """Take the picture."""
    summarize = (Path(sys.executable).parent / "pulumi-signals", "summarize", "--format", "markdown")
    summary = subprocess.run(summarize, input=preview(), capture_output=True, text=True, check=True).stdout
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(summary)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox"]
        )
        shown = browser.new_page(viewport={"width": 960, "height": 600})
        shown.set_content(f"<style>{STYLE}</style>{page}")
        shown.screenshot(path=PICTURE, full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
