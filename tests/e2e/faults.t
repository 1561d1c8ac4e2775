#!/bin/sh
# faults.t: a private sendmail while its processes and bivalved are killed. FAULTS names the cases;
# "kill killmta full nowrite lmtp-restart" are all (tests/testbed/faults).
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

need python3 sendmail m4 unshare nsenter
[ "$(id -u)" -eq 0 ] || skip_all "needs root"
[ -x "$B/bivalved" ] || skip_all "bivalved is not built"
[ -z "${SAN-}" ] || skip_all "what is killed can report nothing"
tests=$TOP/tests/testbed
bed=$T/bed
trap '[ ! -d "$bed" ] || "$tests/sendmail-down" "$bed" --rm >&2; rm -rf "$T"' EXIT

mkdir -p "$T/bin"
cp "$B"/bivalve* "$T/bin/"
printf 'site_recipes =\nscan_socket =\n' >"$T/conf"
{
	cat "$T/conf"
	printf 'status_socket =\nmetrics_socket =\nlmtp_socket = /srv/tb/run/lmtp.sock\n'
} >"$T/conf.server"

for name in ${FAULTS:-killmta lmtp-restart}; do
	# shellcheck disable=SC2016
	"$tests/faults" "$bed" "$name" -n "${MESSAGES:-12}" --no-clean --mlocal exec \
	    --path "$T/bin/bivalve" --args "bivalve --config $T/conf"' -f $g -a $h -d $u' \
	    --server "$tests/sm-exec $bed $T/bin/bivalved --config $T/conf.server" >"$T/out" 2>&1
	diag "$(tail -n 1 "$T/out")"
	like "$(tail -n 1 "$T/out")" "^ok +$name " "$name: nothing is lost, torn, bounced or left queued"
done
done_testing
