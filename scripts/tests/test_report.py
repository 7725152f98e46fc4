# SPDX-License-Identifier: MIT
"""The page of 'make report': what it reads, what it draws, what its check in a browser sees."""

import html
import json
import re
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from run import browser, paths, report, report_data, report_html, report_sections, results

class Html(unittest.TestCase):
    def test_text_is_no_markup(self):
        made = report_html.table("t", "a <b>", ["<i>"], [["<script>"]])
        self.assertNotIn("<script>", made)
        self.assertNotIn("<i>", made)

    def test_a_long_table_has_a_filter(self):
        self.assertIn('class="filter"', report_html.table("t", "c", ["n"], [[n] for n in range(20)]))
        self.assertNotIn('class="filter"', report_html.table("t", "c", ["n"], [[1]]))

    def test_the_page_asks_for_nothing_from_elsewhere(self):
        page = report_html.page("t", "s", [], [("a", "A", "<section id=a></section>")])
        self.assertFalse(re.search(r"(src|href)=\"(?!#)", page))
        self.assertIn("default-src 'none'", page)


class Igt(unittest.TestCase):
    RUNS = {"ours": [results.Result("x@a", "pass", 1.0), results.Result("x@b", "skip", 0.0, "why"),
                     results.Result("x@c", "fail", 0.0)],
            "stock": [results.Result("x@a", "pass", 1.0), results.Result("x@b", "pass", 0.0)]}

    def test_states(self):
        _, states = report_sections.igt_rows(self.RUNS, {"ours": {"x@c": "VRAM"}})
        self.assertEqual(states, ["pass", "skip pass differs unexplained", "fail - bad"])

    def test_reasons(self):
        rows, _ = report_sections.igt_rows(self.RUNS, {"ours": {"x@c": "VRAM"}})
        self.assertEqual([row[-1] for row in rows], ["", "why", "needs VRAM"])

    def test_tables_are_read_back(self):
        self.assertEqual(report_data.parse_table(results.table(self.RUNS["ours"])),
                         self.RUNS["ours"])


class Page(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.results = Path(directory.name)
        for patch in (mock.patch.object(paths, "RESULTS", self.results),
                      mock.patch.object(report_data.suite, "TOTALS", self.results / "totals.txt")):
            patch.start()
            self.addCleanup(patch.stop)

    def put(self, name, text):
        path = self.results / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def test_without_data_each_section_names_its_command(self):
        page = report.make()
        self.assertEqual(page.count("No data:"), len(report_sections.ALL))
        for command in ("make igt-all", "make kunit", "make inject", "make fuzz", "make bench"):
            self.assertIn(command, page)

    def test_with_data(self):
        self.put("all/ours.txt", results.table(Igt.RUNS["ours"]))
        self.put("inject/ours/inject.txt", "case\tmap\t12\t12\t0\t0\t0\t1\nsum\t1\t0\t0\n")
        self.put("fuzz/ours/xe_fuzz_vm.txt", "done: 4000 steps\n")
        self.put("fuzz/ours/said.txt", "xe_fuzz_vm=0\n")
        self.put("kunit/console.log", "KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: xe_a\n"
                 "    1..1\n    ok 1 one\nok 1 xe_a\n")
        self.put("bench/samples.json", json.dumps({"instructions": {
            "stock": {"map": {"per": 1, "ticks": [100]}},
            "ours": {"map": {"per": 1, "ticks": [50]}}}, "counters": {}}))
        page = report.make()
        self.assertEqual(page.count("No data:"), 2)
        self.assertNotIn("cannot be read", page)
        for words in ("0.500", "done: 4000 steps", "12 injection points"):
            self.assertIn(words, page)

    def test_a_file_that_cannot_be_read_spoils_its_section_only(self):
        self.put("bench/samples.json", "{")
        page = report.make()
        self.assertEqual(page.count("cannot be read"), 1)
        self.assertEqual(page.count("No data:"), len(report_sections.ALL) - 1)


def verdict(**changes):
    said = {"problems": [], "filters": 3, "width": 1280, "dark": False, "ready": True}
    said.update(changes)
    return f'<html data-ready="yes" data-verdict="{html.escape(json.dumps(said))}">'


class Browser(unittest.TestCase):
    def test_good(self):
        self.assertEqual(browser.judge(verdict(), "ERROR:dbus/bus.cc:405] no bus\n", False), [])

    def test_each_thing_that_may_be_wrong(self):
        for dom in (verdict(problems=["x"]), verdict(filters=0), verdict(dark=True),
                    verdict(ready=False), "<html>"):
            self.assertEqual(len(browser.judge(dom, "", False)), 1, dom)

    def test_the_console(self):
        log = '[1:1:1127/1:INFO:CONSOLE:12] "Uncaught ReferenceError: x", source: file:///p (12)\n'
        self.assertEqual(len(browser.judge(verdict(), log, False)), 1)

    def test_the_script_is_at_the_end_of_the_page(self):
        page = browser.probe(report_html.page("t", "s", [], []))
        self.assertLess(page.index("problems = []"), page.index("dataset.ready"))
        self.assertLess(page.index("dataset.ready"), page.index("SECTIONS = ["))
