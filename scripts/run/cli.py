# SPDX-License-Identifier: MIT
"""The harness's command line; the Makefile's targets call it."""

import argparse
import sys
import time

from . import (bench, bench_doc, bench_guard, browser, build, coverage, faults, fuzz, fuzz_mutants,
               guest, host, igt_all, inject, kernel, kunit, lists, matrix, package, paths, programs,
               release, reload, report, results, roots, sample, series, series_check, session,
               sleep, trace, ui, vulkan)

DRIVERS = {"ours": ["ours"], "stock": ["stock"], "both": ["stock", "ours"]}


def prepare(args):
    """All set-up that guests with the drivers of @args need; does nothing that is already done."""
    host.check()
    host.install_packages()
    roots.ensure()
    kernel.ensure()
    build.everything(DRIVERS[args.driver], args.debug)


def _traced_tests(driver, tests, label, args):
    """session.run_tests(); with --trace, tells of the trace, above all if the run failed."""
    options = list(args.model_option)
    path = session.trace_path(label, driver)
    if args.trace:
        options += ["--trace", str(path)]
    try:
        return session.run_tests(driver, tests, label, args.limit, model_options=options)
    finally:
        if args.trace:
            trace.report(path)


def _status(bad):
    """Says what is not good; the exit status."""
    for line in bad:
        ui.say(f"NOT GOOD  {line}")
    return 1 if bad else 0


def command_run(args):
    drivers = DRIVERS[args.driver]
    prepare(args)
    tests = lists.load(args.list)
    label = args.list.replace("/", "_")
    runs, bad = {}, []
    begin = time.monotonic()
    for driver in drivers:
        runs[driver], complaints = _traced_tests(driver, tests, label, args)
        required = results.required_of(session.required_tests(label, driver), tests)
        bad += [f"{driver}: {line}" for line in results.verdict(runs[driver], required, complaints)]
    text = (results.table(runs[drivers[0]]) if len(drivers) == 1 else results.side_by_side(runs))
    (paths.RESULTS / label / f"{args.driver}.txt").write_text(text + "\n")
    ui.say()
    ui.say(text)
    for driver in drivers:
        ui.say(f"{driver}: {results.counts_line(runs[driver])}")
    ui.say(f"results: {paths.RESULTS / label}  ({time.monotonic() - begin:.0f} s)")
    for line in bad:
        ui.say(f"NOT GOOD  {line}")
    if args.record and "stock" in runs:
        session.record(label, runs["stock"])
    return 1 if bad else 0


def command_igt_all(args):
    drivers = DRIVERS[args.driver]
    prepare(args)
    return igt_all.run(drivers, args.group, args.limit, args.record, args.debug)


def command_guest(args):
    """A guest that runs one shell command; for development."""
    if not args.no_build:
        prepare(args)
    out = paths.RESULTS / "command" / args.driver
    out.mkdir(parents=True, exist_ok=True)
    machine = guest.Guest(out, args.driver, args.command + "\n", model_options=args.model_option)
    machine.on_line = ui.say
    machine.run(args.limit)
    return 0


def command_shell(args):
    prepare(args)
    out = paths.RESULTS / "shell" / args.driver
    out.mkdir(parents=True, exist_ok=True)
    ui.say("-- interactive guest: leave with 'poweroff -f'; IGT is in " + lists.TEST_DIR)
    machine = guest.Guest(out, args.driver, None, model_options=args.model_option)
    ui.say(f"-- to look into the model meanwhile, from another terminal of this host:\n"
           f"   {paths.MODELCTL} {machine.model.control} help")
    machine.interact()
    return 0


def command_faults(args):
    prepare(args)
    return _status(faults.run(DRIVERS[args.driver], args.only))


def command_bench(args):
    if (args.guard or args.record) and (args.driver != "ours" or args.case):
        raise ui.HarnessError("--guard and --record are about all cases with our driver")
    if args.page:
        bench_doc.write()
        return 0
    prepare(args)
    if args.guard:
        return _status(bench_guard.run())
    if args.record:
        return _status(bench_guard.record())
    drivers = DRIVERS[args.driver]
    if args.profile:
        return _status(bench.run_profile(drivers, args.case, args.samples))
    return _status(bench.run(drivers, args.case, args.samples, not args.no_counters))


def command_fuzz(args):
    prepare(args)
    seed = args.seed or time.time_ns() // 1000
    return _status(fuzz.run(DRIVERS[args.driver], seed, args.seconds, args.steps))


def command_fuzz_mutants(args):
    prepare(args)
    return _status(fuzz_mutants.run(args.seed, args.mutant))


def command_inject(args):
    kernel.select("debug")
    args.debug = True
    prepare(args)
    return _status(inject.run(args.case, args.record))


def command_programs(args):
    programs.chosen(args.only)
    prepare(args)
    return _status(programs.run(args.only))


def command_reload(args):
    prepare(args)
    return _status(reload.run(args.driver, args.rounds))


def command_report(args):
    page = report.run()
    if not args.check:
        return 0
    host.check()
    host.install_packages()
    return _status(browser.run(page, args.complete))


