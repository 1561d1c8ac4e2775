#!/bin/sh
# ambiguous.sh: how many messages that mail programs read differently are found, flagged, missed.
objects=${B:-build/cc}
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/mime/rate.sh"

command -v python3 >/dev/null || { echo "ambiguous: no python3 here"; exit 0; }
[ -x "$B/bivalve-scan" ] || { echo "ambiguous: bivalve-scan is not built"; exit 0; }
rate_build || exit 0
python3 "$TOP/tests/mime/gen-ambiguous" "$T/messages" >&2
rate_scan "$T/messages" >"$T/results"
echo "ambiguous: messages of tests/mime/gen-ambiguous"
rate_table <"$T/results"
