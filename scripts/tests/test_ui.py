# SPDX-License-Identifier: MIT
"""Commands of the harness end, whatever they do."""

import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from run import paths, ui


class RunLimited(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.log = Path(self.dir.name) / "log"

    def tearDown(self):
        self.dir.cleanup()

    def test_exit_code_and_output(self):
        code = ui.run_limited(["sh", "-c", "echo out; echo err >&2; exit 3"], self.log, 60)
        self.assertEqual(code, 3)
        self.assertEqual(self.log.read_text(), "out\nerr\n")

    def test_hanging_command_ends_with_its_children(self):
        code = ui.run_limited(["sh", "-c", "echo $$; sleep 600 & echo $!; wait"], self.log, 1)
        self.assertIsNone(code)
        numbers = self.log.read_text().split()
        self.assertEqual(len(numbers), 2)
        for number in numbers:
            for _ in range(100):
                if not self.runs(number):
                    break
                time.sleep(0.1)
            self.assertFalse(self.runs(number))

    def test_output_held_open_does_not_matter(self):
        code = ui.run_limited(["sh", "-c", "setsid sleep 5 & exit 0"], self.log, 600)
        self.assertEqual(code, 0)

    @staticmethod
    def runs(number):
        """A process that waits to be collected does not run."""
        try:
            state = Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return False
        return state != "Z"


class TestPrograms(unittest.TestCase):
    """tools/xe-model/tests/run-limited, which the model's Makefile runs its tests with."""

    @staticmethod
    def run_limited(limit, script):
        command = [str(paths.TOP / "tools/xe-model/tests/run-limited"), limit, "sh", "-c", script]
        return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              timeout=120)

    def test_exit_code_is_the_programs(self):
        done = self.run_limited("60", "echo out; exit 3")
        self.assertEqual((done.returncode, done.stdout), (3, "out\n"))

    def test_one_that_hangs_is_named_and_ended(self):
        done = self.run_limited("1", "sleep 600 & wait")
        self.assertEqual(done.returncode, 124)
        self.assertIn("does not end", done.stdout)


if __name__ == "__main__":
    unittest.main()
