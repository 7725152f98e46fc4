# SPDX-License-Identifier: MIT
"""Profiles of the benchmark, and the page of figures in the documentation."""

import json
import tempfile
import unittest
import unittest.mock
from pathlib import Path

from run import bench, bench_counters, bench_doc, bench_profile, cli, paths, ui

GROUPS = [("idle", ["*idle*"]), ("entry and copy", ["drm_*"]), ("tree", ["rb_*"]),
          ("tables: walk and record", ["xe_pt_*"])]
SYMBOLS = """ffffffff81000100 T beta
ffffffff81000000 t alpha
ffffffff81000080 d data
ffffffffc0000000 t gamma\t[xe]
"""


class Profile(unittest.TestCase):
    def test_blocks_belong_to_the_function_before(self):
        blocks = ["= 0", "ffffffff81000000 3 2", "ffffffff81000090 1 5", "ffffffff81000100 7 1",
                  "= 1", "ffffffffc0000010 2 2", "10 1 1", "= 2"]
        self.assertEqual(bench_profile.parse_blocks(blocks, bench_profile.parse_symbols(SYMBOLS)),
                         [{"alpha": 11, "beta": 7}, {"gamma [xe]": 4, "?": 1}, {}])

    def test_the_first_group_that_fits(self):
        groups = [*GROUPS, ("late", ["drm_ioctl", "rest"])]
        for function, group in (("drm_ioctl", "entry and copy"), ("rest", "late"),
                                ("rest.isra.0", "late"),
                                ("xe_pt_fill [xe]", "tables: walk and record"),
                                ("xe_pt_fill.constprop.0 [xe]", "tables: walk and record"),
                                ("unknown [xe]", bench_profile.REST_DRIVER),
                                ("unknown", bench_profile.REST)):
            self.assertEqual(bench_profile.group_of(function, groups), group)

    def test_idling_is_no_work(self):
        found = bench_profile.grouped({"do_idle": 1000, "drm_ioctl": 30, "foo [xe]": 10}, GROUPS)
        self.assertEqual(found, {"entry and copy": {"drm_ioctl": 30},
                                 bench_profile.REST_DRIVER: {"foo [xe]": 10}})
        lines = bench_profile.table({"do_idle": 1000, "drm_ioctl": 30, "foo [xe]": 10}, GROUPS, 1)
        self.assertRegex(lines[0], r"^ +30 +75\.0% +entry and copy$")
        self.assertRegex(lines[1], r"^ +30 +drm_ioctl$")

    def test_groups_are_sections(self):
        text = "".join(f"[{name}]\n{' '.join(patterns)}\n" for name, patterns in GROUPS)
        self.assertEqual(bench_profile.parse_groups(text), GROUPS)
        for bad in ("drm_*\n" + text, text.replace("[tree]", "[bush]")):
            with self.assertRaises(ui.HarnessError):
                bench_profile.parse_groups(bad)

    def test_what_is_committed_names_each_function_of_the_tables(self):
        groups = bench_profile.parse_groups((paths.LISTS / bench_profile.GROUPS).read_text())
        for function, group in (("xe_pt_plan_write [xe]", "tables: stores"),
                                ("xe_pt_plan_map [xe]", "tables: walk and record"),
                                ("drm_gpuva_insert", "tree"), ("drm_ioctl", "entry and copy"),
                                ("default_idle", "idle"), ("mutex_lock", "locking"),
                                ("schedule", "waiting, waking, interrupts")):
            self.assertEqual(bench_profile.group_of(function, groups), group)


def raw():
    """What the benchmark leaves of a run with both drivers."""
    def counted(n):
        return {"map": {name: [n] for name in bench_counters.NAMES}}
    return {"commit": "0123abc", "kernel": "6.12.1",
            "instructions": {
                "stock": {"map": {"per": 1, "ticks": [1000, 1010, 1020, 1000, 990]}},
                "ours": {"call": {"per": 1, "ticks": [50]}, "refused": {"per": 1, "ticks": [60]},
                         "map": {"per": 1, "ticks": [300] * 5}}},
            "counters": {"stock": counted(8), "ours": counted(16)},
            "profiles": {"map": {"drm_ioctl": 150, "rb_insert": 20, "xe_pt_fill [xe]": 30,
                                 "do_idle": 1000}}}


class Page(unittest.TestCase):
    def test_says_what_was_measured(self):
        known = {("map", "slab bytes"): (16, "it must be")}
        text = bench_doc.page(raw(), {"map": 0.25}, known, GROUPS)
        self.assertIn("commit 0123abc, kernel 6.12.1", text)
        self.assertRegex(text, r"``map`` +1,000 +1,000 - 1,010 +300 +300 +0\.300 +1/4, missed")
        self.assertRegex(text, r"``map`` +page-table bytes, processor +8 +16 +worse")
        self.assertRegex(text, r"\\ +slab bytes +8 +16 +known")
        self.assertIn("``map``, slab bytes, at most 16: it must be", text)
        # Entry, tree, walk, and two entries of eight bytes; idling does not count.
        self.assertRegex(text, r"``map`` +150 +20 +30 +2 +202 +200 +1\.0")
        self.assertIn("does nothing takes 50", text)
        self.assertRegex(text, r"entry and copy +150 +75% +drm_ioctl 150")
        self.assertIn("``map``, which misses its target\n------", text)

    def test_tables_are_as_wide_as_their_cells(self):
        text = bench_doc.page(raw(), {}, {}, GROUPS)
        for block in text.split("\n\n"):
            lines = block.splitlines()
            if not lines[0].startswith("=") or "  " not in lines[0]:
                continue
            self.assertEqual(lines[0], lines[2])
            self.assertEqual(lines[0], lines[-1])
            self.assertLessEqual(max(len(line) for line in lines), len(lines[0]))

    def test_half_a_run_is_refused(self):
        for part in ("counters", "profiles"):
            with self.assertRaises(ui.HarnessError):
                bench_doc.page({**raw(), part: {}}, {}, {}, GROUPS)

    def write(self, directory):
        """'xe bench --page' with samples in and a page out of @directory."""
        top = Path(directory)
        with unittest.mock.patch.object(paths, "BUILD", top), \
             unittest.mock.patch.object(paths, "TOP", top), \
             unittest.mock.patch.object(cli, "prepare", lambda args: self.fail("a guest")):
            return cli.command_bench(cli.parser().parse_args(["bench", "--page"]))

    def test_written_without_a_guest(self):
        with tempfile.TemporaryDirectory() as directory:
            with self.assertRaises(ui.HarnessError):
                self.write(directory)
            where = Path(directory) / "results" / bench.LABEL
            where.mkdir(parents=True)
            (where / bench.SAMPLES).write_text(json.dumps(raw()))
            page = Path(directory) / bench_doc.PAGE
            page.parent.mkdir(parents=True)
            self.assertEqual(self.write(directory), 0)
            self.assertIn("Performance figures", page.read_text())


if __name__ == "__main__":
    unittest.main()
