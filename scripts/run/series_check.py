# SPDX-License-Identifier: MIT
"""'make series-check': applies the series with git am, builds every step, checks every patch.

Each step is compiled as a module and built in, in build trees that are kept from step to step and
from run to run: a file that is what it was in the last run keeps the time it had then, so that make
compiles what has changed. Before the last patch the driver has no options, so it is asked for on
make's command line there; the configuration has other drivers select what it will select itself.
After the last patch it is configured like any other driver.
"""

import concurrent.futures
import filecmp
import hashlib
import json
import os
import re
import shutil
import subprocess

from . import paths, series, ui

TREE = paths.in_root(series.TREE)
# Build trees: as a module, built in, and built in with CONFIG_DRM_XE_DEBUG.
OBJECTS = {name: series.WORK / f"obj-{name}" for name in ("m", "y", "debug")}
# Those that each step is built in, and those for the last one. Nearly every file depends on the
# debug option, so that has a tree of its own, which no other configuration has been in.
STEPS, LAST = ("m", "y"), ("m", "debug")
TIMES = series.WORK / "times.json"
VIEW = series.WORK / "view"
# Digests of patches that their checks had nothing to say about; they are not checked again.
PASSED = series.WORK / "passed.json"
CONFIG = paths.SCRIPTS / "series" / "steps.config"
LOG = paths.LOG / "series"
# Types that say nothing about these patches: new files do not need an entry in MAINTAINERS each,
# they get one at the end; and iterators, rows of tables and log macros use a plain name twice.
IGNORED = ["FILE_PATH_CHANGES", "MACRO_ARG_REUSE"]
LIST = "dri-devel@lists.freedesktop.org"
WARNINGS = re.compile(r"^.*\bwarning: .*$", re.M)


def in_root(*command, log):
    """Runs @command in the kernel root, its output in @log; returns whether it went well."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w") as out:
        return subprocess.run(paths.enter(paths.KERNEL_ROOT, *command), stdin=subprocess.DEVNULL,
                              stdout=out, stderr=subprocess.STDOUT).returncode == 0


def jobs():
    """How many programs may run at once."""
    return int(os.environ.get("XE_JOBS") or os.cpu_count())


def value(kind):
    """CONFIG_DRM_XE in the build tree @kind."""
    return "m" if kind == "m" else "y"


def kbuild(kind, *arguments, log):
    """make in the build tree @kind."""
    return in_root("make", "-C", TREE, f"O={paths.in_root(OBJECTS[kind])}",
                   f"-j{jobs()}", *arguments, log=log)


def _fragment(kind, last):
    """The configuration on top of the architecture's default one."""
    text = CONFIG.read_text()
    if last:
        options = hashlib.sha256((paths.TOP / series.OPTIONS).read_bytes()).hexdigest()
        text += f"# options {options}\n"
        text += (f"CONFIG_DRM_XE={value(kind)}\nCONFIG_DRM_XE_KUNIT_TEST=y\n"
                 f"CONFIG_DRM_XE_DEBUG={'y' if kind == 'debug' else 'n'}\n")
    return text


def configure(kind, last):
    """Configures the build tree; complains if what was asked for did not come out.

    The result is kept beside it, because this is done twice in each run and takes its time.
    """
    tree = OBJECTS[kind]
    tree.mkdir(parents=True, exist_ok=True)
    fragment = tree / f"{'last' if last else 'steps'}.config"
    kept = fragment.with_suffix(".result")
    text = _fragment(kind, last)
    if not (kept.exists() and fragment.exists() and fragment.read_text() == text):
        fragment.write_text(text)
        log = LOG / f"configure-{kind}.log"
        make = f"make O={paths.in_root(tree)}"
        merge = (f"cd {TREE} && {make} x86_64_defconfig && scripts/kconfig/merge_config.sh -m "
                 f"-O {paths.in_root(tree)} {paths.in_root(tree)}/.config {paths.in_root(fragment)} "
                 f"&& {make} olddefconfig")
        if not in_root("sh", "-c", merge, log=log):
            raise ui.HarnessError(f"series-check: configure:\n{ui.tail(log)}")
        shutil.copyfile(tree / ".config", kept)
    elif kept.read_text() != (tree / ".config").read_text():
        shutil.copyfile(kept, tree / ".config")
    have = kept.read_text().splitlines()
    return [f"configuration ={kind}: {line} was not taken" for line in text.splitlines()
            if line.startswith("CONFIG_") and not line.endswith("=n") and line not in have]


