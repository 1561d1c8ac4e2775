#!/bin/sh
# order.t: the order of fsync and reply in each kind of delivery, and that a wrong one is seen.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need python3 strace
[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
strace -o /dev/null true 2>/dev/null || skip_all "strace may not trace here"
[ -z "${SAN-}" ] || skip_all "a leak checker does not work under strace"
here=$(cd "$(dirname "$0")" && pwd)

B=$B python3 "$here/order" >"$T/out" || exit 1
sed '$d' "$T/out"
# shellcheck disable=SC2034  # tap.sh counts on from here
tap_count=$(grep -Ec '^(not )?ok ' "$T/out")

# A program whose fsync does nothing must not pass.
printf 'int fsync(int fd) { return fd < 0 ? -1 : 0; }\n' >"$T/lazy.c"
${CC:-cc} -shared -fPIC -o "$T/lazy.so" "$T/lazy.c" || exit 1
if [ -z "${SAN-}" ]; then
	LAZY=$T/lazy.so B=$B python3 "$here/order" >"$T/out"
	not_ok "what does not sync is seen" grep -q '^ok .*\(mbox\|maildir\|MH\|quarantine\|flatten\|LMTP\)' "$T/out"
	diag "$(grep -c '^not ok' "$T/out") kinds fail then"
else
	skip "what does not sync is seen" "a sanitizer's library must come first"
fi
done_testing
