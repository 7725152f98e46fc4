# SPDX-License-Identifier: MIT
"""The harness's half of the fuzzer: what it makes of a question and of the model's tables."""

import re
import tempfile
import unittest
from pathlib import Path

from run import fuzz

SIGNATURE = (0x10000, 4)
QUESTION = """serial 5
signature 0x10000 4
scratch 0
window 0x100000 0x110000
bo 0x100000 2 o1 0 rw 0
bo 0x104000 1 o1 1 ro 3
null 0x105000 1 rw
user 0x106000 1 rw
open 0x107000 2
purgeable 0x10b000 2
"""


def run_of(first, pages, to, access="rw", pat=0):
    return {"first": hex(first), "last": hex(first + pages * 0x1000 - 1),
            "leads to": to if to == "null" else hex(to), "access": access, "pat": pat}


GOOD = [run_of(0x100000, 2, 0x80000000), run_of(0x104000, 1, 0x80001000, "ro", 3),
        run_of(0x105000, 1, "null"), run_of(0x106000, 1, 0x90000000),
        run_of(0x107000, 1, 0x80000000)]
# 5 is 1010 from the lowest bit on, between the page that begins it and the one that ends it.
SIGNED = [run_of(0x10000, 2, "null", "ro"), run_of(0x12000, 1, "null"),
          run_of(0x13000, 1, "null", "ro"), run_of(0x14000, 2, "null")]


def changed(index, **fields):
    """GOOD with one run changed; None as a field takes the run away."""
    rows = [dict(row) for row in GOOD]
    rows[index].update({key.replace("_", " "): value for key, value in fields.items()})
    return rows


def wrong(rows):
    question = fuzz.parse(QUESTION)
    judge = fuzz.Judge(question)
    pages = fuzz.pages_of(rows, question.window)
    for va in range(*question.window, 0x1000):
        judge.page(va, pages.get(va))
    return judge.wrong


class Questions(unittest.TestCase):
    def test_parsed(self):
        question = fuzz.parse(QUESTION)
        self.assertEqual(question.pages[0x101000], ("bo", ("o1", 1), "rw", 0))
        self.assertEqual(question.open, {0x107000, 0x108000})
        self.assertEqual(question.purgeable, {0x10b000, 0x10c000})
        self.assertEqual((question.serial, question.scratch), (5, False))

    def test_nonsense(self):
        with self.assertRaises(ValueError):
            fuzz.parse("page 0x1000")

    def test_signature(self):
        self.assertEqual(fuzz.serial_of(SIGNED, SIGNATURE), 5)
        self.assertIsNone(fuzz.serial_of(SIGNED[:-1], SIGNATURE))
        self.assertIsNone(fuzz.serial_of(GOOD, SIGNATURE))


class Comparison(unittest.TestCase):
    def test_all_as_it_should_be(self):
        self.assertEqual(wrong(GOOD), [])

    def test_page_that_was_forgotten(self):
        self.assertIn("0x109000 leads to 0x95000000 instead of nothing",
                      wrong(GOOD + [run_of(0x109000, 1, 0x95000000)])[0])

    def test_page_that_is_missing(self):
        self.assertIn("leads to nothing, it should be bo", wrong(GOOD[1:])[0])

    def test_lost_read_only(self):
        self.assertEqual(wrong(changed(1, access="rw")), ["0x104000 is rw, it should be ro"])

    def test_lost_pat(self):
        self.assertIn("PAT index 0", wrong(changed(1, pat=0))[0])

    def test_lost_null(self):
        self.assertIn("it should be null", wrong(changed(2, leads_to="0x99000000"))[0])

    def test_two_places_for_a_page(self):
        self.assertIn("page 1 of o1 is also at", wrong(changed(1, leads_to="0x80002000"))[0])

    def test_memory_of_somebody_else(self):
        self.assertIn("belongs to", wrong(changed(3, leads_to="0x80000000"))[0])

    def test_stale_translation(self):
        question = fuzz.parse(QUESTION)
        pages = fuzz.pages_of(GOOD, question.window)
        entry = {"what": "page", "va": "0x100000", "covers": "4 KiB", "leads to": "0x80000000",
                 "access": "rw"}
        self.assertEqual(fuzz.stale([entry], pages, question), [])
        for change in ({"leads to": "0x81000000"}, {"access": "ro"}, {"va": "0x10a000"}):
            self.assertEqual(len(fuzz.stale([{**entry, **change}], pages, question)), 1, change)
        self.assertEqual(fuzz.stale([{**entry, "va": "0x107000"}], pages, question), [])

    def test_what_may_be_purged_is_there_or_not_and_tlbs_know(self):
        there = run_of(0x10b000, 1, 0x97000000)
        self.assertEqual(wrong(GOOD + [there]), [])
        question = fuzz.parse(QUESTION)
        entry = {"what": "page", "va": "0x10b000", "covers": "4 KiB", "leads to": "0x97000000",
                 "access": "rw"}
        self.assertEqual(fuzz.stale([entry], fuzz.pages_of(GOOD + [there], question.window),
                                    question), [])
        self.assertIn("the tables say nothing",
                      fuzz.stale([entry], fuzz.pages_of(GOOD, question.window), question)[0])

    def test_samples_have_the_borders(self):
        self.assertLessEqual({0x101000, 0x102000, 0x104000}, set(fuzz.sample(fuzz.parse(QUESTION))))