def _set_up(kind, last):
    """Makes a build tree ready for objects of a directory: minutes the first time, then seconds."""
    bad = configure(kind, last)
    log = LOG / f"prepare-{kind}.log"
    with ui.Step(f"series-check: prepare to build ={kind}"):
        if not kbuild(kind, "modules_prepare", "scripts_unifdef", log=log):
            raise ui.HarnessError(f"series-check: modules_prepare:\n{ui.tail(log)}")
    return bad


def build_step(number, kind, last):
    """Complaints of the compiler about what is in the driver's directory after patch @number."""
    log = LOG / f"{number:04}-build-{kind}.log"
    asked = [] if last else [f"CONFIG_DRM_XE={value(kind)}", "CONFIG_DRM_XE_KUNIT_TEST=y"]
    good = kbuild(kind, *asked, "W=1", "KCFLAGS=-Werror", f"{series.DRIVER}/", log=log)
    text = log.read_text(errors="replace")
    bad = [f"patch {number} ={kind}: {line}" for line in WARNINGS.findall(text)]
    if not good:
        bad.append(f"patch {number} ={kind}: does not build, see {log}:\n{ui.tail(log, 8)}")
    return bad


def linked(kind):
    """Objects that the driver in the build tree @kind consists of, from the driver's directory."""
    tree = OBJECTS[kind] / series.DRIVER
    # The list of a module's objects, and the command that makes the archive of those built in.
    text = (tree / ("xe.mod" if value(kind) == "m" else ".built-in.a.cmd")).read_text()
    return {word.removeprefix(f"{series.DRIVER}/") for word in text.split() if word.endswith(".o")}


def objects_missing(number, kind):
    """Complains about sources that are there and are no part of the driver."""
    sources = series.git("ls-files", f"{series.DRIVER}/*.c").split()
    have = linked(kind)
    return [f"patch {number} ={kind}: {name} is not compiled into the driver" for name in sources
            if name.removeprefix(f"{series.DRIVER}/")[:-1] + "o" not in have]


def check_headers(number, names):
    """Complaints about the uAPI headers @names, as user space gets and includes them."""
    log = LOG / f"{number:04}-headers.log"
    out = paths.in_root(OBJECTS["m"])
    bad = []
    for name in names:
        installed = f"{out}/usr/include/{name.removeprefix('include/uapi/')}"
        script = (f"mkdir -p {os.path.dirname(installed)} && cd {out} && "
                  f"sh {TREE}/scripts/headers_install.sh {TREE}/{name} {installed}")
        # C90 and C++, as the kernel's own test of headers; drm.h is the one of the C library.
        for language in ("-std=c90 -x c", "-std=c++11 -x c++"):
            script += (f" && echo '#include \"{installed}\"' | cc -fsyntax-only -Wall -Wextra -Werror "
                       f"{language} -idirafter /usr/include/drm -")
        if not in_root("sh", "-c", script, log=log):
            bad.append(f"patch {number}: {name}:\n{ui.tail(log, 5)}")
    return bad


# checkpatch asks these about each file: the first, whether it is obsolete, takes longer than all
# else, see obsolete(); the second needs modules that the root does not have.
SLOW = ("get_maintainer.pl", "spdxcheck.py")


