#!/bin/sh
# lint-layers.sh [ROOT]: every #include follows src/LAYERS.
#
#	"dir/x.h"  from its own directory or a lower rank; the directory is always written
#	<x.h>      of the C library or the kernel, or of a library that LAYERS gives to this directory
#
# The first line of a unit test names a layer.
cd "${1:-.}" || exit 1
set -f

find src tests/unit -name '*.[ch]' 2>/dev/null | sort | xargs awk '
function bad(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text
	errors++
}

BEGIN {
	while ((getline line <"src/LAYERS") > 0) {
		if (line ~ /^#/ || split(line, f, "\t") < 3)
			continue
		rank[f[2]] = f[1]
		if (f[3] != "-")
			owner[f[2]] = "^(" f[3] ")$"
	}
	plain = "^((aio|assert|byteswap|ctype|dirent|endian|err|errno|fcntl|fnmatch|ftw|getopt|" \
	    "glob|inttypes|langinfo|libgen|limits|locale|malloc|math|mntent|netdb|paths|poll|" \
	    "pthread|sched|semaphore|setjmp|signal|spawn|stdalign|stdarg|stdatomic|stdbool|" \
	    "stddef|stdint|stdio|stdio_ext|stdlib|stdnoreturn|string|strings|sysexits|syslog|" \
	    "termios|threads|time|ucontext|unistd|utime|wchar|wctype)[.]h|" \
	    "(sys|net|netinet|arpa|linux|sanitizer)/.*)$"
}

FNR == 1 {
	split(FILENAME, path, "/")
	dir = path[1] == "src" ? path[2] : ""
	if (dir != "" && !(dir in rank))
		bad("directory " dir " has no rank: add a line to src/LAYERS")
	if (FILENAME ~ /^tests\/unit\/test-.*\.c$/ && !/^\/\* layer: [a-z]+ \*\/$/)
		bad("the first line must name the layer under test: /* layer: NAME */")
}

dir == "" || !/^[ \t]*#[ \t]*include/ { next }

/include[ \t]*"/ {
	split($0, q, "\"")
	if (split(q[2], to, "/") != 2 || !(to[1] in rank))
		bad("\"" q[2] "\": write the directory, as in \"base/buf.h\"")
	else if (to[1] != dir && rank[to[1]] >= rank[dir])
		bad(dir " (rank " rank[dir] ") must not know " to[1] " (rank " rank[to[1]] \
		    "): move the caller up, or pass a callback down")
	else if ((getline line <("src/" q[2])) < 0)
		bad("src/" q[2] " does not exist")
	close("src/" q[2])
	next
}

{
	split($0, q, /[<>]/)
	mine = 0
	theirs = ""
	for (d in owner)
		if (q[2] ~ owner[d]) {
			if (d == dir)
				mine = 1
			theirs = theirs " " d
		}
	if (!mine && theirs != "")
		bad("<" q[2] "> belongs to" theirs " alone: ask that directory")
	else if (!mine && q[2] !~ plain)
		bad("<" q[2] "> has no owner: give it to one directory in src/LAYERS")
}

END { exit errors > 0 }'
