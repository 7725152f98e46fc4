# SPDX-License-Identifier: MIT
"""Sparse binding through Mesa: books, the model's view of them, reports and tables."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

from run import paths, roots, ui, vulkan

BOOK = """memory m0 0x100000 0x20000
range 0x800000 0x10000 m0 0x10000
range 0x810000 0x10000 null
tile i0 0 m0 0x0
tile i0 1 null
"""
REPORT = """check\tdevice opens\tpass\ttwo queues
check\tpages\tpass\tok 3 pages
check\tpages\tFAIL\tBAD 1 of 3 pages
fact\tdevice\tModel
time\tbind\t4\t1000000\t2000000
time\tbind\t4\t3000000\t4000000
"""


def row(first, length, to):
    return {"first": hex(first), "last": hex(first + length - 1),
            "leads to": to if to == vulkan.NULL else hex(to)}


def address_space(image=0x900000):
    """What the model says of an address space that fits BOOK."""
    return [row(0x100000, 0x10000, 0x5000000), row(0x110000, 0x10000, 0x7000000),
            row(0x800000, 0x10000, 0x7000000), row(0x810000, 0x40000, vulkan.NULL),
            row(image, 0x10000, 0x5000000), row(image + 0x10000, 0x10000, vulkan.NULL)]


class Model:
    """Stands in for the control socket. spaces: {root: rows}, cached: rows of rcs0's TLB."""

    def __init__(self, spaces, cached=()):
        self.spaces = spaces
        self.cached = list(cached)

    def ask(self, what, *words):
        if what == "spaces":
            return {"spaces": [{"root": root, "contexts": [1]} for root in self.spaces]}
        if what == "map":
            rows = self.spaces[words[0]]
            rest = [r for r in rows if int(r["last"], 16) >= int(words[1], 16)]
            return {"map": rest[:2], **({"cut at": rest[2]["first"]} if rest[2:] else {})}
        if words:
            return {"tlb": self.cached}
        return {"tlb": [{"engine": "rcs0", "root": f"{root}000"} for root in self.spaces]}


def answerer(spaces, cached=()):
    return vulkan.Answerer(Path("/nowhere"), Model(spaces, cached))


class Books(unittest.TestCase):
    def test_parse(self):
        book = vulkan.parse_book(BOOK)
        self.assertEqual(book.memories, {"m0": (0x100000, 0x20000)})
        self.assertEqual(book.ranges, [(0x800000, 0x10000, ("m0", 0x10000)),
                                       (0x810000, 0x10000, None)])
        self.assertEqual(book.images, {"i0": {0: ("m0", 0), 1: None}})

    def test_unknown_line(self):
        with self.assertRaises(ValueError):
            vulkan.parse_book("elephant e0 1\n")

    def test_extents_are_joined(self):
        book = vulkan.parse_book(BOOK)
        self.assertEqual(vulkan.extents_of(book, {"i0": 0x820000}),
                         [(0x100000, 0x120000), (0x800000, 0x840000)])

    def test_pages_of_a_run_that_reaches_out(self):
        pages = vulkan.pages_of([row(0x1000, 0x4000, 0x9000)], [(0x2000, 0x4000)])
        self.assertEqual(pages, {0x2000: 0xa000, 0x3000: 0xb000})


