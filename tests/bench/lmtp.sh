#!/bin/sh
# lmtp.sh [MESSAGES [ROUNDS]]: messages a second through a private sendmail, without a scan, in
# mbox files with fsync: bivalve as FEATURE(local_bivalve) sets it up (a program that speaks LMTP, also
# with +detail, a program for each recipient, and bivalved's socket), beside sendmail's own local mailer
# and procmail. "true" delivers nothing: it is sendmail's ceiling for a program a recipient. Rounds are
# interleaved; the median of each is shown, and its ratio to true. All is below TMPDIR, the queue, too.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
B=${B:-$TOP/build/cc}
case $B in
/*) ;;
*) B=$TOP/$B ;;
esac
bed=$TOP/tests/testbed
n=${1:-400}
rounds=${2:-3}
variants=${VARIANTS:-true mail.local procmail bivalve-exec bivalve-lmtp bivalve-detail bivalved}
modes=${MODES:-i q}
users=200
dir=$(mktemp -d "${TMPDIR:-/tmp}/bivalve-bench.XXXXXX") || exit 1
trap '[ ! -d "$dir/bed" ] || "$bed/sendmail-down" "$dir/bed" --rm; rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$dir"
if [ "$(id -u)" -ne 0 ] || ! command -v sendmail m4 unshare python3 >/dev/null; then
	echo "needs root, sendmail, m4 and python3"
	exit 0
fi

cp -R /usr/share/sendmail/cf "$dir/cf"
cp "$TOP"/recipes/sendmail/*.m4 "$dir/cf/feature/"

# feature VARIANT PATH: an administrator's line
feature() {
	cat >"$dir/mc" <<X
FEATURE(\`local_bivalve', \`$1', \`$2', \`', \`--config /srv/tb/conf')dnl
X
}

# up VARIANT MODE
up() {
	"$bed/sendmail-down" "$dir/bed" --rm 2>/dev/null
	mkdir -p "$dir/bed/bin" "$dir/bed/run"
	: >"$dir/mc"
	chmod 755 "$dir/bed" "$dir/bed/run" "$dir/bed/bin"
	cp "$B"/bivalve "$B"/bivalved "$B"/bivalve-scan "$dir/bed/bin/"
	cat >"$dir/bed/conf" <<X
site_recipes =
lmtp_socket = /srv/tb/run/lmtp.sock
scan_socket =
database = /srv/tb/nosuch
X
	kind=none
	case $1 in
	true | mail.local | procmail) kind=$1 ;;
	bivalve-exec) feature exec /srv/tb/bin/bivalve ;;
	bivalve-lmtp | bivalve-detail) feature lmtp /srv/tb/bin/bivalve ;;
	bivalved) feature socket /srv/tb/run/lmtp.sock ;;
	esac
	"$bed/sendmail-up" "$dir/bed" --mlocal "$kind" --users $users --deliver "$2" \
	    --cf "$dir/cf" --mc "$dir/mc" >/dev/null || exit 1
	# A mailbox that is new or just read makes procmail sleep for a second.
	i=1
	while [ $i -le $users ]; do
		printf 'From x Thu Jan  1 00:00:00 2026\n\nold\n\n' >"$dir/bed/mail/u$i"
		touch -a -d '1 hour ago' "$dir/bed/mail/u$i"
		chown "$((20000 + i)):8" "$dir/bed/mail/u$i"
		chmod 660 "$dir/bed/mail/u$i"
		i=$((i + 1))
	done
	if [ "$1" = bivalved ]; then
		"$bed/sm-exec" "$dir/bed" /srv/tb/bin/bivalved --config /srv/tb/conf \
		    >"$dir/bivalved.log" 2>&1 &
		server=$!
		i=0
		while [ ! -S "$dir/bed/run/lmtp.sock" ] && [ $i -lt 100 ]; do
			sleep 0.1
			i=$((i + 1))
		done
	fi
}

# once VARIANT MODE: prints messages a second
once() {
	server=
	up "$1" "$2"
	where=mbox plus=
	[ "$1" != true ] || where=log
	[ "$1" != bivalve-detail ] || plus='--plus list'
	# shellcheck disable=SC2086
	if [ "$2" = q ]; then
		"$bed/inject" "$dir/bed" "$n" -c 4 -u $users $plus --no-wait --json >"$dir/j"
		python3 - "$bed/sm-runq" "$dir/bed" "$n" <<'X'
import glob, subprocess, sys, time
t = time.time()
subprocess.run(sys.argv[1:3], stdout=subprocess.DEVNULL)
t = time.time() - t
left = len(glob.glob(sys.argv[2] + "/queue/qf*"))
print("%.1f" % ((int(sys.argv[3]) - left) / t) + (" left=%d" % left if left else ""))
X
	else
		"$bed/inject" "$dir/bed" "$n" -c 4 -u $users $plus -w $where --json >"$dir/j" 2>"$dir/je"
		python3 - "$dir/j" <<'X'
import json, sys
j = json.load(open(sys.argv[1]))
bad = [k for k in ("lost", "doubled", "failed") if j[k]]
print(j["deliver_per_s"], *["%s=%s" % (k, j[k]) for k in bad])
X
	fi
	if [ -n "$server" ]; then
		kill "$server"
		wait "$server" 2>/dev/null
	fi
}

for mode in $modes; do
	round=0
	while [ $round -lt "$rounds" ]; do
		for v in $variants; do
			echo "$v $(once "$v" "$mode")" | tee -a "$dir/$mode" >&2
		done
		round=$((round + 1))
	done
	python3 - "$dir/$mode" "$mode" <<'X'
import collections, statistics, sys
rates, notes = collections.OrderedDict(), collections.defaultdict(list)
for line in open(sys.argv[1]):
    v, rate, *rest = line.split()
    rates.setdefault(v, []).append(float(rate))
    notes[v] += rest
top = statistics.median(rates.get("true") or [1])
for v, r in rates.items():
    m = statistics.median(r)
    print("%s  %-14s %7.1f msg/s  (%.1f-%.1f)  %.2f of true  %s" % (
        sys.argv[2], v, m, min(r), max(r), m / top, " ".join(notes[v])))
X
done
