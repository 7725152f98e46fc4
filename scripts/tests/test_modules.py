# SPDX-License-Identifier: MIT
"""What modules of the harness take from each other is there: a command may be run once a month."""

import ast
import importlib
import unittest
from pathlib import Path

import run

PACKAGE = Path(run.__file__).parent


def missing(source):
    """Names "module.attribute" that @source uses of modules it imports from the package."""
    tree = ast.parse(source)
    modules = {alias.asname or alias.name: importlib.import_module(f"run.{alias.name}")
               for node in ast.walk(tree)
               if isinstance(node, ast.ImportFrom) and node.level == 1 and not node.module
               for alias in node.names}
    return sorted({f"{node.value.id}.{node.attr}" for node in ast.walk(tree)
                   if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
                   and node.value.id in modules
                   and not hasattr(modules[node.value.id], node.attr)})


class Attributes(unittest.TestCase):
    def test_a_missing_one_is_found(self):
        self.assertEqual(missing("from . import ui, paths\nui.say(paths.nowhere)\n"),
                         ["paths.nowhere"])

    def test_every_module(self):
        for path in sorted(PACKAGE.glob("*.py")):
            with self.subTest(module=path.stem):
                self.assertEqual(missing(path.read_text()), [])


if __name__ == "__main__":
    unittest.main()
