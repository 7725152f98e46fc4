# SPDX-License-Identifier: MIT
"""The manifest of the patch series, and what is made of it; no kernel source is needed."""

import shutil
import tempfile
import unittest
import unittest.mock
from pathlib import Path

from run import paths, revision, series, series_check, ui

MANIFEST = """# comment
== first: one
include/*.h
! SPACING a reason
--
Body of one.

Second paragraph.

== second: two
drivers/gpu/drm/xe/base/*
drivers/gpu/drm/xe/tests/**
--
Body of two.

== not in the series
README.md
--
Why.
"""
MAKEFILE = """# head
LINUXINCLUDE := -I$(src)/x \\
	-I$(src)/y

xe-base-y := \\
	base/a.o \\
	base/b.o

xe-vm-y := \\
	vm/c.o

xe-tests-$(CONFIG_DRM_XE_KUNIT_TEST) += \\
	tests/d.o

xe-y := $(xe-base-y) \\
	$(xe-vm-y) $(xe-tests-y)

obj-$(CONFIG_DRM_XE) += xe.o
"""
KERNEL = """List of maintainers

	M: person

3C59X NETWORK DRIVER
M:	A
F:	a

ARM/INTEL SOMETHING
M:	B
F:	b

LATE ENTRY OUT OF ORDER
M:	X
F:	x

INTEL A DRIVER
M:	C
F:	c

INTEL Z DRIVER
M:	D
F:	d
"""


def assigned(names):
    patches, outside = series.parse_manifest(MANIFEST)
    series.assign(patches, outside, names)
    return patches