class Verdicts(unittest.TestCase):
    def verdict(self, rows, cached=()):
        return answerer({"0x1": rows}, cached).verdict("one", vulkan.parse_book(BOOK))

    def test_good(self):
        self.assertEqual(self.verdict(address_space()), "ok 96 pages, 0 of them cached")

    def test_wrong_page_of_a_buffer(self):
        rows = address_space()
        rows[2] = row(0x800000, 0x10000, 0x7001000)
        self.assertRegex(self.verdict(rows), "^BAD 16 of 96 pages: 0x800000 leads to 0x7001000 "
                                             "instead of 0x7000000")

    def test_missing_page(self):
        rows = address_space()
        rows[2] = row(0x800000, 0xf000, 0x7000000)
        self.assertRegex(self.verdict(rows), "^BAD 1 of 96 pages: 0x80f000 leads to nothing")

    def test_bound_instead_of_null(self):
        rows = address_space()
        rows[3] = row(0x810000, 0x10000, 0x8000000)
        self.assertRegex(self.verdict(rows), "^BAD 16 of 96 .* instead of null")

    def test_null_instead_of_bound(self):
        rows = address_space()
        rows[2] = row(0x800000, 0x10000, vulkan.NULL)
        self.assertRegex(self.verdict(rows), "^BAD 16 of 96 .* leads to null instead of 0x7000000")

    def test_memory_that_is_not_mapped(self):
        rows = address_space()
        del rows[1]
        self.assertRegex(self.verdict(rows), "^BAD 32 of 96 ")

    def test_memory_that_is_the_same_twice(self):
        rows = address_space()
        rows[1] = row(0x110000, 0x10000, 0x5000000)
        self.assertRegex(self.verdict(rows), "^BAD .*no page of m0 alone")

    def test_wrong_tile(self):
        rows = address_space()
        rows[5] = row(0x910000, 0x10000, 0x7000000)
        self.assertRegex(self.verdict(rows), "^BAD 16 of 96 pages: 0x910000")

    def test_image_nowhere(self):
        self.assertEqual(self.verdict(address_space()[:4]), "BAD the image i0 is not at one place")

    def test_image_twice(self):
        rows = address_space() + [row(0xb00000, 0x10000, 0x5000000)]
        self.assertEqual(self.verdict(rows), "BAD the image i0 is not at one place")

    def test_image_stays_where_it_is(self):
        one = answerer({"0x1": address_space()})
        self.assertRegex(one.verdict("one", vulkan.parse_book(BOOK)), "^ok")
        one.control.spaces["0x1"] = address_space(0xa00000)
        self.assertRegex(one.verdict("one", vulkan.parse_book(BOOK)), "^BAD 32 of 96")

    def test_cached_page(self):
        cached = [{"what": "page", "va": "0x800000", "covers": "64 KiB", "leads to": "0x7000000"},
                  {"what": "table of level 1", "va": "0x800000", "covers": "2 MiB",
                   "leads to": "0x1000"}]
        self.assertEqual(self.verdict(address_space(), cached), "ok 96 pages, 16 of them cached")

    def test_stale_page(self):
        cached = [{"what": "page", "va": "0x811000", "covers": "4 KiB", "leads to": "0x7000000"}]
        self.assertRegex(self.verdict(address_space(), cached),
                         "^BAD 1 of 1 cached pages: 0x811000 is cached as 0x7000000")


class Processes(unittest.TestCase):
    def test_each_finds_its_own(self):
        other = address_space()
        other[2] = row(0x800000, 0x10000, 0x5000000)
        both = answerer({"0x1": other, "0x2": address_space()})
        self.assertRegex(both.verdict("left", vulkan.parse_book(BOOK)), "^ok")
        self.assertEqual(both.roots, {"left": "0x2"})
        swapped = BOOK.replace("0x10000 m0 0x10000", "0x10000 m0 0x0")
        self.assertRegex(both.verdict("right", vulkan.parse_book(swapped)), "^ok")
        self.assertEqual(both.roots, {"left": "0x2", "right": "0x1"})

    def test_root_comes_again(self):
        again = answerer({"0x1": address_space()})
        for process in ("one", "left"):
            self.assertRegex(again.verdict(process, vulkan.parse_book(BOOK)), "^ok")
        self.assertEqual(again.roots, {"left": "0x1"})

    def test_bound_to_the_first_one(self):
        both = answerer({"0x1": address_space()})
        both.verdict("left", vulkan.parse_book(BOOK))
        both.control.spaces = {"0x1": address_space()[:2], "0x2": address_space()}
        self.assertRegex(both.verdict("left", vulkan.parse_book(BOOK)), "^BAD")

    def test_not_to_tell_apart(self):
        both = answerer({"0x1": address_space(), "0x2": address_space()})
        self.assertEqual(both.verdict("left", vulkan.parse_book(BOOK)),
                         "BAD two address spaces fit")

    def test_none(self):
        self.assertEqual(answerer({}).verdict("one", vulkan.parse_book(BOOK)),
                         "BAD there is no address space")

    def test_files(self):
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            one = vulkan.Answerer(directory, Model({"0x1": address_space()}))
            (directory / "ask.one.0").write_text(BOOK)
            (directory / "ask.one.1").write_text("elephant e0\n")
            (directory / "ask.one.2.part").write_text(BOOK)
            one.start()
            for _ in range(200):
                if (directory / "done.one.1").exists():
                    break
                vulkan.time.sleep(0.02)
            one.stop()
            self.assertEqual((directory / "done.one.0").read_text(),
                             "ok 96 pages, 0 of them cached\n")
            self.assertRegex((directory / "done.one.1").read_text(), "^BAD the harness cannot tell")
            self.assertFalse((directory / "done.one.2.part").exists())


