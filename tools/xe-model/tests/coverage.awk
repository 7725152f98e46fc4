# SPDX-License-Identifier: MIT
#
# Copyright © 2026 The xe project authors
#
# Reads what "gcov -n" prints and sums it up by part of the model.
#
#	src	directory of the sources, with a slash at the end
#	min	least per cent of lines for the parts that other tests rely on

BEGIN {
	# Part, files, whether it must reach the least.
	part("walker", "^dev/(ppgtt|pt_tree|ggtt)", 1)
	part("TLB", "^gfx/tlb", 1)
	part("commands", "^gfx/(cs|blit|tiling)", 1)
	part("GuC", "^fw/", 1)
	part("engines", "^gfx/", 1)
	part("registers", "^dev/", 1)
	part("bus", "^bus/", 1)
	part("control", "^ctl/", 0)
	part("util", "^util/", 0)
}

function part(name, files, must) {
	names[++n] = name
	pattern[n] = files
	needed[n] = must
}

# File 'PATH'
/^File / {
	path = substr($2, 2, length($2) - 2)
	file = index(path, src) == 1 ? substr(path, length(src) + 1) : ""
}

# Lines executed:PERCENT% of LINES. A file comes again for each object that inlines from it.
/^Lines executed:/ {
	if (file !~ /\.c$/ || seen[file]++)
		next
	split($2, a, /[:%]/)
	for (i = 1; i <= n && file !~ pattern[i]; i++)
		;
	lines[i] += $4
	hit[i] += int(a[2] * $4 / 100 + 0.5)
	if (a[2] + 0 < 70)
		low = low sprintf("  %5.1f%% of %4d  %s\n", a[2], $4, file)
}

END {
	if (!length(seen)) {
		print "error: no coverage data"
		exit 1
	}
	for (i = 1; i <= n; i++) {
		p = lines[i] ? 100 * hit[i] / lines[i] : 0
		bad = needed[i] && p < min
		failed += bad
		printf "%s%-10s %5.1f%% of %4d lines%s\n", bad ? "error: coverage " : "coverage ",
			names[i], p, lines[i], bad ? ", less than " min "%" : ""
	}
	if (low)
		printf "files below 70%%:\n%s", low
	exit failed > 0
}
