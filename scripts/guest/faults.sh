# SPDX-License-Identifier: MIT
# Sourced text for runs with ordered faults; runs as root in the guest, after prologue.sh.
#
# What the harness has to do meanwhile is asked for by a remark (ask=NAME); it answers with a file in
# /out. Verdicts are remarks "SCENARIO KEY=STATUS".

tests=/usr/libexec/igt-gpu-tools
device=$(ls -d /sys/bus/pci/drivers/xe/0000:* 2>/dev/null | head -1)
device=/sys/bus/pci/devices/${device##*/}

# limit SECONDS COMMAND...: run it, on a slow kernel a multiple of that long; 124 if it does not end. It may not even be possible to kill it.
limit() {
	# shellcheck disable=SC2154 # the line before this text sets it
	left=$(($1 * 5 * slowness))
	shift
	"$@" &
	child=$!
	while kill -0 "$child" 2>/dev/null; do
		if [ "$left" -le 0 ]; then
			kill -KILL "$child"
			return 124
		fi
		left=$((left - 1))
		sleep 0.2
	done
	wait "$child"
}

ask() {
	say "ask=$1"
	for _ in $(seq 150); do
		[ -e "/out/done.$1" ] && return 0
		sleep 0.2
	done
	say "the harness did not answer $1"
	return 1
}

bound() {
	ls /dev/dri/renderD* >/dev/null 2>&1
}

# A module that is there without its device has failed to probe: that is tried once more.
load() {
	bound && return
	unload && limit 60 modprobe xe && bound
}

# run BINARY@SUBTEST
run() {
	IGT_FORCE_DRIVER=xe limit 60 "$tests/${1%@*}" --run-subtest "${1#*@}" >>/out/work.log 2>&1
}

# plain: a workload that a healthy device passes
plain() {
	run xe_exec_basic@once-basic && run xe_vm@bind-once
}

# unload: status of modprobe -r
unload() {
	drop_records
	limit 60 modprobe -r xe
}

# scenario NAME WHEN TEST...: WHEN is load (the fault is there when the module is loaded), work (it
# comes when the module is loaded already) or gone (like work, and the device is taken away).
# Returns false if this guest cannot go on.
scenario() {
	name=$1
	when=$2
	shift 2
	echo "xe-faults: $name begin" >/dev/kmsg
	if [ "$when" = load ]; then
		unload || { say "$name before=$?"; return 1; }
		ask "$name.order"
	fi
	load
	say "$name load=$?"
	[ "$when" = load ] || ask "$name.order"
	for test in "$@"; do
		run "$test"
		say "$name work=$?"
	done
	if [ "$when" = gone ]; then
		# shellcheck disable=SC2016 # for the inner shell
		limit 60 sh -c 'echo 1 >"$0"' "$device/remove"
		say "$name remove=$?"
	fi
	ask "$name.clear"
	if [ "$when" = gone ] && ! limit 60 sh -c 'echo 1 >/sys/bus/pci/rescan'; then
		# whoever removes the device has not come back, and unloading would wait for it as well
		say "$name rescan=124"
		return 1
	fi
	unload
	status=$?
	say "$name unload=$status"
	if [ "$status" = 0 ]; then
		load
		say "$name reload=$?"
		plain
		say "$name plain=$?"
	fi
	echo "xe-faults: $name end" >/dev/kmsg
	[ "$status" = 0 ]
}
