#!/bin/sh
# kill.t: processes of bivalved are killed while mail comes; nothing is lost, nothing torn.
# KILLS=200 tests/resident/kill.t kills more than make check has time for.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/lib.sh"

kills=${KILLS:-40}

resident_conf 'scan_per_user = 64'
ok 'bivalved serves' resident_start

# As an MTA does: again and again until it is taken.
send() {
	{
		printf 'From: a@example.org\nSubject: number %d\n\n' "$1"
		seq 1 400
		printf 'end of %d\n' "$1"
	} >"$T/message.$1"
	send_n=0
	until deliver "$T/message.$1" 2>/dev/null; do
		send_n=$((send_n + 1))
		[ "$send_n" -lt 50 ] || return 1
		sleep 0.1
	done
	echo "$1" >>"$T/taken"
}

# The same victims in the same order each time, as far as processes come and go alike.
n=0 seed=4711
while [ "$n" -lt "$kills" ]; do
	n=$((n + 1))
	send "$n" &
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	case $((seed / 65536 % 4)) in
	0) victims=$(pids engine) ;;
	1) victims=$(pids monitor) ;;
	*) victims=$(pids scanner) ;;
	esac
	victim=$(printf '%s\n' "$victims" | awk -v r="$((seed / 256))" \
	    '{ p[NR] = $1 } END { if (NR && p[1]) print p[r % NR + 1] }')
	[ -z "$victim" ] || kill -KILL "$victim" 2>/dev/null
	[ $((n % 4)) -ne 0 ] || wait_for=$!
	[ $((n % 4)) -ne 0 ] || wait "$wait_for"
done
m=0
while [ "$(wc -l <"$T/taken")" -lt "$kills" ] && [ "$m" -lt 300 ]; do
	m=$((m + 1))
	sleep 0.1
done

is "$(sort -n "$T/taken" | uniq | wc -l)" "$kills" 'every message is taken in the end'
is "$(cat "$T"/box/inbox "$T"/box/unscannable 2>/dev/null | grep '^Subject: number' | sort -u | wc -l)" \
    "$kills" 'none is lost'
is "$(cat "$T"/box/inbox "$T"/box/unscannable 2>/dev/null | awk '
	/^Subject: number/ { n = $3; lines = 0 }
	/^[0-9]+$/ { lines++ }
	/^end of/ { if ($3 != n || lines != 400) print "torn: " n }')" '' 'none is torn'
doubles=$(cat "$T"/box/inbox "$T"/box/unscannable 2>/dev/null | grep -c '^Subject: number')
diag "$kills kills, $((doubles - kills)) messages twice"
ok 'the service is back' resident_is serving true
status 0 'and mail is delivered' deliver "$T/message.1"
if kill -0 "$resident_pid"; then tap_result 0 'by the same master'; else tap_result 1 'by the same master'; fi
resident_stop
is "$?" 0 'an end in order'
resident_pid=
is "$(find "$T/tmp" -mindepth 1 | wc -l)" 0 'killed engines leave no temporary file'

# ---- a master that was stopped for long: its clock has gone on, and nobody has asked the engine
if [ -z "${SAN-}" ]; then
	cat >"$T/clock.c" <<'END'
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int
clock_gettime(clockid_t id, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, id, t);

	if (rc == 0 && id == CLOCK_MONOTONIC && access(getenv("LATER"), F_OK) == 0)
		t->tv_sec += 100;
	if (rc == 0 && id == CLOCK_MONOTONIC && access(getenv("LATER"), X_OK) == 0)
		t->tv_sec += 100;
	return rc;
}
END
	${CC:-cc} -shared -fPIC -o "$T/clock.so" "$T/clock.c" || exit 1
	: >"$T/bivalved.log"
	LD_PRELOAD="$T/clock.so" LATER="$T/run/later" "$B/bivalved" -v -c "$T/conf" \
	    >>"$T/bivalved.log" 2>&1 &
	resident_pid=$!
	resident_is serving true
	kill -STOP "$resident_pid"
	touch "$T/run/later"
	kill -CONT "$resident_pid"
	sleep 3
	is "$(resident_value engines_started) $(grep -c killed "$T/bivalved.log")" '1 0' \
	    'a master that was stopped for long does not take the engine for silent'
	kill -STOP "$(pids engine)"
	sleep 2
	chmod +x "$T/run/later"
	ok 'one that was asked and is silent is ended' resident_is engines_started 2
	resident_stop
	resident_pid=
else
	skip 'a master that was stopped for long' "a sanitizer's library must come first"
fi
done_testing
