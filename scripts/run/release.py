# SPDX-License-Identifier: MIT
"""'make package' and 'make pages': what a user installs, and what a reader opens.

Both need programs that the kernel root does not have. They are installed over it, in layers of
their own (enter-root --over), so that the root stays as it is. In a further layer, which is thrown
away, the package is installed and removed to see what that does.
"""

import hashlib
import lzma
import os
import re
import shutil
import subprocess
import time

from . import build, lists, paths, results, revision, roots, series, session, ui

WORK = paths.BUILD / "release"
TOOLS = WORK / "tools"
TRIAL = WORK / "trial"
INPUT = paths.SCRIPTS / "package"
NAME = "xe-dkms"
PAGES = WORK / "pages"


def _enter(*command, over=(TOOLS,), binds=()):
    return paths.enter(paths.KERNEL_ROOT, *command, binds=binds, over=over)


def _remove(path):
    """Removes a layer, whose files may belong to users of the root."""
    if path.exists():
        subprocess.run(roots.as_root("rm", "-rf", "--one-file-system", str(path)), check=True)


def tools():
    """Makes the layer with the tools, or makes it anew where its list or the kernel root changed."""
    text = (paths.SCRIPTS / "roots" / "kernel-release.list").read_text()
    below = (paths.KERNEL_ROOT / roots.STAMP).read_text() + roots.kernel_version()
    want = hashlib.sha256((text + below).encode()).hexdigest()
    stamp = WORK / "tools.stamp"
    if stamp.exists() and stamp.read_text() == want:
        return
    _remove(TOOLS)
    TOOLS.mkdir(parents=True)
    apt = "apt-get -q -y -o Acquire::Check-Valid-Until=false"
    script = (f"export DEBIAN_FRONTEND=noninteractive; {apt} update && {apt} install "
              f"--no-install-recommends {' '.join(roots.parse_list(text)[1])} && apt-get clean")
    ui.run_logged("release: tools over the kernel root (a minute)", _enter("sh", "-c", script),
                  paths.LOG / "release-tools.log")
    stamp.write_text(want)


def remove():
    """Removes the layers."""
    for layer in (TRIAL, TOOLS):
        _remove(layer)


def version():
    """(version of the package, time of the last commit in the form of a Debian changelog)."""
    seconds, commit = (revision.git("log", "-1", "--abbrev=10", form).stdout.strip()
                       for form in ("--format=%ct", "--format=%h"))
    seconds = int(seconds or time.time())
    name = "0." + time.strftime("%Y%m%d", time.gmtime(seconds)) + (f"+git{commit}" if commit else "")
    return name, time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(seconds))


def _write_source(source, number, date):
    """The source package below @source."""
    shutil.copytree(INPUT / "debian", source / "debian")
    author = series.author()
    who = f"{author['GIT_AUTHOR_NAME']} <{author['GIT_AUTHOR_EMAIL']}>"
    control = source / "debian/control"
    control.write_text(control.read_text().replace("@MAINTAINER@", who))
    (source / "debian/changelog").write_text(
        f"{NAME} ({number}) unstable; urgency=medium\n\n"
        f"  * The driver as it is in its repository at this version.\n\n -- {who}  {date}\n")
    for name in ("dkms.conf", "xe.conf"):
        shutil.copy(INPUT / name, source)
    tree = f"usr/src/xe-{number}"
    install = []
    for directory in (series.DRIVER, "include/uapi/drm"):
        shutil.copytree(paths.TOP / directory, source / directory,
                        ignore=shutil.ignore_patterns("*.o", "*.ko", "*.mod*", ".*.cmd"))
        install.append(f"{directory} {tree}/{os.path.dirname(directory)}\n")
    (source / f"debian/{NAME}.install").write_text("".join(install))


def build_package():
    """Builds the package; returns its path. lintian has nothing to say about it."""
    number, date = version()
    _remove(WORK / "package")
    source = WORK / "package" / f"{NAME}-{number}"
    source.mkdir(parents=True)
    _write_source(source, number, date)
    script = (f"cd {paths.in_root(source)} && "
              f"SOURCE_DATE_EPOCH=$(date -d '{date}' +%s) dpkg-buildpackage -us -uc && "
              "lintian --allow-root --fail-on error,warning,info --display-info --pedantic "
              f"../{NAME}_{number}_amd64.changes")
    ui.run_logged("package: build, lintian", _enter("sh", "-c", script), paths.LOG / "package.log")
    said = re.findall(r"^[EWIP]: .*$", (paths.LOG / "package.log").read_text(), re.M)
    if said:
        raise ui.HarnessError("lintian:\n  " + "\n  ".join(said))
    return WORK / "package" / f"{NAME}_{number}_all.deb"


