#!/bin/sh
# crash.sh: the crash matrix: each error, and SIGKILL, at each system call of each kind of delivery
# (THIN=8: at one in eight), for twenty minutes on two processors, and processes of
# bivalved killed 200 times.
. "$(dirname "$0")/../lib/tap.sh"
here=$(cd "$(dirname "$0")/../crash" && pwd)
if [ ! -x "$B/bivalve" ] || [ -n "${SAN-}" ]; then
	echo "crash: needs bivalve, built without sanitizers"
	exit 0
fi
command -v python3 >/dev/null || { echo "crash: no python3 here"; exit 0; }
${CC:-cc} -O2 -D_GNU_SOURCE -shared -fPIC -o "$T/shim.so" "$here/shim.c" || exit 1
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
echo "Faults at system calls: mail lost, torn, stuck behind a lock, files left, copies too many"
B=$B SHIM=$T/shim.so python3 "$here/matrix" --all --thin "${THIN:-1}"
echo
echo "Processes of bivalved killed at random while mail comes"
B=$B python3 "$here/killed" -n 200
