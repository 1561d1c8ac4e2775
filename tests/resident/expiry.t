#!/bin/sh
# expiry.t: bivalved takes off the block list what is old, with scan_user's rights, and nothing else.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/lib.sh"

[ -x "$B/bivalved" ] || skip_all "bivalved is not built"
[ -x "$B/bivalve-lookup" ] || skip_all "bivalve-lookup is not built"

resident_conf "blocklist = $T/list/virbl.db" 'blocklist_expire = 60' 'blocklist_exempt = 10.0.0.0/8'
user_dir "$T/list"

list() {
	"$B/bivalvectl" blocklist "$@" --config "$T/conf"
}
listed() {
	list list | sed 's/ .*//' | tr '\n' ' '
}
# until COMMAND...: 20 seconds at most
until_is() {
	n=0
	while ! "$@" && [ $n -lt 200 ]; do
		sleep 0.1
		n=$((n + 1))
	done
	"$@"
}
listed_is() {
	[ "$(listed)" = "$1" ]
}

ok 'bivalved starts' resident_start
not_ok 'where there is no list none is made' test -e "$T/list/virbl.db"
# An hour ahead: however slow the machine is, it does not grow old meanwhile.
now=$(($(date +%s) + 3600))
printf '%s\n' '198.51.100.1 1700000000' "198.51.100.2 $now" '2001:db8::1 1700000000' |
    list import >&2
like "$(listed)" '198\.51\.100\.2' 'an entry that is fresh'
ok 'the old ones go' until_is listed_is '198.51.100.2 '
is "$(list list | grep -c expired)" 0 'the fresh one stays'
if [ "$(id -u)" -eq 0 ]; then
	is "$(stat -c '%U %a' "$T/list/virbl.db")" 'nobody 644' "the list is scan_user's still"
else
	skip "the list is scan_user's still" 'needs root'
fi

# A list that scan_user may not change: a directory in its place, whoever runs the test.
mv "$T/list/virbl.db" "$T/list/away" && mkdir "$T/list/virbl.db"
logged() {
	[ "$(grep -c 'cannot be taken out.*blocklist expire.* says why' "$T/bivalved.log")" -ge 1 ]
}
ok 'what goes wrong is logged, with what to do' until_is logged
resident_is busy 0
sleep 4
is "$(grep -c 'cannot be taken out' "$T/bivalved.log")" 1 'once'
ok 'an end in order' resident_stop
done_testing
