# SPDX-License-Identifier: MIT
"""Lines that were executed: what gcov writes, added up and told."""

import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from run import coverage, paths, results, session, ui

TREE = "/xe/driver-debug-counting/drivers/gpu/drm/xe/"


def document(name, lines, functions=()):
    return json.dumps({"files": [{
        "file": name, "lines": [{"line_number": n, "count": c} for n, c in lines],
        "functions": [{"name": f, "start_line": a, "end_line": b} for f, a, b in functions]}]}) + "\n"


class Parse(unittest.TestCase):
    def test_objects_and_guests_are_added_up(self):
        text = (document(TREE + "vm/xe_vm.h", [(1, 0), (2, 3)])
                + document(TREE + "vm/xe_vm.h", [(1, 4), (3, 0)]))
        files = coverage.parse(text)
        self.assertEqual(files["vm/xe_vm.h"].lines, {1: 4, 2: 3, 3: 0})
        coverage.parse(document(TREE + "vm/xe_vm.h", [(3, 1)]), files)
        self.assertEqual(files["vm/xe_vm.h"].uncovered(), [])

    def test_headers_of_the_kernel_and_tests_are_left_out(self):
        text = (document("include/linux/list.h", [(1, 1)])
                + document(TREE + "tests/vm_ops_kunit.c", [(1, 1)]))
        self.assertEqual(coverage.parse(text), {})

    def test_survives_being_kept(self):
        files = coverage.parse(document(TREE + "pt/xe_pt.c", [(7, 1), (8, 0)], [("f", 7, 8)]))
        self.assertEqual(coverage.load(coverage.dump(files, {"igt": "1 pass"}, "abc")),
                         (files, {"igt": "1 pass"}, "abc"))


class Parts(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.results = Path(directory.name)
        patch = mock.patch.object(paths, "RESULTS", self.results)
        patch.start()
        self.addCleanup(patch.stop)
        (self.results / coverage.LABEL).mkdir()

    def keep(self, part, lines, state):
        files = coverage.parse(document(TREE + "vm/a.c", lines, [("f", 1, 2)]))
        path = self.results / coverage.LABEL / f"{part}.json"
        path.write_text(coverage.dump(files, {part: f"{part} ran"}, state))

    def test_parts_are_added_up(self):
        self.keep("igt", [(1, 2), (2, 0)], "now")
        self.keep("tables", [(1, 1), (2, 0), (3, 1)], "now")
        files, runs = coverage.collect("now")
        self.assertEqual(files["vm/a.c"].lines, {1: 3, 2: 0, 3: 1})
        self.assertEqual(files["vm/a.c"].functions, {"f": (1, 2)})
        self.assertEqual(list(runs), ["igt", "tables"])

    def test_a_part_of_another_source_does_not_count(self):
        self.keep("igt", [(1, 2)], "before")
        self.keep("tables", [(1, 0)], "now")
        files, runs = coverage.collect("now")
        self.assertEqual((files["vm/a.c"].uncovered(), list(runs)), ([1], ["tables"]))

    def test_a_part_that_fails_leaves_no_old_counts(self):
        self.keep("igt", [(1, 2)], coverage.identity())
        with mock.patch.dict(coverage.PARTS, igt=mock.Mock(side_effect=ui.HarnessError("no"))):
            self.assertRaises(ui.HarnessError, coverage.run, ["igt"], ["tier1"])
        self.assertEqual(coverage.collect(coverage.identity()), ({}, {}))

    def test_every_change_of_the_source_is_another_state(self):
        source = self.results / "vm"
        source.mkdir()
        states = set()
        for name, text in (("a.c", "1"), ("a.c", "2"), ("b.h", "2")):
            (source / name).write_text(text)
            states.add(coverage.identity(self.results))
        self.assertEqual(len(states), 3)

    def test_notes_of_another_build_are_no_counts(self):
        for complaint in ("a.gcno:cannot open notes file", "a.gcda:stamp mismatch with notes file"):
            with self.assertRaises(ui.HarnessError):
                coverage._gcov(["sh", "-c", f"echo '{complaint}' >&2"], "x")


class Guests(unittest.TestCase):
    def test_counters_are_gathered_when_the_driver_has_gone(self):
        """So that what ends a device counts, too."""
        script = session._guest_script(9, "programs", coverage.GATHER)
        self.assertLess(script.index("programs"), script.index("\nleave\n"))
        self.assertLess(script.index("\nleave\n"), script.index("\ngather\n"))

    def test_what_igt_and_the_kernel_log_complain_of_is_told(self):
        found = [results.Result("a@b", "pass", 1.0), results.Result("a@c", "fail", 1.0, "why"),
                 results.Result("a@d", "skip", 1.0)]
        with (mock.patch.object(coverage, "_prepare"),
              mock.patch.object(coverage, "read", return_value={"vm/a.c": coverage.File()}) as read,
              mock.patch.object(coverage.lists, "load", return_value=["a@b"]),
              mock.patch.object(session, "run_tests", return_value=(found, ["BUG: x"])) as run):
            files, words, bad = coverage._igt(["one", "two"])
        self.assertEqual(run.call_args.args[:2], ("ours", ["a@b"]))
        self.assertEqual(run.call_args.kwargs["last"], coverage.GATHER)
        self.assertEqual(read.call_args.args[0], "igt")
        self.assertEqual((list(files), words), (["vm/a.c"], "IGT one, two: 1 pass, 1 fail, 1 skip"))
        self.assertEqual(bad, ["a@c: fail (why)", "complaint: BUG: x"])


class Verdict(unittest.TestCase):
    def files(self, covered):
        """Ten lines in each wanted directory, of which so many of vm/ were executed."""
        text = "".join(document(TREE + f"{name}/a.c", [(n, int(n < 10 or name != "vm"))
                                                        for n in range(10)])
                       for name in coverage.WANTED if name != "vm")
        return coverage.parse(text + document(TREE + "vm/a.c", [(n, int(n < covered))
                                                                for n in range(10)]))

    def test_enough(self):
        self.assertEqual(coverage.short_of(self.files(9)), [])

    def test_too_little_of_one_directory(self):
        bad = coverage.short_of(self.files(8))
        self.assertEqual(len(bad), 1)
        self.assertIn("vm: 8 of 10", bad[0])

    def test_a_directory_without_lines_is_too_little(self):
        self.assertEqual(len(coverage.short_of({})), len(coverage.WANTED))

    def test_table_marks_what_is_too_little(self):
        lines = coverage.table(self.files(8))
        self.assertEqual([line.split()[0] for line in lines if "too little" in line], ["vm"])


class Functions(unittest.TestCase):
    def test_those_with_most_missing_lines_first(self):
        files = coverage.parse(document(TREE + "vm/a.c", [(1, 1), (2, 0), (5, 0), (6, 0), (9, 1)],
                                        [("one", 1, 2), ("two", 5, 6), ("all", 9, 9)]))
        self.assertEqual(coverage.functions(files),
                         [(2, 2, "vm/a.c", "two"), (1, 2, "vm/a.c", "one")])

    def test_other_directories_do_not_count(self):
        files = coverage.parse(document(TREE + "core/a.c", [(1, 0)], [("one", 1, 1)]))
        self.assertEqual(coverage.functions(files), [])
