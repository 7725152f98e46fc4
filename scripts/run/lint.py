# SPDX-License-Identifier: MIT
"""Checks of 'make lint' that take more than a line: each returns (good, text).

What did not change since a check was good is not checked again: see unchanged().
"""

import concurrent.futures
import hashlib
import os
import re
import shlex
import subprocess

from . import build, kernel, paths, roots, ui

WORK = paths.BUILD / "lint"
DRIVER = paths.TOP / "drivers/gpu/drm/xe"
MODEL = paths.TOP / "tools/xe-model"
# What the host needs for these checks: program and package.
HOST = {"cppcheck": "cppcheck", "shellcheck": "shellcheck", "pyflakes3": "pyflakes3"}
# cppcheck knows neither jansson nor what small numbers become in the arguments of printf; and the
# thread that waits for an engine lends it a variable meanwhile, as a test does that has it filled.
CPPCHECK = ["--quiet", "--std=c11", "--enable=warning,performance,portability", "--template=gcc",
            "--error-exitcode=1", "-D_GNU_SOURCE", "--suppress=invalidPrintfArgType_uint",
            "--suppress=autoVariables:*gfx/engine.c", "--suppress=ctuuninitvar:*tests/test_ctl.c"]
JANSSON = """
#define json_array_foreach(a, i, v) for (i = 0; (v = json_array_get(a, i)); i++)
#define json_object_foreach(o, k, v) for (k = "", v = o; v; v = 0)
"""


def sources(*patterns):
    """Files of the tree that match, in order."""
    return sorted(path for pattern in patterns for path in paths.TOP.glob(pattern))


def identity(files, *words):
    """Changes with names and contents of @files, and with @words."""
    state = hashlib.sha256("\0".join(words).encode())
    for path in files:
        state.update(str(path.relative_to(paths.TOP)).encode() + b"\0" + path.read_bytes())
    return state.hexdigest()


def unchanged(name, files, *words):
    """(was the check @name good with just these files?, function that remembers that it is)."""
    stamp, now = WORK / f"{name}.good", identity(files, roots.kernel_version(), *words)

    def remember():
        WORK.mkdir(parents=True, exist_ok=True)
        stamp.write_text(now)

    return stamp.exists() and stamp.read_text() == now, remember


def in_kernel_root(script):
    """Runs a shell script inside the kernel root, where the tree is /src."""
    return subprocess.run(
        paths.enter(paths.KERNEL_ROOT, "sh", "-c", script, binds=((paths.TOP, "/src"),)),
        capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)


def warnings():
    """The driver compiles with W=1 without a message."""
    build.driver()
    log = (paths.LOG / "driver.log").read_text(errors="replace")
    lines = [line for line in log.splitlines() if re.search(r"\b(warning|error):", line)]
    return not lines, "\n".join(lines)


