"""Holds a page against the rules of axe-core, in a Chromium without a window."""

from __future__ import annotations

import html
import importlib.util
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

#: Where axe-core is: the file that a person names, or the one in the package axe-core-python.
_SPEC = importlib.util.find_spec("axe_core_python")
_SHIPPED = Path(_SPEC.origin).with_name("axe.min.js") if _SPEC and _SPEC.origin else None
_NAMED = os.environ.get("AXE_CORE")
AXE = Path(_NAMED) if _NAMED else _SHIPPED
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
READY = AXE is not None and AXE.is_file() and CHROMIUM is not None

_RUN = """
window.addEventListener("load", function () {
  var button = document.querySelector(".report:not([hidden]) button[data-lang='%s']");
  if (button) { button.click(); }
  Array.prototype.forEach.call(document.querySelectorAll("details"), function (d) { d.open = true; });
  axe.run(document, {resultTypes: ["violations"]}).then(function (found) {
    var told = found.violations.map(function (v) {
      return {id: v.id, impact: v.impact, nodes: v.nodes.length, first: v.nodes[0].html.slice(0, 200),
        why: v.nodes[0].failureSummary};
    });
    var result = document.createElement("pre");
    result.id = "axe-result";
    result.textContent = JSON.stringify({violations: told, passes: found.passes.length,
      lang: document.documentElement.lang});
    document.body.appendChild(result);
  });
});
"""


def violations(page: str, folder: Path, *, lang: str, width: int, dark: bool = False) -> dict[str, object]:
    """Return what axe-core finds in a page: everything is unfolded, and the language switched to.

    Parameters
    ----------
    page : str
        HTML.
    folder : Path
        For the files of the browser.
    lang : str
    width : int
        Of the window.
    dark : bool
    """
    assert AXE is not None
    assert CHROMIUM is not None
    scripts = f"<script>{AXE.read_text(encoding='utf-8')}</script><script>{_RUN % lang}</script>"
    file = folder / f"page-{lang}-{width}-{dark}.html"
    file.write_text(page.replace("</body>", f"{scripts}</body>"), encoding="utf-8")
    options = [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
        "--no-first-run", f"--user-data-dir={folder / 'browser'}", f"--window-size={width},1200",
        "--virtual-time-budget=60000", *(["--force-dark-mode", "--blink-settings=preferredColorScheme=0"] if dark else []),
    ]  # fmt: skip
    shown = subprocess.run(
        [CHROMIUM, *options, "--dump-dom", file.as_uri()],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    ).stdout
    found = re.search(r'<pre id="axe-result">(.*?)</pre>', shown, re.DOTALL)
    assert found, "axe-core did not come to its end"
    result: dict[str, object] = json.loads(html.unescape(found.group(1)))
    return result
