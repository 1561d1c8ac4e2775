#!/bin/sh
# leaks.sh CC: prints 1 if LeakSanitizer works here, 0 if not: it needs ptrace(2), which containers
# often forbid, and then ends every program with an error.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
echo 'int main(void) { return 0; }' >"$dir/probe.c"
if $1 -fsanitize=address -o "$dir/probe" "$dir/probe.c" &&
    ASAN_OPTIONS=detect_leaks=1 "$dir/probe" 2>/dev/null; then
	echo 1
else
	echo "LeakSanitizer does not work here: leaks are not looked for." >&2
	echo 0
fi
