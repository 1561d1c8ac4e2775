#!/bin/sh
# service.t: bivalved under systemd's rules: sockets handed over, readiness, signs of life.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/lib.sh"

need python3
[ -x "$B/bivalved" ] || skip_all "bivalved is not built"
resident_conf 'lmtp_owner = nobody'
mkdir -p "$T/run"
timeout 250 python3 "$TOP/tests/resident/service.py" "$T/run/lmtp" "$T/run/scan" \
    "$B/bivalved" --config "$T/conf" >"$T/said" 2>"$T/err"
is $? 0 'the service was started and ended' || diag "$(cat "$T/err")"
while read -r word text; do
	[ "$word" = ok ]
	tap_result $? "${text#- }"
done <"$T/said"
is "$(wc -l <"$T/said")" 13 'all was seen'
if [ "$(id -u)" -eq 0 ]; then
	is "$(stat -c %U "$T/run/lmtp")" nobody 'the socket is lmtp_owner'"'"'s'
else
	skip "the socket is lmtp_owner's" 'needs root'
fi
done_testing
