# SPDX-License-Identifier: MIT
# Every target is one line of help; the work is done by scripts/ and tools/.

DRIVER ?= ours
LIST ?= tier1
export XE_BUILD ?= $(CURDIR)/build
XE := scripts/host-python scripts/xe
# DEBUG=1: our driver with CONFIG_DRM_XE_DEBUG
# KERNEL=debug: a kernel that checks itself; KERNEL=kcsan: one that looks for data races;
# KERNEL=testing, unstable: one of another suite
WITH := --driver $(DRIVER) $(if $(DEBUG),--debug) $(if $(KERNEL),--kernel $(KERNEL))

.DEFAULT_GOAL := help
.PHONY: help run trace matrix test test-host programs shell setup igt igt-all faults inject reload bench bench-model lint unit clean distclean vulkan sleep sample coverage report report-check kunit series series-check package package-check pages fuzz fuzz-mutants test-long

help: ## this list
	@echo "usage: make TARGET [DRIVER=ours|stock|both] [DEBUG=1] [KERNEL=debug|kcsan|testing|unstable] [LIST=name]"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "  %-14s %s\n", $$1, $$2 }'

run: ## main job: boot a guest with the model, load DRIVER, run the first IGT tier, print a table
	$(XE) run $(WITH) --list tier1

igt: ## the same with the test list LIST (a name from scripts/lists, or a file)
	$(XE) run $(WITH) --list $(LIST)

igt-all: ## every subtest integrated hardware can run, in seven guests (an hour); GROUP=part of a list's name
	$(XE) igt-all $(WITH) $(addprefix --group ,$(GROUP))

test: ## everything CI runs: unit tests, uAPI checks, tier 1 and fuzzers on ours, a short list on stock
	scripts/host-python scripts/run-tests

test-host: ## the part of 'test' that needs no guest
	scripts/host-python scripts/run-tests --no-guest

test-long: ## what takes too long for 'test': ten minutes of fuzzing, with a new seed each time
	scripts/host-python scripts/run-tests --only long

unit: ## unit tests of the model, the page tables and the harness
	scripts/host-python scripts/run-tests --only unit

programs: ## our own test programs, which 'test' runs too; with KERNEL=debug they find more; ONLY=part of a name
	$(XE) programs $(WITH) $(addprefix --only ,$(ONLY))

shell: ## interactive guest with driver, model, IGT and debugfs (leave with: poweroff -f)
	$(XE) shell $(WITH)

trace: ## the test list LIST with a time line of all the GPU did, for ui.perfetto.dev
	$(XE) run $(WITH) --list $(LIST) --trace

setup: ## host packages, both roots, model, driver, firmware; then stop
	$(XE) setup $(WITH)

faults: ## let the device misbehave (lost replies, hangs, dead resets, ...): DRIVER has to survive
	$(XE) faults $(WITH)

inject: ## let each step of each kind of bind, exec, ... fail once; nothing may change (debug kernel)
	$(XE) inject $(WITH) $(addprefix --case ,$(CASE))

reload: ## load and unload DRIVER ROUNDS times (100), each time with a job
	$(XE) reload $(WITH) $(addprefix --rounds ,$(ROUNDS))

bench: ## what binds and execs cost in instructions, by case (DRIVER=both: side by side)
	$(XE) bench $(WITH)

fuzz: ## random programs against a reference, malformed ioctls: DRIVER has to withstand; SECONDS=n SEED=n
	$(XE) fuzz $(WITH) $(addprefix --seconds ,$(SECONDS)) $(addprefix --seed ,$(SEED))

fuzz-mutants: ## does the fuzzer find deliberate mistakes, make them small, and find them again? MUTANT=part of a name
	$(XE) fuzz-mutants $(addprefix --mutant ,$(MUTANT))

vulkan: ## sparse binding through Mesa, every page checked against the model, with times
	$(XE) vulkan $(WITH)

sleep: ## system sleep, in which the device loses all state: what runs goes on afterwards
	$(XE) sleep $(WITH)

coverage: ## which lines of our driver IGT and our own programs execute: gcov, shown by 'report'; PART=name of one
	$(XE) coverage $(addprefix --part ,$(PART))

report: ## one HTML page with what the last runs have found: build/results/report.html
	$(XE) report

report-check: ## the same, then tried in a browser, with pictures in build/results/report-check; COMPLETE=1: all data must be there
	$(XE) report --check $(if $(COMPLETE),--complete)

sample: ## an address space, jobs and binds to look at, for the pictures of 'report'
	$(XE) sample $(WITH)

matrix: ## the same source on the kernels of several suites: build, load, tier 1; ONLY=name of one
	$(XE) matrix $(addprefix --only ,$(ONLY))

kunit: ## unit tests of the driver in a kernel with lockdep, KASAN, kmemleak, UBSAN; SUITES=glob of their names, ARCH=um for a user-mode kernel
	$(XE) kunit $(addprefix --suites ,$(SUITES)) $(addprefix --arch ,$(ARCH))

series: ## the driver as a mailbox of patches against the base kernel, in build/series
	$(XE) series

series-check: ## apply the series, build each step as module and built in, checkpatch, get_maintainer, compare
	$(XE) series --check

package: ## the driver as a DKMS package (.deb), lintian clean
	$(XE) package

package-check: ## install the package, build with DKMS, remove; try the modules in guests; on two kernels
	$(XE) package --check

pages: ## Documentation/gpu/xe as HTML, by the kernel's own htmldocs, without a warning
	$(XE) pages

bench-model: ## the device model: commands per second, page tables, waiting, register round trips, messages
	$(MAKE) -C tools/xe-model O=$(XE_BUILD)/xe-model bench

lint: ## static checks, a line each: layers, headers, checkpatch, sparse, coccicheck, cppcheck, ...
	scripts/host-python scripts/check-all

clean: ## remove what was built, keep the roots
	rm -rf $(XE_BUILD)/xe-model $(XE_BUILD)/driver $(XE_BUILD)/driver-* $(XE_BUILD)/modules $(XE_BUILD)/firmware $(XE_BUILD)/log $(XE_BUILD)/unit \
		$(XE_BUILD)/lint $(XE_BUILD)/gcov $(XE_BUILD)/coverage $(XE_BUILD)/kunit $(XE_BUILD)/series $(XE_BUILD)/release/package $(XE_BUILD)/release/pages

distclean: clean ## remove everything below build/, the roots included
	$(XE) remove-roots
	rm -rf $(XE_BUILD)
