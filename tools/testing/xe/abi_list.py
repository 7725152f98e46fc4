#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Copyright © 2026 The xe project authors
"""List everything a uAPI header declares, as input for abi_check.c.

Usage: abi_list.py HEADER > LIST

The output has one macro call (a statement) per struct, field, enumerator and number that HEADER defines.
Whatever the script does not understand is an error, so that nothing goes unnoticed.
"""

import re
import sys

FIELD = re.compile(r"^(?P<type>(?:(?:struct|enum|union) )?\w+) (?P<name>\w+)(?P<dim>(?:\[\w*\])?)$")


class Unknown(Exception):
    """Text that is neither of the constructs a uAPI header consists of."""


def strip(text):
    """Remove comments and the C++ guards, join continued lines."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"\\\n", " ", text)
    return re.sub(r'#if defined\(__cplusplus\)\n(?:extern "C" \{|\})\n#endif\n', "", text)


def take_preprocessor(text, out):
    """Record the numbers, and return the text without preprocessor lines."""
    rest = []
    guard = None
    for line in text.split("\n"):
        directive = line.strip()
        if not directive.startswith("#"):
            rest.append(line)
            continue
        words = directive.split(None, 2)
        if words[0] == "#ifndef" and guard is None:
            guard = words[1]
        elif words[0] == "#define" and words[1] == guard and len(words) == 2:
            pass
        elif words[0] == "#define" and len(words) == 3 and re.fullmatch(r"\w+", words[1]):
            out.append(f"ABI_NUMBER({words[1]});")
        elif words[0] not in ("#include", "#endif"):
            raise Unknown(directive)
    return "\n".join(rest)


def statements(body):
    """Split the inside of braces at the semicolons that are not inside inner braces."""
    depth = 0
    current = ""
    for char in body:
        depth += (char == "{") - (char == "}")
        if char == ";" and not depth:
            yield " ".join(current.split())
            current = ""
        else:
            current += char
    if current.strip():
        raise Unknown(current)


def list_fields(struct, body, out, lead=""):
    """Record the fields of a struct, those of members without a type of their own included.

    @lead: what stands before the names, for the fields of a member with a name.
    """
    for text in statements(body):
        inner = re.fullmatch(r"(?:union|struct) \{(.*)\}(?: (\w+))?", text)
        if inner:
            more = f"{inner.group(2)}." if inner.group(2) else ""
            list_fields(struct, inner.group(1), out, lead + more)
            continue
        field = FIELD.match(text)
        if not field:
            raise Unknown(f"{struct}: {text}")
        kind = "ABI_FLEX" if field["dim"] == "[]" else "ABI_FIELD"
        out.append(f'{kind}({struct}, {lead}{field["name"]}, "{field["type"]}{field["dim"]}");')


def list_enumerators(body, out):
    """Record the constants of an enum."""
    for text in body.split(","):
        name = re.fullmatch(r"(\w+)(?:\s*=.*)?", text.strip(), flags=re.S)
        if name:
            out.append(f"ABI_NUMBER({name.group(1)});")
        # A comma inside parentheses cuts a value in two; only the part with the name counts.
        elif text.strip() and ")" not in text:
            raise Unknown(text)


def list_header(text):
    """Return the macro calls for a whole header."""
    out = []
    text = take_preprocessor(strip(text), out)
    pos = 0
    while text[pos:].strip():
        head = re.compile(r"\s*(struct|enum) (\w+)\s*\{").match(text, pos)
        if not head:
            raise Unknown(text[pos:pos + 80])
        end = head.end()
        depth = 1
        while depth:
            depth += (text[end] == "{") - (text[end] == "}")
            end += 1
        body = text[head.end():end - 1]
        if head.group(1) == "struct":
            out.append(f"ABI_STRUCT({head.group(2)});")
            list_fields(head.group(2), body, out)
        else:
            out.append(f"ABI_ENUM({head.group(2)});")
            list_enumerators(body, out)
        tail = re.compile(r"\s*;").match(text, end)
        if not tail:
            raise Unknown(text[end:end + 80])
        pos = tail.end()
    return sorted(out)


def main():
    """Command line."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as header:
        text = header.read()
    try:
        print("\n".join(list_header(text)))
    except Unknown as what:
        sys.exit(f"{sys.argv[1]}: cannot understand: {what}")


if __name__ == "__main__":
    main()
