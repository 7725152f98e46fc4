# SPDX-License-Identifier: MIT
"""Checks of 'make lint': what they make of flags, of files and of what programs print."""

import importlib.machinery
import importlib.util
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from run import lint, paths


def load_script(name):
    """A script without suffix, as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(paths.SCRIPTS / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


layers = load_script("check-layers")


class Flags(unittest.TestCase):
    SAVED = ("savedcmd_/xe/a.o := gcc -Wp,-MMD,/xe/.a.o.d -I/usr/x -DK='\"a b\"' -c -o /xe/a.o /xe/a.c "
             "; objtool /xe/a.o")

    def test_only_options_remain(self):
        self.assertEqual(lint.compile_flags(self.SAVED), ["-I/usr/x", '-DK="a b"'])


class Unchanged(unittest.TestCase):
    def test_only_what_was_good_with_the_same_files_is_left_out(self):
        with tempfile.TemporaryDirectory() as directory:
            top = Path(directory)
            (top / "a.h").write_text("1")
            with mock.patch.object(lint, "WORK", top / "lint"), \
                    mock.patch.object(paths, "TOP", top), \
                    mock.patch.object(lint.roots, "kernel_version", lambda: "6"):
                same, remember = lint.unchanged("x", [top / "a.h"])
                self.assertFalse(same)
                self.assertFalse(lint.unchanged("x", [top / "a.h"])[0])
                remember()
                self.assertTrue(lint.unchanged("x", [top / "a.h"])[0])
                self.assertFalse(lint.unchanged("x", [top / "a.h"], "other")[0])
                (top / "a.h").write_text("2")
                self.assertFalse(lint.unchanged("x", [top / "a.h"])[0])


class Output(unittest.TestCase):
    def test_noise_of_spatch(self):
        self.assertEqual(lint.cocci_lines("Py.find_library: unable\n\n-\tkfree(x);\n"),
                         ["-\tkfree(x);"])

    def test_shell_scripts_are_known(self):
        found = {path.name for path in paths.SCRIPTS.iterdir() if path.is_file()
                 and lint.is_shell(path)}
        self.assertIn("enter-root", found)
        self.assertNotIn("check-layers", found)

    def test_python_programs_are_known(self):
        found = {path.name for path in paths.SCRIPTS.iterdir() if path.is_file()
                 and lint.is_python(path)}
        self.assertIn("check-layers", found)
        self.assertNotIn("enter-root", found)
        self.assertNotIn("host-python", found)

    @unittest.skipUnless(shutil.which("pyflakes3"), "pyflakes3, which make lint installs")
    def test_undefined_name_is_found(self):
        with tempfile.TemporaryDirectory() as directory:
            top = Path(directory)
            (top / "scripts").mkdir()
            with mock.patch.object(paths, "TOP", top):
                self.assertFalse(lint.pyflakes()[0])  # nothing looked at is not good
                (top / "scripts/a.py").write_text("print(1)\n")
                self.assertTrue(lint.pyflakes()[0])
                (top / "scripts/b").write_text("#!/usr/bin/env python3\nprint(one)\n")
                good, text = lint.pyflakes()
            self.assertFalse(good)
            self.assertIn("undefined name 'one'", text)


class Layers(unittest.TestCase):
    SOURCES = {"base/a.c": "int low(void); int low(void) { return 1; }",
               "hw/b.c": "int low(void); int mid(void); int mid(void) { return low(); }"}

    def calls(self, **more):
        with tempfile.TemporaryDirectory() as directory:
            tree = Path(directory)
            for name, text in {**self.SOURCES, **more}.items():
                path = tree / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
                subprocess.run(["gcc", "-c", "-o", str(path.with_suffix(".o")), str(path)], check=True)
            return layers.calls(tree, layers.DRIVER)

    def test_a_call_downwards(self):
        self.assertEqual(self.calls(), (1, []))

    def test_a_call_upwards_without_any_include(self):
        count, bad = self.calls(**{"base/c.c": "int mid(void); int up(void) { return mid(); }"})
        self.assertEqual((count, len(bad)), (2, 1))
        self.assertIn("layer base uses mid() of the layer hw above it", bad[0])

    def test_drawing(self):
        lines = layers.draw("driver", layers.DRIVER)
        self.assertEqual(lines[-1].split(), ["base", "-"])
        self.assertEqual(lines[2].split(), ["core"] + ["+"] * 9 + ["-"])