class Violations(unittest.TestCase):
    """Each violation is put down to the program that runs when it comes."""

    def ask(self, *words):
        if words[0] == "violations":
            return {"violations": self.count, "last reports": ["VIOLATION one\n more"]}
        return {"spaces": []}

    def answer(self, referee, directory, text):
        path = Path(directory) / "ask.1.1"
        path.write_text(text)
        referee._answer(path)
        return (Path(directory) / "done.1.1").read_text()

    def test_old_ones_are_forgotten(self):
        self.count = 3
        with tempfile.TemporaryDirectory() as directory:
            referee = fuzz.Referee(Path(directory), self)
            self.assertEqual(self.answer(referee, directory, "begin\n"), "ok\n")
            self.assertIn("no address space", self.answer(referee, directory, QUESTION))
            self.count = 4
            self.assertIn("1 violations, the last one: VIOLATION one more",
                          self.answer(referee, directory, QUESTION))
            self.assertIn("no address space", self.answer(referee, directory, QUESTION))


class Verdict(unittest.TestCase):
    VM = "9 programs: 90 steps, 30 binds (3 refused), 300 pages read, 4 asked, 0 purged"
    IOCTL = "50 calls, 20 of them accepted"
    FILES = {"xe_fuzz_vm.txt": f"seed 1\n{VM}\n", "xe_fuzz_ioctl.txt": f"seed 1\n{IOCTL}\n"}
    SAID = "driver=ours modprobe=0 seconds=1\nxe_fuzz_vm=0\nxe_fuzz_ioctl=0\nunload=0\nlog=0\n"

    def judge(self, files, remarks, status=0):
        with tempfile.TemporaryDirectory() as directory:
            for name, text in files.items():
                (Path(directory) / name).write_text(text)
            return fuzz.judge(Path(directory), status, remarks, [])

    def test_good(self):
        facts, bad = self.judge(self.FILES, self.SAID)
        self.assertEqual((facts, bad), ([f"xe_fuzz_vm: {self.VM}", f"xe_fuzz_ioctl: {self.IOCTL}"], []))

    def test_what_was_never_done_is_told(self):
        for name, text, less in (("xe_fuzz_vm.txt", self.VM, "0 pages"), ("xe_fuzz_vm.txt", "", ""),
                                 ("xe_fuzz_ioctl.txt", self.IOCTL, "0 of them")):
            files = {**self.FILES, name: re.sub(r"\d+" + less[1:], less, text) if less else text}
            self.assertEqual(len(self.judge(files, self.SAID)[1]), 1, name)

    def test_each_program_of_the_corpus_has_to_be_told_of(self):
        lines = ["replay a: ok", "replay b: ok"]
        self.assertEqual(fuzz.idleness("corpus", lines, ["a", "b"]), [])
        self.assertEqual(len(fuzz.idleness("corpus", lines[:1], ["a", "b"])), 1)

    def test_failure_is_quoted(self):
        files = {"xe_fuzz_vm.txt": "seed 1\nFAILED: VM_BIND returned -22\n  more"}
        _, bad = self.judge(files, "xe_fuzz_vm=1\nxe_fuzz_ioctl=0\nunload=0\nlog=0\ndriver=ours modprobe=0\n")
        self.assertIn("VM_BIND returned -22", bad[0])

    def test_silence_is_no_success(self):
        self.assertEqual(len([line for line in self.judge({}, "")[1] if "no verdict" in line]), 2)

    def test_violations(self):
        self.assertIn("status 3", self.judge({}, "", 3)[1][-1])


if __name__ == "__main__":
    unittest.main()
