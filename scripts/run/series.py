# SPDX-License-Identifier: MIT
"""'make series': the driver as a mailbox of patches against the base kernel's source.

scripts/series/manifest.txt says which files go into which patch, and why. The patches are made of
the files in this tree, so that they never differ from it; series_check.py tries them out.
"""

import dataclasses
import fnmatch
import os
import re
import shutil
import subprocess

from . import igt_all, kunit, paths, revision, roots, suite, ui

INPUT = paths.SCRIPTS / "series"
WORK = paths.BUILD / "series"
# The kernel's source as a git repository: commit 'base' is the archive as it is.
TREE = WORK / "linux"
PATCHES = WORK / "patches"
MAILBOX = WORK / "xe.mbox"
DRIVER = "drivers/gpu/drm/xe"
MAKEFILE = f"{DRIVER}/Makefile"
OPTIONS = f"{DRIVER}/Kconfig"
# What the preparation changes in files that stay; the series puts both back.
DRM_OPTIONS = "drivers/gpu/drm/Kconfig"
MAINTAINERS = "MAINTAINERS"
OUTSIDE = "not in the series"
BASE, PREPARED, RESULT = "base", "prepared", "result"


@dataclasses.dataclass
class Patch:
    """A patch of the manifest; @files is filled in by assign()."""

    subject: str
    patterns: list
    ignored: list
    body: str
    files: list = dataclasses.field(default_factory=list)


def parse_manifest(text):
    """(patches in order, patterns of files that stay outside) of a manifest."""
    patches = []
    for part in re.split(r"^== ", text, flags=re.M)[1:]:
        head, dashes, body = part.partition("\n--\n")
        if not dashes:
            raise ui.HarnessError(f"manifest: '{head.splitlines()[0]}' has no line '--'")
        subject, *lines = head.splitlines()
        ignored = [line.split()[1] for line in lines if line.startswith("!")]
        patterns = [line for line in lines if line and not line.startswith("!")]
        patches.append(Patch(subject, patterns, ignored, body.strip()))
    outside = [patch for patch in patches if patch.subject == OUTSIDE]
    return ([patch for patch in patches if patch.subject != OUTSIDE],
            [pattern for patch in outside for pattern in patch.patterns])


def _matches(name, pattern):
    """fnmatch() in which '*' stays in its directory, unless it is '**'."""
    if "**" in pattern:
        return fnmatch.fnmatchcase(name, pattern)
    return (name.count("/") == pattern.count("/") and
            fnmatch.fnmatchcase(name, pattern))


def assign(patches, outside, names):
    """Gives each of @names to the patch that names it. Raises HarnessError unless that is one."""
    bad, used = [], set()
    # The driver's Makefile grows with the patches, see makefile_of().
    for name in (name for name in names if name != MAKEFILE):
        wanted = [(patch, pattern) for patch in patches for pattern in patch.patterns
                  if _matches(name, pattern)]
        left_out = [pattern for pattern in outside if _matches(name, pattern)]
        used.update(left_out + [pattern for _, pattern in wanted])
        if wanted:
            wanted[0][0].files.append(name)
        if not wanted and not left_out:
            bad.append(f"no patch carries {name}")
        elif wanted and left_out:
            bad.append(f"{name} is both in a patch and outside")
        elif any(patch is not wanted[0][0] for patch, _ in wanted):
            bad.append(f"{name} is in two patches: " +
                       ", ".join(f"'{pattern}' of '{patch.subject}'" for patch, pattern in wanted))
    bad += [f"'{pattern}' finds no file"
            for pattern in outside + [p for patch in patches for p in patch.patterns]
            if pattern not in used]
    if bad:
        raise ui.HarnessError("scripts/series/manifest.txt:\n  " + "\n  ".join(bad))


# Lines of files in a patch; more is not read at one sitting.
READABLE = 3000