def layers():
    """Includes of the sources and references of the objects point down the layers."""
    build.driver()
    build.model()
    objects = paths.BUILD / "driver/drivers/gpu/drm/xe"
    done = subprocess.run(
        [str(paths.SCRIPTS / "check-layers"), "--driver-objects", str(objects),
         "--model-objects", str(paths.BUILD / "xe-model/opt")], capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def compile_flags(saved):
    """Options of the compiler in a line that kbuild has saved, but for input and output."""
    words = shlex.split(saved.partition(":=")[2].partition(";")[0])
    end = words.index("-c")
    return [word for word in words[1:end] if not word.startswith("-Wp,-MMD")]


def _headers_of_driver():
    """A command for each header: twice, as the guard has to hold, and with nothing before it."""
    saved = paths.BUILD / "driver/drivers/gpu/drm/xe/vm/.xe_vm.o.cmd"
    flags = " ".join(shlex.quote(word) for word in compile_flags(saved.read_text().splitlines()[0]))
    names = [str(path.relative_to(DRIVER)) for path in sorted(DRIVER.rglob("*.h"))
             if path.parts[-2] != "tests" and path.name != "xe_trace.h"]
    one = f"gcc {flags} -fsyntax-only -include $1 -include $1 -x c /dev/null"
    return (f"cd /lib/modules/{roots.kernel_version()}/build && printf '%s\\n' {' '.join(names)} | "
            f"xargs -n1 -P2 sh -c {shlex.quote(one)} sh"), len(names)


def headers():
    """Each header of the driver and of the model can be included alone, and twice."""
    build.driver()
    files = sources("drivers/gpu/drm/xe/**/*.h", "include/**/*.h", "tools/xe-model/**/*.h")
    same, remember = unchanged("headers", files, "2")
    if same:
        return True, ""
    script, count = _headers_of_driver()
    done = in_kernel_root(script)
    bad = done.stderr if done.returncode or not count else ""
    for path in sorted(MODEL.rglob("*.h")):
        name = str(path.relative_to(MODEL))
        alone = subprocess.run(
            ["gcc", "-std=gnu11", "-Wall", "-Werror", "-D_GNU_SOURCE", f"-I{MODEL}", f"-I{DRIVER}",
             "-fsyntax-only", "-include", name, "-include", name, "-x", "c", "/dev/null"],
            capture_output=True, text=True, stdin=subprocess.DEVNULL)
        bad += alone.stderr
    if not bad:
        remember()
    return not bad, bad


def cppcheck():
    """The model."""
    same, remember = unchanged("cppcheck", sources("tools/xe-model/**/*.[ch]"), *CPPCHECK)
    if same:
        return True, ""
    macros = WORK / "jansson.h"
    macros.parent.mkdir(parents=True, exist_ok=True)
    macros.write_text(JANSSON)
    done = subprocess.run(["cppcheck", *CPPCHECK, f"--include={macros}", f"-I{MODEL}", f"-I{DRIVER}",
                           str(MODEL)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        remember()
    return done.returncode == 0, done.stderr


def _is_program(path, suffix, interpreter):
    """Has a file the @suffix, or a first line that names the @interpreter?"""
    if path.suffix == suffix:
        return True
    with open(path, "rb") as file:
        return bool(re.match(rb"#!.*\b" + interpreter, file.readline()))


def is_shell(path):
    """Is a file of scripts/ a shell script? Those that are sourced have no such first line."""
    return _is_program(path, ".sh", rb"(ba|da)?sh\b")


def shellcheck():
    """All shell scripts."""
    files = [path for path in sources("scripts/*", "scripts/**/*", ".ci/*")
             if path.is_file() and path.suffix not in (".py", ".c") and is_shell(path)]
    done = subprocess.run(["shellcheck", "--shell=bash", "--severity=warning",
                           *map(str, dict.fromkeys(files))],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode == 0 and bool(files), done.stdout + done.stderr


def is_python(path):
    """Is a file a Python program or module?"""
    return _is_program(path, ".py", rb"python")


def pyflakes():
    """All Python: names that are not defined or not used, which only a run of that line would tell."""
    files = [path for path in sources("scripts/**/*", "tools/**/*", "Documentation/**/*")
             if path.is_file() and is_python(path)]
    done = subprocess.run(["pyflakes3", *map(str, files)],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode == 0 and bool(files), done.stdout + done.stderr


_OPTIONS = re.compile(r"^///* Options: *(.*)$", re.M)
# spatch looks for Python under several names, and leaves out rules for other modes.
_NOISE = re.compile(r"^(Py\.find_library|warning: (Can't find|line \d+: should .* be a))|^\s*$")


def semantic_patches():
    """{name: options} of the kernel's semantic patches that report what they match."""
    tree = WORK / "coccinelle"
    if not tree.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        ui.run_logged("lint: unpack the kernel's semantic patches",
                      ["tar", "-C", str(WORK), "--strip-components=2", "--wildcards", "-xf",
                       str(kernel.archive()), "*/scripts/coccinelle/*"],
                      paths.LOG / "lint-unpack.log")
    found = {}
    for path in sorted(tree.rglob("*.cocci")):
        text = path.read_text()
        if "\nvirtual report" in text and "script:ocaml" not in text:
            match = _OPTIONS.search(text)
            found[str(path.relative_to(tree))] = match[1].strip() if match else ""
    return found


def cocci_lines(text):
    """What spatch has to say, without its noise."""
    return [line for line in text.splitlines() if not _NOISE.search(line)]


def coccicheck():
    """The kernel's semantic patches report nothing in the driver."""
    roots.add("kernel-lint")
    patches = semantic_patches()
    same, remember = unchanged("coccicheck", sources("drivers/gpu/drm/xe/**/*.[ch]"),
                               *sorted(patches))
    if same:
        return True, ""
    tree, lines = paths.in_root(WORK / "coccinelle"), []

    def look(name):
        return in_kernel_root(f"spatch -D report --very-quiet {patches[name]} --cocci-file "
                              f"{tree}/{name} --dir /src/drivers/gpu/drm/xe 2>&1")

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, done in zip(patches, pool.map(look, patches)):
            found = cocci_lines(done.stdout)
            lines += [f"{name}:"] + found if found or done.returncode else []
    if not lines and patches:
        remember()
    return not lines and bool(patches), "\n".join(lines)
