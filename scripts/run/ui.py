# SPDX-License-Identifier: MIT
"""What a person sees: steps that show they are alive, logs, errors that help."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path


class HarnessError(Exception):
    """A failure to be shown as one clear message instead of a traceback."""


def _interrupt(_number, _frame):
    raise KeyboardInterrupt


def end_cleanly():
    """Makes every way to be ended take the path of Ctrl-C, so that guests and models end, too.

    Also in the background, where a shell has interrupts ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def say(text=""):
    print(text, flush=True)


class Step:
    """A named step that prints its duration and, while it runs, a sign of life.

    On a terminal the seconds tick in place; elsewhere a dot line appears every
    half minute, so that a log shows progress without filling up. @progress: a function whose
    text is shown, too.
    """

    def __init__(self, title, progress=None):
        self.title = title
        self.progress = progress
        self._stop = threading.Event()
        self._tty = sys.stdout.isatty()

    def __enter__(self):
        self.start = time.monotonic()
        if not self._tty:
            say(f"-- {self.title}")
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._thread.start()
        return self

    def _tick(self):
        period = 1 if self._tty else 30
        while not self._stop.wait(period):
            seconds = int(time.monotonic() - self.start)
            more = f", {self.progress()}" if self.progress else ""
            if self._tty:
                print(f"\r-- {self.title} … {seconds} s{more}", end="", flush=True)
            else:
                say(f"   … {self.title}: {seconds} s{more}")

    def __exit__(self, kind, *_):
        self._stop.set()
        self._thread.join()
        seconds = time.monotonic() - self.start
        word = "done" if kind is None else "FAILED"
        lead = "\r" if self._tty else "   "
        say(f"{lead}-- {self.title}: {word} ({seconds:.1f} s)")
        return False


def tail(path, lines=30):
    try:
        text = Path(path).read_text(errors="replace").splitlines()
    except OSError as error:
        return f"(no log: {error})"
    return "\n".join("    " + line for line in text[-lines:])


def run_limited(command, log, limit):
    """Runs @command, its output in @log. Returns its exit code, or None if it took @limit seconds.

    No process of it is left then, nor after an interruption.
    """
    with open(log, "w") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def run_logged(title, command, log, env=None, cwd=None, progress=None):
    """Runs a command as a Step, its output in @log; a failure shows the log's end."""
    log = Path(log)
    log.parent.mkdir(parents=True, exist_ok=True)
    merged = dict(os.environ, **(env or {}))
    with Step(title, progress):
        with open(log, "w") as out:
            try:
                code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out,
                                      stderr=subprocess.STDOUT, env=merged, cwd=cwd).returncode
            except FileNotFoundError as error:
                raise HarnessError(f"{title}: {error.filename} is not installed") from error
        if code:
            raise HarnessError(f"{title}: exit code {code}, the end of {log}:\n{tail(log)}")