def command_coverage(args):
    host.check()
    host.install_packages()
    roots.ensure()
    return _status(coverage.run(args.part or list(coverage.PARTS), args.list or coverage.LISTS))


def command_sample(args):
    prepare(args)
    return _status(sample.run())


def command_sleep(args):
    prepare(args)
    return _status(sleep.run(DRIVERS[args.driver]))


def command_matrix(args):
    host.check()
    host.install_packages()
    roots.ensure()
    return _status(matrix.run(args.only, args.limit, not args.keep))


def command_kunit(args):
    host.check()
    host.install_packages()
    roots.ensure()
    return _status(kunit.run(args.suites, args.arch))


def command_vulkan(args):
    prepare(args)
    return vulkan.run(DRIVERS[args.driver])


def command_series(args):
    host.check()
    host.install_packages({"git": "git"})
    roots.ensure()
    if args.check:
        return _status(series_check.run(not args.no_build))
    series.make()
    return 0


def command_package(args):
    host.check()
    host.install_packages({"git": "git"})
    roots.ensure()
    if args.check:
        return _status(package.check())
    package.make()
    return 0


def command_pages(_args):
    host.check()
    host.install_packages({"git": "git"})
    roots.ensure()
    return _status(release.pages())


def command_setup(args):
    prepare(args)
    return 0


def command_remove_roots(_args):
    release.remove()
    roots.remove()
    kernel.remove()
    return 0


def _add_driver(one, choices=tuple(DRIVERS)):
    one.add_argument("--driver", choices=choices, default="ours")
    one.add_argument("--debug", action="store_true",
                     help="our driver with CONFIG_DRM_XE_DEBUG: assertions, errors on request")
    one.add_argument("--kernel", choices=kernel.NAMES, default=kernel.NAMES[0],
                     help="debug: one with lockdep, KASAN, UBSAN and leak detection, built once; "
                          "kcsan: one that looks for data races, built once; "
                          "testing, unstable: that of another suite")


def _add_model_option(one):
    one.add_argument("--model-option", action="append", default=[], metavar="OPTION",
                     help="hand OPTION to the model, e.g. --model-option=--seed=3; may be repeated")


def _add_guest_commands(commands):
    """What boots guests and runs tests in them."""
    one = commands.add_parser("run", help="run a test list in a guest and print a table")
    _add_driver(one)
    one.add_argument("--list", default="tier1", help="name in scripts/lists, or a file")
    one.add_argument("--limit", type=int, default=1800, help="seconds a guest may take")
    one.add_argument("--record", action="store_true",
                     help="write what stock passes to scripts/lists/LIST.required")
    one.add_argument("--trace", action="store_true",
                     help="write trace.json next to the results and tell what is in it")
    _add_model_option(one)
    one.set_defaults(function=command_run)

    one = commands.add_parser("igt-all", help="every subtest integrated hardware can run")
    _add_driver(one)
    one.add_argument("--group", action="append", default=[],
                     help="only lists all-*.txt with this in their name; may be repeated")
    one.add_argument("--limit", type=int, default=3600, help="seconds the guest of a group may take")
    one.add_argument("--record", action="store_true",
                     help="write what stock passes to scripts/lists/all.required")
    one.set_defaults(function=command_igt_all)

    one = commands.add_parser("guest", help="run one shell command in a guest")
    _add_driver(one, ("ours", "stock"))
    one.add_argument("--limit", type=int, default=600)
    one.add_argument("--no-build", action="store_true", help="use what is built already")
    _add_model_option(one)
    one.add_argument("command")
    one.set_defaults(function=command_guest)

    one = commands.add_parser("shell", help="interactive guest")
    _add_driver(one, ("ours", "stock"))
    _add_model_option(one)
    one.set_defaults(function=command_shell)

    one = commands.add_parser("faults", help="let the device misbehave; the driver has to survive")
    _add_driver(one)
    one.add_argument("--only", default="", metavar="REGEX", help="scenarios whose name matches")
    one.set_defaults(function=command_faults)

    one = commands.add_parser("sleep", help="jobs, binds and mappings over system sleep")
    _add_driver(one)
    one.set_defaults(function=command_sleep)

    one = commands.add_parser("vulkan", help="sparse binding through Mesa, checked by the model")
    _add_driver(one)
    one.set_defaults(function=command_vulkan)

    one = commands.add_parser("programs", help="our own test programs in one guest")
    _add_driver(one, ("ours",))
    one.add_argument("--only", default="", metavar="PART", help="only programs with this in their name")
    one.set_defaults(function=command_programs)

    one = commands.add_parser("reload", help="load and unload the driver many times")
    _add_driver(one, ("ours", "stock"))
    one.add_argument("--rounds", type=int, default=100)
    one.set_defaults(function=command_reload)

    one = commands.add_parser("matrix", help="build, load and tier 1 on several kernels")
    one.add_argument("--only", action="append", default=[], choices=matrix.ROWS,
                     help="only this kernel; may be repeated")
    one.add_argument("--limit", type=int, default=1800, help="seconds the guest of a kernel may take")
    one.add_argument("--keep", action="store_true",
                     help="do not ask whether the suites have newer kernels by now")
    one.set_defaults(function=command_matrix)


