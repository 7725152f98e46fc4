# SPDX-License-Identifier: MIT
"""Explanations of what does not pass: read, applied, and each of them documented."""

import unittest

from run import igt_all, needs, paths, results, ui

TEXT = """
# comment
[VRAM]
skip xe_evict@*
[a newer kernel]
fail xe_drm_fdinfo@*-while-active
"""


def result(test, word):
    return results.Result(test, word, 0.0)


class Needs(unittest.TestCase):
    def setUp(self):
        self.rows = needs.parse(TEXT)

    def test_sections_and_rows(self):
        self.assertEqual(self.rows, [needs.Row("VRAM", "skip", "xe_evict@*"),
                                     needs.Row("a newer kernel", "fail",
                                               "xe_drm_fdinfo@*-while-active")])

    def test_a_skip_row_explains_no_failure(self):
        found = [result("xe_evict@a", "skip"), result("xe_evict@b", "fail")]
        explained = needs.explain(found, self.rows)
        self.assertEqual(explained, {"xe_evict@a": "VRAM"})
        self.assertEqual([r.test for r in needs.unexplained(found, explained)], ["xe_evict@b"])

    def test_a_fail_row_explains_no_skip_and_no_missing_run(self):
        for word in ("skip", "notrun", "pass"):
            found = [result("xe_drm_fdinfo@x-while-active", word)]
            self.assertEqual(needs.explain(found, self.rows), {})

    def test_rows_without_a_case_are_found(self):
        found = [result("xe_evict@a", "skip")]
        self.assertEqual([row.need for row in needs.idle(found, self.rows)], ["a newer kernel"])

    def test_a_debug_build_of_ours_excuses_no_injected_error(self):
        found = [result("xe_vm@bind-array-conflict-error-inject", "fail")]
        rows = needs.load()
        for driver, debug, excused in (("ours", True, False), ("ours", False, True),
                                       ("stock", True, True)):
            explained = needs.explain(found, igt_all.rows_of(rows, driver, debug))
            self.assertEqual(bool(explained), excused, (driver, debug))

    def test_an_excuse_of_one_driver_is_none_of_the_other(self):
        rows = needs.parse("[x]\nfail of stock xe_vm@*\n")
        found = [result("xe_vm@a", "fail")]
        for driver, excused in (("stock", True), ("ours", False)):
            explained = needs.explain(found, igt_all.rows_of(rows, driver, False))
            self.assertEqual(bool(explained), excused, driver)

    def test_what_takes_luck_may_fail_and_is_not_asked_for(self):
        rows = needs.parse("[x]\nluck xe_query@query-cs-*\nfail xe_vm@*\n")
        found = [result("xe_query@query-cs-cycles", "timeout"), result("xe_vm@a", "pass"),
                 result("xe_query@query-cs-more", "pass")]
        self.assertEqual(needs.explain(found, rows), {"xe_query@query-cs-cycles": "x"})
        self.assertEqual(igt_all.required("ours", {"stock": found}, rows), ["xe_vm@a"])

    def test_malformed_lines(self):
        for text in ("skip xe_vm@*", "[x]\nallow xe_vm@*", "[x]\nskip xe_vm",
                     "[x]\nfail of nobody xe_vm@*", "[x]\nfail of stock"):
            with self.assertRaises(ui.HarnessError):
                needs.parse(text)


class Documented(unittest.TestCase):
    def test_every_need_has_its_row_in_the_page_of_the_model(self):
        page = (paths.TOP / "Documentation/gpu/xe/model.rst").read_text()
        for need in {row.need for row in needs.load()}:
            self.assertRegex(page, rf"(?m)^{need}  ", f"need '{need}'")


if __name__ == "__main__":
    unittest.main()