class Reports(unittest.TestCase):
    def outcome(self, text=REPORT):
        outcome = vulkan.Outcome()
        vulkan.read_report(outcome, "one", text)
        return outcome

    def test_report(self):
        outcome = self.outcome()
        self.assertEqual(outcome.checks["one: device opens"], (True, "two queues"))
        self.assertEqual(outcome.checks["one: pages"], (False, "BAD 1 of 3 pages"))
        self.assertEqual(outcome.facts, {"device": "Model"})
        self.assertEqual(outcome.times, {("bind", 4): [(1000000, 2000000), (3000000, 4000000)]})

    def test_one_failure_is_enough(self):
        outcome = self.outcome("check\ta\tFAIL\tx\ncheck\ta\tpass\ty\n")
        self.assertEqual(outcome.checks["one: a"], (False, "x"))

    def test_report_without_an_end(self):
        self.assertEqual(self.outcome("").checks,
                         {"one: came to the end": (False, "its report ends before")})

    def test_broken_line(self):
        self.assertFalse(self.outcome("check\thalf").checks["one: report is readable"][0])

    def judge(self, remarks, status=0, log="", reports=vulkan.PROCESSES):
        with tempfile.TemporaryDirectory() as name:
            out = Path(name)
            (out / "dmesg.txt").write_text(log)
            for process in reports:
                (out / f"report.{process}").write_text("check\tcame to the end\tpass\t\n")
            checks = vulkan.judge(out, status, remarks).checks
        return [name for name, (good, _) in checks.items() if not good]

    def test_judge(self):
        good = "driver=ours modprobe=0\nvks=0\nunload=0\nlog=0\n"
        self.assertEqual(self.judge(good), [])
        self.assertEqual(self.judge(good.replace("vks=0", "vks=1")), ["program ends well"])
        self.assertEqual(self.judge("vks=0\n"), ["kernel log and unload"])
        self.assertEqual(self.judge(good, log="WARNING: CPU: 0\n"), ["kernel log and unload"])
        self.assertEqual(self.judge(good, status=3), ["model saw no violation"])
        self.assertEqual(self.judge(good, status=None), ["model saw no violation"])
        self.assertEqual(self.judge(good, reports=("one", "left")), ["right: came to the end"])


class Tables(unittest.TestCase):
    def outcomes(self):
        stock, ours = vulkan.Outcome(), vulkan.Outcome()
        for outcome, good in ((stock, True), (ours, False)):
            outcome.check("one: pages", good, "why")
            outcome.check("one: image", True, "why")
            outcome.facts = {"device": "Model", "queues": str(good)}
            outcome.times = {("bind", 4): [(n * 1000000, n * 2000000) for n in range(1, 6)]}
        ours.check("only here", True)
        return {"stock": stock, "ours": ours}

    def test_checks(self):
        self.assertEqual(vulkan.table(self.outcomes()).splitlines(), [
            "check       stock    ours",
            "one: pages  pass     FAIL",
            "    ours: why",
            "one: image  pass     pass",
            "only here   not run  pass"])

    def test_differences(self):
        self.assertEqual(vulkan.differences(self.outcomes()), [
            "check 'one: pages': stock: pass, ours: FAIL",
            "check 'only here': stock: nothing, ours: pass",
            "fact 'queues': stock: True, ours: False"])

    def test_times(self):
        text = vulkan.times_table(self.outcomes())
        self.assertRegex(text, r"bind 4 +3\.00 \(2\.00 to 4\.00\) .* 6\.00 \(4\.00 to 8\.00\)$")

    def test_too_few_samples(self):
        self.assertEqual(vulkan.spread([1]), "-")


class Program(unittest.TestCase):
    def test_packages_are_added_once(self):
        with tempfile.TemporaryDirectory() as name, \
                mock.patch.object(paths, "KERNEL_ROOT", Path(name)), \
                mock.patch.object(roots, "as_root", lambda *words: list(words)), \
                mock.patch.object(ui, "run_logged") as ran:
            roots.add("kernel-vulkan")
            roots.add("kernel-vulkan")
            self.assertEqual(ran.call_count, 1)
            self.assertIn("libvulkan-dev", ran.call_args.args[1][-1])


if __name__ == "__main__":
    unittest.main()
