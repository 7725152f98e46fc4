# SPDX-License-Identifier: MIT
"""'make series-check': applies the series with git am, builds every step, checks every patch.

Each step is compiled as a module and built in, in two build trees that are kept from step to step.
Before the last patch the driver has no options, so it is asked for on make's command line there;
the configuration has other drivers select what it will select itself. After the last patch it is
configured like any other driver.
"""

import filecmp
import os
import re
import shutil
import subprocess

from . import paths, series, ui

TREE = paths.in_root(series.TREE)
# Build trees, by value of CONFIG_DRM_XE.
OBJECTS = {"m": series.WORK / "obj-m", "y": series.WORK / "obj-y"}
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


def kbuild(kind, *arguments, log):
    """make in the build tree for CONFIG_DRM_XE=@kind."""
    return in_root("make", "-C", TREE, f"O={paths.in_root(OBJECTS[kind])}",
                   f"-j{os.environ.get('XE_JOBS') or os.cpu_count()}", *arguments, log=log)


def _fragment(kind, last):
    """The configuration on top of the architecture's default one."""
    text = CONFIG.read_text()
    if last:
        text += (f"CONFIG_DRM_XE={kind}\nCONFIG_DRM_XE_KUNIT_TEST=y\n"
                 f"CONFIG_DRM_XE_DEBUG={'y' if kind == 'y' else 'n'}\n")
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


def _set_up(kind):
    """Makes a build tree ready for objects of a directory: minutes the first time, then seconds."""
    bad = configure(kind, False)
    log = LOG / f"prepare-{kind}.log"
    with ui.Step(f"series-check: prepare to build ={kind}"):
        if not kbuild(kind, "modules_prepare", "scripts_unifdef", log=log):
            raise ui.HarnessError(f"series-check: modules_prepare:\n{ui.tail(log)}")
    return bad


def build_step(number, kind, last):
    """Complaints of the compiler about what is in the driver's directory after patch @number."""
    log = LOG / f"{number:04}-build-{kind}.log"
    asked = [] if last else [f"CONFIG_DRM_XE={kind}", "CONFIG_DRM_XE_KUNIT_TEST=y"]
    good = kbuild(kind, *asked, "W=1", "KCFLAGS=-Werror", f"{series.DRIVER}/", log=log)
    text = log.read_text(errors="replace")
    bad = [f"patch {number} ={kind}: {line}" for line in WARNINGS.findall(text)]
    if not good:
        bad.append(f"patch {number} ={kind}: does not build, see {log}:\n{ui.tail(log, 8)}")
    return bad


def objects_missing(number, kind):
    """Complains about sources that are there and were not compiled."""
    sources = series.git("ls-files", f"{series.DRIVER}/*.c").split()
    # The trace points' definitions are a file like the others.
    return [f"patch {number} ={kind}: {name} was not compiled" for name in sources
            if not (OBJECTS[kind] / name).with_suffix(".o").exists()]


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


def checkpatch(number, patch, path):
    log = LOG / f"{number:04}-checkpatch.log"
    # What goes to stderr is about a checker of licence names, for which the root lacks modules.
    good = in_root("sh", "-c", f"cd {TREE} && perl scripts/checkpatch.pl --strict --terse "
                   f"--show-types --no-summary --ignore {','.join(IGNORED + patch.ignored)} "
                   f"{paths.in_root(path)} 2>/dev/null", log=log)
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    if not good and not lines:
        lines = ["checkpatch: it failed without a word"]
    return [f"patch {number}: checkpatch: {line.partition(': ')[2]}" for line in lines]


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


def _apply_and_build(patches, files):
    """git am, patch by patch; after each the build. Returns complaints."""
    env = dict(os.environ, **series.author())
    series.git("checkout", "-q", "-f", "--detach", series.PREPARED)
    series.git("clean", "-f", "-d", "-x", "-q")
    bad = []
    for kind in OBJECTS:
        shutil.rmtree(OBJECTS[kind] / series.DRIVER, ignore_errors=True)
        bad += _set_up(kind)
    for number, (patch, path) in enumerate(zip(patches, files), 1):
        with ui.Step(f"series-check: {number}/{len(patches)} {patch.subject}"):
            series.git("am", "-q", str(path), env=env)
            if (series.TREE / series.MAKEFILE).exists() and _touches(patch, series.DRIVER, "include"):
                bad += _build(number, number == len(patches))
            bad += check_headers(number, [name for name in patch.files if _touches(patch, "include/uapi")])
            bad += checkpatch(number, patch, path)
    return bad


def _touches(patch, *directories):
    return any(name.startswith(f"{directory}/") for name in patch.files for directory in directories)


def _build(number, last):
    """Complaints about the driver's directory after patch @number, in both build trees."""
    bad = []
    for kind in OBJECTS:
        if last:
            bad += configure(kind, True)
        found = build_step(number, kind, last)
        bad += found or objects_missing(number, kind)
    return bad


def run():
    """All of it; returns the reasons why the series is not good."""
    patches = series.make()
    files = sorted(series.PATCHES.glob("*.patch"))[1:]
    shutil.rmtree(LOG, ignore_errors=True)
    bad = _apply_and_build(patches, files)
    with ui.Step("series-check: maintainers, comparison with this tree"):
        for number, (patch, path) in enumerate(zip(patches, files), 1):
            bad += get_maintainer(number, patch, path)
        # In one go as well, as a maintainer does it.
        series.git("checkout", "-q", "-f", "--detach", series.PREPARED)
        series.git("am", "-q", str(series.MAILBOX), env=dict(os.environ, **series.author()))
        bad += compare(patches)
    if not bad:
        ui.say(f"{len(patches)} patches: each applies, builds as a module and built in (W=1), passes "
               "checkpatch --strict and finds its maintainers; the result is this tree")
    return bad
