#!/bin/sh
# scan.sh: mail scanned with the same signatures and delivered, one message after the other, by
# procmail with clamdscan, by bivalve with bivalved, and, not delivered, by libclamav in a loop.
#	SCALE=10      per cent of 8.7 million signatures (100: 8 GB of memory, some minutes)
#	MESSAGES=40 ROUNDS=1
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/tap.sh"
python=/usr/bin/python3   # one that an ordinary user may run
for program in procmail clamd clamdscan "$python"; do
	command -v "$program" >/dev/null || { echo "scan: no $program here to compare with"; exit 0; }
done
[ -x "$B/bivalved" ] || { echo "scan: bivalved is not built"; exit 0; }

echo "scan: ${SCALE:-10} % of the signatures; CPU with all that a daemon does ahead of need or late"
"$python" "$TOP/tests/lab/make-sigs" --scale "${SCALE:-10}" "$T/db" >&2 || exit 0
"$python" "$TOP/tests/lab/gen-messages" "$T/messages" >&2 || exit 0
mkdir "$T/selected" "$T/bin"
i=0
for message in "$T"/messages/clean/*; do
	# shellcheck disable=SC2154
	[ $((i % (200 / ${MESSAGES:-40}))) -ne 0 ] || cp "$message" "$T/selected/"
	i=$((i + 1))
done
cp "$B/bivalve" "$B/bivalved" "$B/bivalve-scan" "$B/bivalvectl" "$T/bin/"
${CC:-cc} -O2 -o "$T/loop" "$TOP/tests/lab/scan-loop.c" -lclamav || exit 0
chmod -R a+rX "$T"
mkdir "$T/work"
"$python" "$here/scan.py" "$T/work" "$T/selected" "$T/db" "$T/bin" "${ROUNDS:-1}" "$T/loop" \
    2>"$T/errors" || tail -n 3 "$T/errors"
