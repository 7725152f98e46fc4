# SPDX-License-Identifier: MIT
"""'make report': one HTML file, complete in itself, with what the last runs have found.

Nothing is run for it. A section without data says which command makes them.
"""

import subprocess
import time

from . import paths, report_html, report_sections, ui

PAGE = paths.RESULTS / "report.html"


def _commit():
    """Which state of the tree this is."""
    done = subprocess.run(["git", "-C", str(paths.TOP), "describe", "--always", "--dirty"],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.stdout.strip() or "unknown"


def make():
    """The page as text."""
    cards, sections = [], []
    for name, short, function in report_sections.ALL:
        try:
            top, body = function()
        except (ArithmeticError, LookupError, OSError, TypeError, ValueError,
                ui.HarnessError) as error:
            # Files of an older version, or of a run that was ended.
            top, body = None, report_html.section(
                name, short, "", f'<p class="none bad">Its data cannot be read: '
                                 f'{report_html.text(repr(error))}</p>')
        cards += [top] if top else []
        sections.append((name, short, body))
    when = time.strftime("%Y-%m-%d %H:%M %Z")
    return report_html.page("xe: results of the last runs",
                            f"Written {when} at commit {_commit()}. The device is xe-model, a "
                            "device model; no GPU was used.", cards, sections)


def run():
    """Writes the page; returns its path."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    text = make()
    PAGE.write_text(text)
    ui.say(f"{PAGE}  ({len(text.encode()) / 1e3:.0f} kB, {text.count('No data:')} sections without "
           "data)")
    return PAGE