def check_sizes(patches, read):
    """Complains about patches that nobody would review. @read: name to text."""
    sizes = [(patch, sum(read(name).count("\n") for name in patch.files)) for patch in patches]
    bad = [f"'{patch.subject}' has {lines} lines; split it" for patch, lines in sizes
           if lines > READABLE]
    if bad:
        raise ui.HarnessError("scripts/series/manifest.txt:\n  " + "\n  ".join(bad))


_INCLUDE = re.compile(r'^\s*#\s*include\s+"(\w+/\w+\.h)"', re.M)


def check_order(patches, read):
    """Complains about a file that includes what only a later patch brings. @read: name to text."""
    there, bad = set(), []
    for number, patch in enumerate(patches, 1):
        there.update(patch.files)
        for name in patch.files:
            if name.startswith(f"{DRIVER}/"):
                bad += [f"patch {number}: {name} includes {found}, which comes later"
                        for found in _INCLUDE.findall(read(name))
                        if f"{DRIVER}/{found}" not in there]
    if bad:
        raise ui.HarnessError("scripts/series/manifest.txt:\n  " + "\n  ".join(bad))


_LIST = re.compile(r"^([\w$()-]+)( \+?:?= \\\n)((?:\t.*\\\n)*\t.*\n)", re.M)
_SUM = re.compile(r"^xe-y := (?:.*\\\n\t)*.*\n", re.M)


def makefile_of(text, there):
    """The driver's Makefile @text, its lists cut down to objects whose sources are in @there."""
    gone = []

    def cut(match):
        objects = [line.strip(" \t\\") for line in match[3].splitlines()]
        objects = [name for name in objects if f"{DRIVER}/{name[:-2]}.c" in there]
        if not objects:
            gone.append(match[1].replace("$(CONFIG_DRM_XE_KUNIT_TEST)", "y"))
            return ""
        return match[1] + match[2] + " \\\n".join(f"\t{name}" for name in objects) + "\n"

    def cut_sum(match):
        lines = [[word for word in line.split() if word[2:-1] not in gone]
                 for line in match[0].partition(":=")[2].replace("\\\n", "\n").splitlines()]
        return "xe-y := " + " \\\n\t".join(" ".join(line) for line in lines if line) + "\n"

    text = _SUM.sub(cut_sum, _LIST.sub(cut, text))
    return re.sub(r"\n{3,}", "\n\n", text)


_FIELD = re.compile(r"^F:\t(.*)$")


def covers(field, name):
    """Whether the F: line @field of MAINTAINERS covers the file @name."""
    return name.startswith(field) if field.endswith("/") else fnmatch.fnmatchcase(name, field)


def maintainers_sections(text, carried):
    """Sections of our MAINTAINERS that say something about @carried files, without other F: lines."""
    out = []
    for section in re.split(r"\n{2,}", text):
        lines = section.strip().split("\n")
        fields = [match[1] for match in map(_FIELD.match, lines) if match]
        keep = [field for field in fields if any(covers(field, name) for name in carried)]
        if keep:
            out.append("\n".join(line for line in lines if not line.startswith("F:") or
                                 line[3:] in keep) + "\n")
    return out


def merge_maintainers(kernel, sections):
    """The kernel's MAINTAINERS with @sections behind their predecessors in the order of titles.

    The list there is not quite sorted, so the first greater title would not be the right place.
    """
    for section in sections:
        name = section.split("\n")[0]
        entries = kernel.split("\n\n")
        titles = [entry.strip("\n").split("\n")[0] for entry in entries]
        # Entries only: the explanations at the top have no line of this kind behind their titles.
        places = [place for place, entry in enumerate(entries)
                  if titles[place] < name and re.search(r"^[LMS]:\t", entry, re.M)]
        entries.insert(max(places, key=lambda place: titles[place]) + 1, section.strip("\n"))
        kernel = "\n\n".join(entries)
    return kernel


