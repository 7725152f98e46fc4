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
	mount --bind "$1" "/usr/lib/modules/$version"
	dmesg -w >/out/dmesg.txt 2>&1 &
	mountpoint -q /sys/kernel/debug || mount -t debugfs none /sys/kernel/debug
	modprobe sw_sync || say "no sw_sync: sync-object tests will be skipped"
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
