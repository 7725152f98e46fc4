# SPDX-License-Identifier: MIT
"""Test lists: files of 'binary@glob' lines, expanded against the installed binaries.

A line that begins with "-" takes out of the list what lines before it put there.
"""

import fnmatch
import json
import subprocess

from . import paths, ui

TEST_DIR = "/usr/libexec/igt-gpu-tools"


def parse(text):
    """Returns the patterns of a list; '#' starts a comment, empty lines are skipped."""
    out = []
    for line in text.splitlines():
        line = line.split("#", 1)[0].strip()
        if line:
            out.append(line)
    return out


def expand(patterns, subtests_of):
    """Turns patterns into test names, in the order of the list, each once.

    @subtests_of: function from a binary's name to the list of its subtests, in
    which a binary without subtests gives []. Raises HarnessError for a pattern
    that names nothing.
    """
    out = []
    for pattern in patterns:
        if pattern.startswith("-"):
            kept = [name for name in out if not fnmatch.fnmatchcase(name, pattern[1:].strip())]
            if len(kept) == len(out):
                raise ui.HarnessError(f"test list: '{pattern}' takes nothing out")
            out = kept
            continue
        binary, _, glob = pattern.partition("@")
        subtests = subtests_of(binary)
        if not subtests and not glob:
            names = [binary]
        else:
            names = [f"{binary}@{name}" for name in subtests
                     if fnmatch.fnmatchcase(name, glob or "*")]
        if not names:
            raise ui.HarnessError(f"test list: '{pattern}' matches no subtest of IGT")
        out += [name for name in names if name not in out]
    return out


class Installed:
    """The subtests of the machine root's IGT binaries, asked once and remembered."""

    def __init__(self):
        self.cache_path = paths.BUILD / "igt-subtests.json"
        self.stamp = (paths.MACHINE_ROOT / ".xe-stamp").read_text() if (
            paths.MACHINE_ROOT / ".xe-stamp").exists() else ""
        try:
            stored = json.loads(self.cache_path.read_text())
        except (OSError, ValueError):
            stored = {}
        self.known = stored.get("known", {}) if stored.get("stamp") == self.stamp else {}

    def subtests(self, binary):
        if binary not in self.known:
            result = subprocess.run(
                paths.enter(paths.MACHINE_ROOT, f"{TEST_DIR}/{binary}", "--list-subtests"),
                capture_output=True, text=True, stdin=subprocess.DEVNULL)
            if result.returncode not in (0, 79):
                raise ui.HarnessError(f"test list: no IGT binary '{binary}' in the machine root "
                                      f"({result.stderr.strip()[:200]})")
            self.known[binary] = result.stdout.split() if result.returncode == 0 else []
            self.cache_path.write_text(json.dumps({"stamp": self.stamp, "known": self.known}))
        return self.known[binary]


def load(name):
    """Expands a list file of scripts/lists (by name) or any file (by path)."""
    path = paths.LISTS / f"{name}.txt"
    if not path.exists():
        path = paths.TOP / name
    if not path.exists():
        known = ", ".join(sorted(p.stem for p in paths.LISTS.glob("*.txt")))
        raise ui.HarnessError(f"no test list '{name}' (known: {known}; or give a file)")
    return expand(parse(path.read_text()), Installed().subtests)
