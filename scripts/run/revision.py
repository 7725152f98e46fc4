# SPDX-License-Identifier: MIT
"""Which state of this tree something is about."""

import subprocess
import time

from . import paths


def git(*arguments):
    """Runs git in this tree, whoever owns it; returns the finished process."""
    return subprocess.run(["git", "-c", f"safe.directory={paths.TOP}", *arguments], cwd=paths.TOP,
                          capture_output=True, text=True)


def name():
    """The commit at hand, and whether there is more than that; "" outside a clone."""
    try:
        commit = git("log", "-1", "--abbrev=10", "--format=%h").stdout.strip()
        changed = commit and git("status", "--porcelain", "--untracked-files=no").stdout
    except OSError:
        return ""
    return f"{commit} with changes" if changed else commit


def title(command):
    """The first line of recorded results of @command, run now."""
    commit = name()
    return f"{command}, {time.strftime('%Y-%m-%d')}{', commit ' if commit else ''}{commit}:"