def write_view():
    """VIEW is the kernel's tree without the scripts that are SLOW."""
    shutil.rmtree(VIEW, ignore_errors=True)
    (VIEW / "scripts").mkdir(parents=True)
    for path in series.TREE.iterdir():
        if path.name != "scripts":
            (VIEW / path.name).symlink_to(paths.in_root(path))
    for path in (series.TREE / "scripts").iterdir():
        if path.name not in SLOW:
            (VIEW / "scripts" / path.name).symlink_to(paths.in_root(path))


def checkpatch(number, patch, path):
    log = LOG / f"{number:04}-checkpatch.log"
    # What goes to stderr is that the root has no git.
    good = in_root("sh", "-c", f"cd {TREE} && perl scripts/checkpatch.pl --strict --terse "
                   f"--show-types --no-summary --root={paths.in_root(VIEW)} "
                   f"--ignore {','.join(IGNORED + patch.ignored)} {paths.in_root(path)} 2>/dev/null", log=log)
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    if not good and not lines:
        lines = ["checkpatch: it failed without a word"]
    return [f"patch {number}: checkpatch: {line.partition(': ')[2]}" for line in lines]


def obsolete(maintainers, names):
    """Complains about entries of @maintainers that are obsolete and cover one of @names."""
    return [f"MAINTAINERS calls obsolete what {section.splitlines()[0]} covers"
            for section in maintainers.split("\n\n")
            if re.search(r"^S:.*obsolete", section, re.I | re.M) and
            any(series.covers(field, name) for name in names
                for field in re.findall(r"^F:\s*(.*)$", section, re.M))]


def get_maintainer(number, patch, path):
    """Complains unless the patch would reach the list of the driver.

    MAINTAINERS itself and tests in user space have no person of their own, only lists.
    """
    log = LOG / f"{number:04}-maintainer.log"
    in_root("sh", "-c", f"cd {TREE} && perl scripts/get_maintainer.pl --no-git --no-git-fallback "
            f"{paths.in_root(path)}", log=log)
    text = log.read_text(errors="replace")
    bad = []
    if LIST not in text and patch.files != [series.MAINTAINERS]:
        bad.append(f"patch {number}: get_maintainer does not name {LIST}:\n{ui.tail(log, 5)}")
    if "maintainer" not in text and _touches(patch, "drivers", "include", "Documentation"):
        bad.append(f"patch {number}: get_maintainer names no maintainer:\n{ui.tail(log, 5)}")
    return bad


def compare(patches):
    """Complains about every difference between the result and this tree."""
    carried = [name for patch in patches for name in patch.files] + [series.MAKEFILE]
    special = {series.MAINTAINERS}
    bad = [f"{name} differs from the one in this tree" for name in carried
           if name not in special and
           not filecmp.cmp(series.TREE / name, paths.TOP / name, shallow=False)]
    bad += [f"{name}: mode differs" for name in carried if name not in special and
            (series.TREE / name).stat().st_mode & 0o111 != (paths.TOP / name).stat().st_mode & 0o111]
    changed = series.git("diff", "--name-only", series.PREPARED, "HEAD").split()
    bad += [f"{name} was changed, and nobody asked for it" for name in changed
            if name not in carried + [series.DRM_OPTIONS]]
    kernel = ("drivers/gpu/drm/Kconfig", "drivers/gpu/drm/Makefile")
    if series.git("diff", series.BASE, "HEAD", "--", *kernel):
        bad.append(f"{' and '.join(kernel)} are not those of the base")
    source = (paths.TOP / "Kconfig.xe").read_text().splitlines()[-1]
    if source not in (series.TREE / kernel[0]).read_text().splitlines():
        bad.append(f"{kernel[0]} does not have the line of Kconfig.xe: {source}")
    return bad