def _add_proof_commands(commands):
    """What measures, fuzzes, injects, and tells the results."""
    one = commands.add_parser("bench", help="what binds and execs cost, in instructions")
    _add_driver(one)
    one.add_argument("--case", action="append", default=[], metavar="NAME",
                     help="only this case (see tools/testing/xe/xe_bench_cases.c); may be repeated")
    one.add_argument("--samples", type=int, default=41, help="samples of each case")
    one.add_argument("--profile", action="store_true",
                     help="only tell which functions of the kernel the instructions are in")
    one.add_argument("--page", action="store_true",
                     help="run nothing; write the page of figures from the last run with both drivers")
    one.add_argument("--no-counters", action="store_true",
                     help="instructions only: not what model and kernel count, and no profiles")
    one.add_argument("--guard", action="store_true",
                     help="fail if a case needs more than is recorded")
    one.add_argument("--record", action="store_true",
                     help="record what every case needs, for --guard")
    one.set_defaults(function=command_bench)

    one = commands.add_parser("fuzz", help="random programs against a reference, malformed ioctls")
    _add_driver(one)
    one.add_argument("--seed", type=lambda text: int(text, 0), default=0,
                     help="random numbers begin here (default: from the clock)")
    one.add_argument("--seconds", type=int, default=0, help="how long to fuzz, all programs together")
    one.add_argument("--steps", type=int, default=0,
                     help="without --seconds: steps of each program (default: about a minute of each)")
    one.set_defaults(function=command_fuzz)

    one = commands.add_parser("fuzz-mutants", help="does the fuzzer find deliberate mistakes?")
    one.add_argument("--seed", type=lambda text: int(text, 0), default=1)
    one.add_argument("--mutant", default="", metavar="PART", help="only mutants with this in their name")
    one.set_defaults(function=command_fuzz_mutants, driver="ours", debug=False)

    one = commands.add_parser("inject", help="let each step of a call fail; nothing may change")
    _add_driver(one, ("ours",))
    one.add_argument("--record", action="store_true",
                     help="record how many steps each call has, which later runs must reach")
    one.add_argument("--case", action="append", default=[], metavar="PART",
                     help="only calls with this in their name; may be repeated")
    one.set_defaults(function=command_inject)

    one = commands.add_parser("kunit", help="the driver's unit tests, in a kernel that checks itself")
    one.add_argument("--suites", default=kunit.ALL, metavar="GLOB",
                     help="only suites, or suite.test, that match")
    one.add_argument("--arch", choices=list(kunit.ARCHS), default=next(iter(kunit.ARCHS)),
                     help="um: a user-mode kernel, quick, with fewer checks")
    one.set_defaults(function=command_kunit)

    one = commands.add_parser("report", help="one HTML page with what the last runs have found")
    one.add_argument("--check", action="store_true", help="open it in a browser and try it")
    one.add_argument("--complete", action="store_true", help="with --check: each section has to have data")
    one.set_defaults(function=command_report)

    one = commands.add_parser("coverage", help="which lines of our driver the tests execute")
    one.add_argument("--part", action="append", default=[], choices=coverage.PARTS,
                     help="run only this part again, keep what the others have counted as long as "
                          "the driver is the same; may be repeated")
    one.add_argument("--list", action="append", default=[], metavar="NAME",
                     help="lists of IGT tests for the part 'igt' (default: "
                          f"{', '.join(coverage.LISTS)}); may be repeated")
    one.set_defaults(function=command_coverage)

    one = commands.add_parser("sample",
                              help="an address space, jobs and binds for the pictures of 'report'")
    _add_driver(one, ("ours",))
    one.set_defaults(function=command_sample)


def _add_tree_commands(commands):
    """What makes something of the tree."""
    one = commands.add_parser("series", help="the driver as patches against the base kernel")
    one.add_argument("--check", action="store_true",
                     help="apply them, build each step, check each patch")
    one.add_argument("--no-build", action="store_true", help="with --check: what is quick only")
    one.set_defaults(function=command_series)

    one = commands.add_parser("package", help="the driver as a DKMS package")
    one.add_argument("--check", action="store_true",
                     help="install and remove it in a root, try its modules in guests, on two kernels")
    one.set_defaults(function=command_package)

    one = commands.add_parser("pages", help="Documentation/gpu/xe as the kernel's htmldocs")
    one.set_defaults(function=command_pages)

    one = commands.add_parser("remove-roots", help="remove both Debian roots, and the kernels that were built")
    one.set_defaults(function=command_remove_roots)

    one = commands.add_parser("setup", help="build everything a guest needs")
    _add_driver(one)
    one.set_defaults(function=command_setup)


def parser():
    top = argparse.ArgumentParser(prog="scripts/xe", description=__doc__)
    commands = top.add_subparsers(dest="name", required=True)
    _add_guest_commands(commands)
    _add_proof_commands(commands)
    _add_tree_commands(commands)
    return top


def main():
    args = parser().parse_args()
    kernel.select(getattr(args, "kernel", kernel.NAMES[0]))
    ui.end_cleanly()
    try:
        return args.function(args)
    except ui.HarnessError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130
