# SPDX-License-Identifier: MIT
"""What a console tells of a test of system sleep."""

import unittest

from run import sleep

CONSOLE = """[    1.0] Linux version 6.12\r
WARNING: CPU: 0 before the test\r
xe-sleep: begin\r
TAP version 13\r
1..2\r
ok 1 sleep.render.a\r
# not ok, says a remark\r
ok 2 sleep.copy.a\r
"""


class Report(unittest.TestCase):
    def test_a_good_run(self):
        self.assertEqual(sleep.report(CONSOLE), (2, [], 0, []))

    def test_a_failure_has_its_name(self):
        text = CONSOLE.replace("ok 2 sleep.copy.a", "not ok 2 sleep.copy.a")
        self.assertEqual(sleep.report(text), (1, ["sleep.copy.a"], 0, []))

    def test_a_run_that_ends_early_is_not_good(self):
        for text in (CONSOLE[:CONSOLE.index("ok 2")], CONSOLE[:CONSOLE.index("xe-sleep")], ""):
            self.assertTrue(sleep.report(text)[3])

    def test_the_kernel_may_not_complain(self):
        line = "[   20.0] WARNING: CPU: 1 PID: 7 at drivers/gpu/drm/xe/a.c:1 xe_a+0x1/0x2 [xe]"
        self.assertEqual(len(sleep.report(CONSOLE + line + "\r\n")[3]), 1)


if __name__ == "__main__":
    unittest.main()
