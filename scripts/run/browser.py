# SPDX-License-Identifier: MIT
"""'make report-check': opens the page of 'make report' in a browser, tries it, takes pictures.

Chromium lives in a root of its own (scripts/roots/browser.list). It opens a copy of the page with a
script at its end that looks and clicks, and says in an attribute of the document what was wrong.
"""

import html
import json
import re
import subprocess

from . import paths, report, report_sections, roots, session, ui

# Seconds for one start of the browser
LIMIT = 300
# (name, width, height, dark)
VIEWS = (("desk", 1280, 1600, False), ("desk-dark", 1280, 1600, True),
         ("phone", 390, 844, False), ("phone-dark", 390, 844, True))
# The whole page, for people
TALL = 9000

FIRST = (paths.SCRIPTS / "report/probe-first.js").read_text()
LAST = (paths.SCRIPTS / "report/probe.js").read_text()

# The page's own script must be as it is; it is where the body ends.
_END = "</body></html>"


def probe(page):
    """The page with the script that tries it. Its policy stays in force."""
    names = json.dumps([name for name, _, _ in report_sections.ALL])
    text = page.replace("<head>", f"<head><script>{FIRST}</script>", 1)
    return text.replace(_END, f"<script>const SECTIONS = {names};{LAST}</script>{_END}")


_VERDICT = re.compile(r'data-verdict="([^"]*)"')
_CONSOLE = re.compile(r"CONSOLE:?\(?\d*\)?\]? ?\"?(.*)$", re.M)


def judge(dom, errors, dark, complete=False):
    """Sentences about what is wrong. @dom: the document in the end; @errors: the browser's log;
    @complete: each section needs data."""
    bad = [f"console: {line}" for line in _CONSOLE.findall(errors)]
    match = _VERDICT.search(dom)
    if not match:
        return bad + ["the page did not come to its end in the browser"]
    said = json.loads(html.unescape(match[1]))
    bad += said["problems"]
    if complete:
        bad += [f"section {name} has no data" for name in said["empty"]]
    if not said["ready"]:
        bad.append("the script of the page did not come to its end")
    if not said["filters"]:
        bad.append("no table has a filter")
    if said["dark"] != dark:
        bad.append("the colours are not those that were asked for")
    return bad


def _chromium(out, view, *options):
    _, width, height, dark = view
    command = paths.enter(
        paths.BROWSER_ROOT, "chromium", "--headless", "--no-sandbox", "--disable-gpu",
        "--disable-dev-shm-usage", "--hide-scrollbars", "--user-data-dir=/tmp/xe-report",
        "--enable-logging=stderr", "--log-level=0", f"--window-size={width},{height}",
        f"--blink-settings=preferredColorScheme={0 if dark else 1}", *options)
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=LIMIT,
                          stdin=subprocess.DEVNULL, cwd=out)


def run(page=report.PAGE, complete=False):
    """Returns sentences about what is not good; @complete: sections without data are not."""
    if not page.exists():
        raise ui.HarnessError(f"{page} is not there: 'make report' writes it")
    roots.ensure_browser()
    out = paths.RESULTS / "report-check"
    session.empty(out)
    (out / "probe.html").write_text(probe(page.read_text()))
    (out / "page.html").write_text(page.read_text())
    bad = []
    for view in VIEWS:
        name, width, _, dark = view
        with ui.Step(f"browser: {name}"):
            done = _chromium(out, view, "--dump-dom", f"file://{paths.in_root(out / 'probe.html')}")
            (out / f"{name}.log").write_text(done.stderr)
            bad += [f"{name}: {line}" for line in judge(done.stdout, done.stderr, dark, complete)]
            _chromium(out, (name, width, TALL, dark),
                      f"--screenshot={paths.in_root(out / name)}.png",
                      f"file://{paths.in_root(out / 'page.html')}")
            if not (out / f"{name}.png").exists():
                bad.append(f"{name}: no picture was taken")
    ui.say(f"pictures: {out}")
    return bad
