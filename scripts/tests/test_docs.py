# SPDX-License-Identifier: MIT
"""What scripts/check-docs finds on a page."""

import importlib.machinery
import importlib.util
import tempfile
import unittest
from pathlib import Path

from run import paths


def load():
    loader = importlib.machinery.SourceFileLoader("check_docs", str(paths.SCRIPTS / "check-docs"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_docs", loader))
    loader.exec_module(module)
    return module


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.docs = load()

    def complaints(self, text, name="page.rst"):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / name
            path.write_text(text)
            check = self.docs.check_page if name.endswith("rst") else self.docs.check_top_page
            return list(check(path, {"xe_vm_create"}, {"run", "series-check"}))

    def test_all_there(self):
        self.assertEqual(self.complaints(
            "Describes\n``vm/xe_vm.c``.\n``xe_vm_create()``, ``make run LIST=x``, :doc:`overview`\n"), [])

    def test_missing(self):
        for text in ("``vm/xe_gone.c``", "``xe_gone()``", "``make gone``", ":doc:`gone`",
                     ".. kernel-doc:: drivers/gpu/drm/xe/gone.c",
                     ".. kernel-doc:: drivers/gpu/drm/xe/vm/xe_vm.c\n   :doc: Gone\n"):
            self.assertEqual(len(self.complaints(f"Describes ``vm/xe_vm.c``.\n\n{text}\n")), 1, text)

    def test_describes_nothing(self):
        self.assertEqual(len(self.complaints("A page about ``vm/xe_vm.c``.\n")), 1)
        self.assertEqual(self.complaints("A list.\n", "todo.rst"), [])

    def test_markdown(self):
        self.assertEqual(self.complaints("`make series-check`, [a](README.md), `xe_vm_create()`\n",
                                         "a.md"), [])
        for text in ("`make gone`", "[a](gone.md)", "`xe_gone()`", "`drivers/gone.c`"):
            self.assertEqual(len(self.complaints(text + "\n", "a.md")), 1, text)

    def test_functions_in_comments_do_not_count(self):
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / "a.c").write_text(
                "/* xe_old() was here */\n// xe_older()\nint xe_new(void);\n"
                "DEFINE_EVENT(xe_vm, xe_vm_ban,\n")
            found = self.docs.read_functions([directory])
            self.assertIn("xe_new", found)
            self.assertIn("xe_vm_ban", found)
            self.assertFalse({"xe_old", "xe_older"} & found)


if __name__ == "__main__":
    unittest.main()
