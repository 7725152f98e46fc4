# SPDX-License-Identifier: MIT
"""Waiting times of a guest, from a made-up /proc."""

import tempfile
import unittest
from pathlib import Path

from scripts.run import contention


class Share(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.proc = Path(self.dir.name)

    def process(self, pid, session, *threads):
        root = self.proc / str(pid)
        root.mkdir(exist_ok=True)
        (root / "stat").write_text(f"{pid} (a ) name) S 1 1 {session} 0 -1 0\n")
        for number, (ran, waited) in enumerate(threads):
            thread = root / "task" / str(pid + number)
            thread.mkdir(parents=True, exist_ok=True)
            (thread / "schedstat").write_text(f"{ran} {waited} 7\n")

    def test_threads_of_the_session_only(self):
        self.process(10, 5, (300, 50), (100, 50))
        self.process(20, 6, (0, 10 ** 9))
        watch = contention.Contention(5, self.proc)
        watch.look(1.0)
        self.assertEqual(watch.share(), 20.0)

    def test_last_look_counts_and_looks_are_rare(self):
        self.process(10, 5, (100, 100))
        watch = contention.Contention(5, self.proc)
        watch.look(1.0)
        self.process(10, 5, (900, 100))
        watch.look(1.0 + contention.PERIOD / 2)
        self.assertEqual(watch.share(), 50.0)
        watch.look(1.0 + contention.PERIOD)
        self.assertEqual(watch.share(), 10.0)

    def test_ended_processes_still_count(self):
        self.process(10, 5, (100, 100))
        watch = contention.Contention(5, self.proc)
        watch.look(1.0)
        (self.proc / "10/stat").unlink()
        self.process(11, 5, (100, 0))
        watch.look(100.0)
        self.assertAlmostEqual(watch.share(), 100 / 3)

    def test_nothing_seen(self):
        self.assertIsNone(contention.Contention(5, self.proc).share())
        self.assertEqual(contention.sentence(None), "")
        self.assertIn(" 12 %", contention.sentence(12.3))


if __name__ == "__main__":
    unittest.main()