def try_package(package):
    """Installs @package in a layer, has DKMS build the module, removes it. Returns the module.

    scripts/package/try says what is compared; it fails if a trace of the package is left.
    """
    _remove(TRIAL)
    TRIAL.mkdir(parents=True)
    out = WORK / "package" / "out"
    out.mkdir()
    command = ("sh", "/scripts/package/try", paths.in_root(package), roots.kernel_version(),
               paths.in_root(out))
    ui.run_logged("package: install, build the module with DKMS, remove",
                  _enter(*command, over=(TOOLS, TRIAL), binds=((paths.SCRIPTS, "/scripts"),)),
                  paths.LOG / "package-try.log")
    _remove(TRIAL)
    module = out / "xe.ko"
    packed = out / "xe.ko.xz"
    if packed.exists():
        module.write_bytes(lzma.decompress(packed.read_bytes()))
    if not module.exists():
        raise ui.HarnessError(f"package: DKMS built no module, see {paths.LOG / 'package-try.log'}")
    return module


def run_package():
    """Runs the list 'smoke' on the module that DKMS has built; all of it has to pass.

    Returns what is not good.
    """
    build.everything([])
    build.module_tree("ours", WORK / "package" / "out" / "xe.ko")
    tests = lists.load("smoke")
    found, complaints = session.run_tests("ours", tests, "package", 900)
    ui.say(results.table(found))
    ui.say(f"the module of the package: {results.counts_line(found)}")
    return results.verdict(found, tests, complaints)


def package(guest):
    """Builds and tries the package; in a guest as well if @guest. Returns what is not good."""
    tools()
    path = build_package()
    try_package(path)
    ui.say(f"{path.name}: lintian is content; installed, built for {roots.kernel_version()}, removed "
           "without a trace")
    ui.say(f"package: {path}")
    return run_package() if guest else []


# What 'make htmldocs' needs of the kernel's source, beside the files at its top.
PAGES_NEED = ("Documentation", "scripts", "arch/x86/Makefile", "arch/x86/Makefile.um",
              "include/uapi", "tools/scripts", "tools/build", "tools/net/ynl")


def _write_pages_tree(tree):
    """The part of the kernel's source that builds pages, this driver's files laid over it."""
    tree.mkdir(parents=True)
    top = [name for name in series.git("ls-tree", "--name-only", series.BASE).split()
           if (series.TREE / name).is_file()]
    have = set(series.git("ls-tree", "-r", "--name-only", "-d", series.BASE).split())
    need = [name for name in PAGES_NEED if name in have or (series.TREE / name).is_file()]
    archive = subprocess.Popen(["git", "archive", series.BASE, "--", *top, *need],
                               cwd=series.TREE, stdout=subprocess.PIPE)
    # The pages of the driver that was there stay behind.
    subprocess.run(["tar", "-C", str(tree), "--exclude=Documentation/gpu/xe", "-x"],
                   stdin=archive.stdout, check=True)
    if archive.wait():
        raise ui.HarnessError("pages: git archive failed")
    series.copy_files((name for patch in series.load() for name in patch.files
                       if name != series.MAINTAINERS), tree)


def pages():
    """Has the kernel's own 'make htmldocs' build Documentation/gpu/xe; returns its complaints."""
    tools()
    series.base_tree()
    _remove(PAGES)
    with ui.Step("pages: lay the files over the kernel's source"):
        _write_pages_tree(PAGES / "linux")
    log = paths.LOG / "pages.log"
    ui.run_logged("pages: make htmldocs SPHINXDIRS=gpu/xe", _enter(
        "make", "-C", paths.in_root(PAGES / "linux"), "htmldocs", "SPHINXDIRS=gpu/xe"), log)
    text = log.read_text(errors="replace")
    bad = re.findall(r"^.*\b(?:WARNING|ERROR|CRITICAL|SEVERE|warning|error)\b:.*$", text, re.M)
    index = PAGES / "linux/Documentation/output/gpu/xe/index.html"
    written = {path.stem for path in index.parent.glob("*.html")}
    bad += [f"page {path.stem} was not written, see {log}" for path in
            sorted((paths.TOP / "Documentation/gpu/xe").glob("*.rst")) if path.stem not in written]
    if not bad:
        ui.say(f"pages: {len(written)} without a warning, {index}")
    return bad