class Manifest(unittest.TestCase):
    NAMES = ["include/a.h", "drivers/gpu/drm/xe/base/a.c", "drivers/gpu/drm/xe/tests/x/y.c", "README.md"]

    def test_parse(self):
        patches, outside = series.parse_manifest(MANIFEST)
        self.assertEqual([patch.subject for patch in patches], ["first: one", "second: two"])
        self.assertEqual(patches[0].ignored, ["SPACING"])
        self.assertEqual(patches[0].body, "Body of one.\n\nSecond paragraph.")
        self.assertEqual(outside, ["README.md"])

    def test_each_file_has_a_patch(self):
        patches = assigned(self.NAMES + [series.MAKEFILE])
        self.assertEqual(patches[0].files, ["include/a.h"])
        self.assertEqual(len(patches[1].files), 2)

    def test_file_that_no_patch_carries(self):
        # A star stays in its directory.
        for name in ("drivers/gpu/drm/xe/base/deep/a.c", "drivers/new.c", "include/deep/a.h"):
            with self.assertRaisesRegex(ui.HarnessError, f"no patch carries {name}"):
                assigned(self.NAMES + [name])

    def test_pattern_that_finds_nothing(self):
        with self.assertRaisesRegex(ui.HarnessError, "tests.* finds no file"):
            assigned(["include/a.h", "drivers/gpu/drm/xe/base/a.c", "README.md"])

    def test_file_in_two_patches(self):
        patches, outside = series.parse_manifest(MANIFEST.replace("base/*", "*/*"))
        with self.assertRaisesRegex(ui.HarnessError, "tests/x.c is in two patches: .*/tests/"):
            series.assign(patches + [series.Patch("third", ["drivers/gpu/drm/xe/tests/*"], [], "")],
                          outside, self.NAMES + ["drivers/gpu/drm/xe/tests/x.c"])

    def test_patch_too_long_to_read(self):
        patches = [series.Patch("long", [], [], "", ["a", "b"])]
        series.check_sizes(patches, lambda name: "\n" * (series.READABLE // 2))
        with self.assertRaisesRegex(ui.HarnessError, "'long' has 3002 lines"):
            series.check_sizes(patches, lambda name: "\n" * (series.READABLE // 2 + 1))

    def test_include_before_its_patch(self):
        patches = [series.Patch("a", [], [], "", [f"{series.DRIVER}/base/a.c"]),
                   series.Patch("b", [], [], "", [f"{series.DRIVER}/vm/b.h"])]
        with self.assertRaisesRegex(ui.HarnessError, "base/a.c includes vm/b.h"):
            series.check_order(patches, lambda name: '#include "vm/b.h"\n')
        series.check_order(patches[1:], lambda name: '#include "vm/b.h"\n#include <linux/x.h>\n')

    def test_the_real_one(self):
        """The tree at hand: nothing forgotten, nothing twice, includes in order."""
        if not (paths.TOP / ".git").exists() or not shutil.which("git"):
            self.skipTest("not a clone, or no git")
        patches = series.load()
        self.assertGreater(len(patches), 20)
        for patch in patches:
            self.assertLessEqual(len(patch.subject), 72, patch.subject)
            self.assertLessEqual(max(map(len, patch.body.splitlines())), 75, patch.subject)


class Makefile(unittest.TestCase):
    def cut(self, *there):
        return series.makefile_of(MAKEFILE, {f"{series.DRIVER}/{name}" for name in there})

    def test_all(self):
        self.assertEqual(self.cut("base/a.c", "base/b.c", "vm/c.c", "tests/d.c"), MAKEFILE)

    def test_last_object_of_a_list(self):
        text = self.cut("base/a.c")
        self.assertIn("xe-base-y := \\\n\tbase/a.o\n\n", text)
        self.assertIn("xe-y := $(xe-base-y)\n\nobj-", text)
        self.assertNotIn("vm", text)
        self.assertNotIn("KUNIT", text)
        self.assertIn("-I$(src)/x \\\n\t-I$(src)/y\n", text)

    def test_second_line_of_the_sum(self):
        text = self.cut("base/b.c", "tests/d.c")
        self.assertIn("xe-y := $(xe-base-y) \\\n\t$(xe-tests-y)\n", text)
        self.assertIn("xe-tests-$(CONFIG_DRM_XE_KUNIT_TEST) += \\\n\ttests/d.o\n", text)


class Maintainers(unittest.TestCase):
    def test_sections(self):
        text = "How to read\n\n\tF: files\n\nA\nS:\tM\nF:\tdrivers/\nF:\tscripts/\n\nB\nF:\ttools/\n"
        self.assertEqual(series.maintainers_sections(text, ["drivers/a.c"]),
                         ["A\nS:\tM\nF:\tdrivers/\n"])

    def test_place(self):
        merged = series.merge_maintainers(KERNEL, ["INTEL M DRIVER\nS:\tM\nF:\tm\n"])
        self.assertEqual(merged, KERNEL.replace("INTEL Z", "INTEL M DRIVER\nS:\tM\nF:\tm\n\nINTEL Z"))


class Cover(unittest.TestCase):
    def test_filled_in(self):
        template = (series.INPUT / "cover.txt").read_text()
        letter = ("Subject: *** SUBJECT HERE ***\n\n*** BLURB HERE ***\n\n a.c | 1 +\n"
                  " create mode 100644 a.c\n")
        with unittest.mock.patch.object(series.roots, "kernel_version", return_value="6.12.1"):
            text = series.cover_letter(letter, template, [1, 2, 3])
        self.assertIn("The 3\npatches", text)
        self.assertIn("6.12.1", text)
        self.assertNotIn("@", text)
        self.assertNotIn("***", text)
        self.assertNotIn("create mode", text)


class Results(unittest.TestCase):
    def test_recorded_ones_are_quoted(self):
        with tempfile.TemporaryDirectory() as directory:
            totals = Path(directory) / "totals.txt"
            with unittest.mock.patch.object(series.suite, "TOTALS", totals):
                self.assertIn("make test: not run in this tree", series.test_results())
                tally = series.suite.Tally()
                tally.ok(7)
                tally.write(totals, revision.title("make test"))
                text = series.test_results()
        self.assertNotIn("make test: not run", text)
        self.assertRegex(text, r"(?m)^make test, \d{4}-\d\d-\d\d.*:\n7 passed, 0 failed$")

    def test_the_commit_is_named(self):
        commit = revision.name().partition(" ")[0]
        if not commit:
            self.skipTest("not a clone, or no git")
        self.assertIn(f", commit {commit}", revision.title("make test"))


class Obsolete(unittest.TestCase):
    TEXT = "OLD THING\nS:\tObsolete\nF:\tdrivers/old/\n\nNEW THING\nS:\tMaintained\nF:\tdrivers/\n"

    def test_it_is_found(self):
        found = series_check.obsolete(self.TEXT, ["drivers/new/a.c", "drivers/old/a.c"])
        self.assertEqual(len(found), 1)
        self.assertIn("OLD THING", found[0])

    def test_nothing_is(self):
        self.assertEqual(series_check.obsolete(self.TEXT, ["drivers/new/a.c"]), [])


class Digest(unittest.TestCase):
    PATCH = ("From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"
             "From: A <a@b>\nDate: today\nSubject: x\n\nindex 0000000..1234567\n+line\n")

    def digest(self, *change, ignored=(), maintainers=""):
        text = self.PATCH.replace(*change) if change else self.PATCH
        return series_check.digest(series.Patch("x", [], list(ignored), ""), text, maintainers)

    def test_commit_and_date_do_not_matter(self):
        for change in (("From 0123", "From 4567"), ("today", "tomorrow"), ("1234567", "7654321")):
            self.assertEqual(self.digest(*change), self.digest())

    def test_what_is_checked_matters(self):
        for change in (("+line", "+lime"), ("x\n\n", "y\n\n"), ("A <a@b>", "A <a@c>")):
            self.assertNotEqual(self.digest(*change), self.digest())
        self.assertNotEqual(self.digest(ignored=["SPACING"]), self.digest())
        self.assertNotEqual(self.digest(maintainers="M:"), self.digest())


class Objects(unittest.TestCase):
    """What a build tree says it has linked, in the two forms of kbuild."""

    def linked(self, kind, name, text):
        with tempfile.TemporaryDirectory() as directory:
            tree = Path(directory) / series.DRIVER
            tree.mkdir(parents=True)
            (tree / name).write_text(text)
            with unittest.mock.patch.dict(series_check.OBJECTS, {kind: Path(directory)}):
                return series_check.linked(kind)

    def test_module(self):
        text = f"{series.DRIVER}/base/a.o\n{series.DRIVER}/vm/b.o\n"
        self.assertEqual(self.linked("m", "xe.mod", text), {"base/a.o", "vm/b.o"})

    def test_built_in(self):
        text = (f"savedcmd_{series.DRIVER}/built-in.a := rm -f {series.DRIVER}/built-in.a;  printf "
                f"\"{series.DRIVER}/%s \" base/a.o vm/b.o | xargs ar cDPrST built-in.a\n")
        self.assertEqual(self.linked("y", ".built-in.a.cmd", text), {"base/a.o", "vm/b.o"})


if __name__ == "__main__":
    unittest.main()
