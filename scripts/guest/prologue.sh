# SPDX-License-Identifier: MIT
# Sourced text in front of every guest script; runs as root in the guest.

# say TEXT: a remark for the harness. It goes by a file, because the kernel's messages break into
# lines on the console; the console repeats it for people.
say() {
	echo "$*" >>/out/said.txt
	echo "xe-guest: $*"
}

# prologue MODULES DRIVER: show the chosen module tree, start the kernel log, load the driver.
prologue() {
	version=$(uname -r)
	mkdir -p "/usr/lib/modules/$version"
	mount --bind "$1" "/usr/lib/modules/$version"
	dmesg -w >/out/dmesg.txt 2>&1 &
	mountpoint -q /sys/kernel/debug || mount -t debugfs none /sys/kernel/debug
	[ -e /sys/kernel/debug/sync/sw_sync ] || modprobe sw_sync ||
		say "no sw_sync: sync-object tests will be skipped"
	# The detector of data races sleeps while the kernel boots.
	[ ! -e /sys/kernel/debug/kcsan ] || echo on >/sys/kernel/debug/kcsan
	start=$(cut -d' ' -f1 /proc/uptime)
	modprobe xe
	status=$?
	end=$(cut -d' ' -f1 /proc/uptime)
	say "driver=$2 modprobe=$status seconds=$(echo "$start $end" | awk '{ printf "%.2f", $2 - $1 }')"
	if ! ls /dev/dri/card* >/dev/null 2>&1; then
		say "no DRM device: the driver did not bind"
		dmesg | tail -40
	fi
}

# The record of a hang keeps a reference to the module, for an hour or until it is written to.
drop_records() {
	for record in /sys/class/devcoredump/devcd*/data; do
		[ -e "$record" ] && echo 1 >"$record"
	done
}

# can_scan: there is a leak detector, and the command line has not switched it off.
can_scan() {
	[ -e /sys/kernel/debug/kmemleak ] && ! grep -qw kmemleak=off /proc/cmdline
}

# scan_for_leaks FILE: an object is reported if two scans find nobody that points to it, the first of
# them five seconds after its allocation.
scan_for_leaks() {
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak && echo scan >/sys/kernel/debug/kmemleak &&
		cat /sys/kernel/debug/kmemleak >"$1"
}

# leave: take the driver away, which must work. Who has leaked what is known only as long as it is
# there.
leave() {
	drop_records
	can_scan && scan_for_leaks /out/leaks-loaded.txt
	modprobe -r xe
	say "unload=$?"
	sleep 1
}

# say_races: whether the detector of data races was awake, and how many accesses it has watched.
say_races() {
	[ -e /sys/kernel/debug/kcsan ] || return 0
	say "kcsan=$(awk '$1 == "enabled:" { print $2 }' /sys/kernel/debug/kcsan)"
	say "watchpoints=$(awk '$1 == "setup_watchpoints:" { print $2 }' /sys/kernel/debug/kcsan)"
}

# end_log: whether the kernel log in /out is whole. Silence of one that ends early means nothing.
end_log() {
	echo "xe-guest: the log is whole" >/dev/kmsg
	for _ in $(seq $((50 * slowness))); do
		grep -q "xe-guest: the log is whole" /out/dmesg.txt && break
		sleep 0.2
	done
	grep -q "xe-guest: the log is whole" /out/dmesg.txt
	say "log=$?"
}

# epilogue: the last word of a kernel that checks itself. A lock checker that has complained once
# checks no more, and a leak detector speaks only when asked.
epilogue() {
	self_checks
	end_log
}

self_checks() {
	say_races
	[ -e /proc/lockdep_stats ] || return 0
	say "debug_locks=$(awk '$1 == "debug_locks:" { print $2 }' /proc/lockdep_stats)"
	can_scan || return 0
	scan_for_leaks /out/leaks.txt
	say "scan=$?"
	sleep 1
}