def git(*arguments, **options):
    """Runs git in the kernel's source; returns what it prints."""
    done = subprocess.run(["git", *arguments], cwd=TREE, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    if done.returncode:
        raise ui.HarnessError(f"git {' '.join(arguments)}:\n{done.stderr.strip()}")
    return done.stdout


def files_of_tree():
    """All files of this tree but those git ignores, from its top."""
    done = revision.git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if done.returncode:
        raise ui.HarnessError(f"the series is made in a clone only:\n  {done.stderr.strip()}")
    return sorted(name for name in set(done.stdout.split("\0")) if (paths.TOP / name).is_file())


def load():
    """The patches of the manifest with their files, checked."""
    patches, outside = parse_manifest((INPUT / "manifest.txt").read_text())
    assign(patches, outside, files_of_tree())
    texts = {name: (paths.TOP / name).read_text() for patch in patches for name in patch.files}
    check_order(patches, texts.get)
    check_sizes(patches, texts.get)
    makefile = (paths.TOP / MAKEFILE).read_text()
    carried = {name for patch in patches for name in patch.files}
    if makefile_of(makefile, carried) != makefile:
        raise ui.HarnessError(f"{MAKEFILE} does not have the form that series.makefile_of() reads")
    return patches


def archive():
    """The archive of the kernel root with the base kernel's source."""
    found = sorted((paths.KERNEL_ROOT / "usr/src").glob("linux-source-*.tar.xz"))
    if not found:
        raise ui.HarnessError(f"{paths.KERNEL_ROOT} holds no kernel source; remove it and run again")
    return found[-1]


def base_tree():
    """Unpacks the kernel's source and commits it, once. Neither opens a file of the old driver."""
    stamp = WORK / "base"
    want = f"{roots.kernel_version()} {archive().name}\n"
    if stamp.exists() and stamp.read_text() == want:
        return
    shutil.rmtree(WORK, ignore_errors=True)
    TREE.mkdir(parents=True)
    ui.run_logged("series: unpack the kernel's source",
                  ["tar", "-C", str(TREE), "--strip-components=1", "-xf", str(archive())],
                  paths.LOG / "series-unpack.log")
    # A collection of garbage among 85000 files would take minutes, at a moment of git's choice.
    script = ("git init -q && git config gc.auto 0 && git add -A -f && "
              f"git commit -q -m 'Linux {roots.kernel_version()}' && git tag {BASE}")
    ui.run_logged("series: commit it", ["sh", "-c", script], paths.LOG / "series-base.log",
                  env=author(), cwd=TREE)
    stamp.write_text(want)


def author():
    """Environment in which git commits for whoever runs this, at the time of the last commit."""
    name, mail, date = (revision.git(*arguments).stdout.strip() for arguments in (
        ("config", "user.name"), ("config", "user.email"), ("log", "-1", "--format=%cI")))
    if not name or not mail:
        raise ui.HarnessError("patches have an author; please tell git:\n"
                              "    git config user.name NAME; git config user.email ADDRESS")
    return {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail, "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": mail, "GIT_COMMITTER_DATE": date}


def prepare():
    """Leaves TREE at a new commit PREPARED, and nothing in it that git does not know."""
    git("checkout", "-q", "-f", "--detach", BASE)
    git("clean", "-f", "-d", "-x", "-q")
    ui.run_logged("series: preparation step", [str(INPUT / "prepare"), str(TREE)],
                  paths.LOG / "series-prepare.log", env=author())
    git("tag", "-f", PREPARED)


def copy_files(names, tree=TREE):
    for name in names:
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(paths.TOP / name, target)
        shutil.copymode(paths.TOP / name, target)


def _write_step(patch, carried):
    """Brings TREE from the patch before to @patch. @carried: files up to and with @patch."""
    copy_files(name for name in patch.files if name != MAINTAINERS)
    if any(name.startswith(DRIVER) and name.endswith(".c") for name in patch.files):
        text = makefile_of((paths.TOP / MAKEFILE).read_text(), carried)
        (TREE / MAKEFILE).write_text(text)
    if MAINTAINERS in patch.files:
        sections = maintainers_sections((paths.TOP / MAINTAINERS).read_text(), carried)
        kernel = TREE / MAINTAINERS
        kernel.write_text(merge_maintainers(kernel.read_text(), sections))
    if OPTIONS in patch.files:
        git("checkout", BASE, "--", DRM_OPTIONS)


def _commit_all(patches):
    """Makes the commits from PREPARED to RESULT.

    Of parts, because 'git commit' looks at each of the kernel's 85000 files every time.
    """
    env = dict(os.environ, **author())
    signature = f"Signed-off-by: {env['GIT_AUTHOR_NAME']} <{env['GIT_AUTHOR_EMAIL']}>"
    commit, carried = PREPARED, set()
    for patch in patches:
        carried.update(patch.files)
        _write_step(patch, carried)
        git("add", "-A", "-f", "--", *patch.files,
            *(name for name in (MAKEFILE, DRM_OPTIONS) if (TREE / name).exists()))
        commit = git("commit-tree", git("write-tree").strip(), "-p", commit,
                     input=f"{patch.subject}\n\n{patch.body}\n\n{signature}\n", env=env).strip()
    git("tag", "-f", RESULT, commit)
    git("reset", "-q", "--soft", RESULT)


def test_results():
    """What the last runs of the tests had to say, for the cover letter."""
    lines = []
    for command, path in (("make test", suite.TOTALS), ("make igt-all", igt_all.TOTALS),
                          ("make kunit", kunit.TOTALS)):
        if path.exists():
            lines.append(f"{path.read_text().strip()}")
        else:
            lines.append(f"{command}: not run in this tree, so there is no result to show")
    return "\n\n".join(lines)


def cover_letter(text, template, patches):
    """git's cover letter @text with subject and contents of @template."""
    subject, _, body = template.partition("\n\n")
    body = body.replace("@TESTS@", test_results())
    body = body.replace("@BASE@", f"Debian's linux-source-6.12, {roots.kernel_version()}")
    body = body.replace("@COUNT@", str(len(patches)))
    # The list of new files says what the diffstat above it says.
    text = re.sub(r"^ create mode .*\n", "", text, flags=re.M)
    return (text.replace("*** SUBJECT HERE ***", subject)
            .replace("*** BLURB HERE ***", body.strip()))


def _export(patches):
    shutil.rmtree(PATCHES, ignore_errors=True)
    options = ["format-patch", "-q", "--no-signature", "--stat=76", f"--base={PREPARED}"]
    git(*options, "--cover-letter", "-o", str(PATCHES), f"{PREPARED}..{RESULT}", env=dict(
        os.environ, **author()))
    cover = next(PATCHES.glob("0000-*"))
    template = (INPUT / "cover.txt").read_text()
    cover.write_text(cover_letter(cover.read_text(), template, patches))
    shutil.copy(INPUT / "prepare", WORK / "prepare")
    # git am would stumble over the cover letter, which has no patch in it.
    MAILBOX.write_bytes(b"".join(path.read_bytes() for path in sorted(PATCHES.glob("*.patch"))
                                 if path != cover))


def make():
    """Writes the series; returns its patches."""
    patches = load()
    base_tree()
    prepare()
    with ui.Step(f"series: {len(patches)} patches"):
        _commit_all(patches)
        _export(patches)
    carried = sum(len(patch.files) for patch in patches) + 1
    lines = git("diff", "--shortstat", PREPARED, RESULT).strip()
    ui.say(f"{len(patches)} patches carry {carried} files of this tree: {lines}")
    ui.say(f"prepare a tree:  {WORK / 'prepare'} TREE")
    ui.say(f"apply them:      git am {MAILBOX}")
    ui.say(f"send them:       git send-email {PATCHES}")
    return patches
