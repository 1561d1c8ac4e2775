#!/bin/sh
# crash.t: the crash matrix, reduced: SIGKILL and one error at each system call of each kind of
# delivery.  "make bench" has it with all errors.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need python3
for program in bivalve bivalve-scan bivalve-lookup bivalved; do
	[ -x "$B/$program" ] || skip_all "$program is not built"
done
[ -z "${SAN-}" ] || skip_all "a sanitizer's library must come first, and so must ours"
here=$(cd "$(dirname "$0")" && pwd)
${CC:-cc} -O2 -D_GNU_SOURCE -shared -fPIC -o "$T/shim.so" "$here/shim.c" || exit 1

# In memory where possible; what a killed process leaves is told by extended attributes.
has_attributes() {
	python3 -c 'import os, sys, tempfile
with tempfile.NamedTemporaryFile(dir=sys.argv[1]) as f: os.setxattr(f.name, "user.test", b"1")' \
	    "$1" 2>/dev/null
}
for dir in /dev/shm "${TMPDIR:-/tmp}" /var/tmp ''; do
	[ -z "$dir" ] || ! has_attributes "$dir" || break
done
[ -n "$dir" ] || skip_all "no file system with extended attributes"
TMPDIR=$dir
export TMPDIR

B=$B SHIM=$T/shim.so python3 "$here/matrix" >"$T/table"
result=$?
diag "$(cat "$T/table")"
is $result 0 "nothing is lost, torn, stuck or left behind at any system call"
like "$(tail -n 1 "$T/table")" '^all +[0-9]{3,}' "and hundreds of them were tried"

# The matrix notices what it is there for: a shim that swallows what is written tears messages.
sed 's/^SHIM(ssize_t, writev, .*/&\n{ ssize_t shim_true(int, const struct iovec *, int);\
	if (getenv("CRASH_DO")) { size_t n = 0; for (int i = 0; i < count; i++) n += v[i].iov_len; \
	    return (ssize_t)n; } return shim_true(fd, v, count); }\
ssize_t shim_true(int fd, const struct iovec *v, int count)/' "$here/shim.c" >"$T/liar.c"
${CC:-cc} -O2 -D_GNU_SOURCE -shared -fPIC -o "$T/liar.so" "$T/liar.c" || exit 1
B=$B SHIM=$T/liar.so python3 "$here/matrix" -k "mbox, existing" >"$T/table"
is $? 1 "a loss would be seen"
like "$(tail -n 1 "$T/table")" '^all +[0-9]+ +[0-9]+ +[1-9]' "and counted"
done_testing