class Times:
    """When files of the series in TREE were changed last, as far as make is concerned."""

    def __init__(self):
        self.known = json.loads(TIMES.read_text()) if TIMES.exists() else {}

    def keep(self, names):
        """Gives those of @names whose contents were there before the time they had then."""
        for name in names:
            path = series.TREE / name
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            then, when = self.known.get(name, ("", 0))
            if then == digest:
                os.utime(path, ns=(when, when))
            else:
                self.known[name] = (digest, path.stat().st_mtime_ns)
        TIMES.write_text(json.dumps(self.known))


def _back_to_prepared():
    series.git("checkout", "-q", "-f", "--detach", series.PREPARED)
    series.git("clean", "-f", "-d", "-x", "-q")


def digest(patch, text, maintainers):
    """What the verdict about the patch file @text depends on; commits and dates do not matter."""
    lines = [line for line in text.splitlines()
             if not re.match(r"From [0-9a-f]{40} |Date: |base-commit: |index [0-9a-f]+\.\.", line)]
    whole = "\n".join([*lines, *IGNORED, *patch.ignored, maintainers])
    return hashlib.sha256(whole.encode()).hexdigest()


def _check_patches(patches, files):
    """The mailbox in one go, as a maintainer applies it; then each patch. Returns complaints."""
    _back_to_prepared()
    series.git("am", "-q", str(series.MAILBOX), env=dict(os.environ, **series.author()))
    maintainers = (series.TREE / series.MAINTAINERS).read_text()
    bad = compare(patches)
    bad += obsolete(maintainers, [name for patch in patches for name in patch.files])
    write_view()
    passed = set(json.loads(PASSED.read_text())) if PASSED.exists() else set()

    def check(number, patch, path):
        key = digest(patch, path.read_text(), maintainers)
        if key in passed:
            return key, []
        return key, checkpatch(number, patch, path) + get_maintainer(number, patch, path)

    with concurrent.futures.ThreadPoolExecutor(jobs()) as pool:
        for key, found in pool.map(check, range(1, len(patches) + 1), patches, files):
            bad += found
            if not found:
                passed.add(key)
                PASSED.write_text(json.dumps(sorted(passed)))
    return bad


def _build_steps(patches, files):
    """git am, patch by patch; after each the build. Returns complaints."""
    env = dict(os.environ, **series.author())
    _back_to_prepared()
    times, bad = Times(), []
    for kind in STEPS:
        bad += _set_up(kind, False)
    for number, (patch, path) in enumerate(zip(patches, files), 1):
        with ui.Step(f"series-check: {number}/{len(patches)} {patch.subject}"):
            series.git("am", "-q", str(path), env=env)
            times.keep(patch.files)
            if (series.TREE / series.MAKEFILE).exists() and _touches(patch, series.DRIVER, "include"):
                bad += _build(number, number == len(patches))
            bad += check_headers(number, [name for name in patch.files if _touches(patch, "include/uapi")])
    return bad


def _touches(patch, *directories):
    return any(name.startswith(f"{directory}/") for name in patch.files for directory in directories)


def _build(number, last):
    """Complaints about the driver's directory after patch @number."""
    bad = []
    for kind in LAST if last else STEPS:
        if last:
            bad += _set_up(kind, True)
        found = build_step(number, kind, last)
        bad += found or objects_missing(number, kind)
    return bad


def run(build):
    """All of it, without building unless @build; returns the reasons why the series is not good."""
    patches = series.make()
    files = sorted(series.PATCHES.glob("*.patch"))[1:]
    shutil.rmtree(LOG, ignore_errors=True)
    # What is quick comes first.
    with ui.Step("series-check: git am, comparison with this tree, checkpatch, maintainers"):
        bad = _check_patches(patches, files)
    if not build:
        return bad
    for line in bad:
        ui.say(f"   {line}")
    bad += _build_steps(patches, files)
    if not bad:
        ui.say(f"{len(patches)} patches: each applies, builds as a module and built in (W=1), passes "
               "checkpatch --strict and finds its maintainers; the result is this tree")
    return bad
