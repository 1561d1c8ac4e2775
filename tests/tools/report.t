#!/bin/sh
# report.t: bivalvectl report counts what bivalve's own log lines say, hostile ones too.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
[ -x "$B/bivalvectl" ] || skip_all "bivalvectl is not built"

{
	for h in 08 09 10; do
		for m in 01 02 03 04; do
			echo "2026-11-23T$h:$m:00.123456+00:00 mx bivalve[12]: q$m: from=<a@example.org> to=<bob> client=192.0.2.1 size=1000 scan=clean rule=/etc/bivalverc:4 folder=/home/bob/Maildir/new/123.M1.mx outcome=delivered exit=0 ms=$m"
		done
		echo "2026-11-23T$h:30:00.123456+00:00 mx bivalve[12]: q: from=<> to=<bob> client=- size=500 scan=infected virus=Eicar-Test rule=/etc/bivalverc:9 folder=quarantine 0123 outcome=quarantined exit=0 ms=120"
		echo "2026-11-23T$h:40:00+00:00 mx bivalve[12]: q: from=<> to=<bob> client=- size=500 scan=error outcome=not scanned exit=75 ms=9000 why=not scanned: x"
	done
	echo "2026-11-23T11:00:00+00:00 mx bivalve[12]: q: from=<x> to=<y> client=- size=9 scan=infected virus=Fake outcome=delivered exit=0 ms=1> to=<bob> client=- size=7 scan=clean folder=/home/bob/<script>alert(1)</script>/12 outcome=delivered exit=0 ms=2"
	echo "2026-11-23T11:00:00+00:00 mx bivalve[12]: warning about something"
	echo "2026-11-23T11:00:00+00:00 mx sendmail[12]: from=<x>, size=1"
} >"$T/log"

export TZ=UTC
"$B/bivalvectl" report "$T/log" >"$T/out"
is $? 0 "a report"
like "$(head -n 1 "$T/out")" '^2026-11-23 08:01 to 2026-11-23 11:00: 19 deliveries' "all deliveries, nothing else"
like "$(cat "$T/out")" '^      13  /home/bob/Maildir/|^      12  /home/bob/Maildir/' "files of a Maildir are one place"
like "$(cat "$T/out")" '^       3  Eicar-Test  ' "signatures"
not_ok "a sender cannot write a verdict" grep -q Fake "$T/out"
like "$(cat "$T/out")" '^       3  not scanned ' "an outcome of two words"
like "$(cat "$T/out")" 'median 3 ms' "how long it took"
"$B/bivalvectl" report --since "2026-11-23 10:00" "$T/log" >"$T/out"
like "$(head -n 1 "$T/out")" ': 7 deliveries' "--since a time"
"$B/bivalvectl" report --since 1h - <"$T/log" >"$T/out"
like "$(cat "$T/out")" 'no delivery' "--since hours; standard input"
"$B/bivalvectl" report --since yesterday "$T/log" 2>"$T/err"
is $? 64 "--since nonsense"
"$B/bivalvectl" report --html "$T/page.html" "$T/log" && "$B/bivalvectl" report --json "$T/log" >"$T/json"
ok "the page has charts" grep -q '<rect class="s1"' "$T/page.html"
not_ok "a stranger's markup is text" grep -q '<script' "$T/page.html"
not_ok "nothing comes from elsewhere" grep -Eq '(src|href)=|https?://|@import|url\(' "$T/page.html"
if command -v python3 >/dev/null; then
	is "$(python3 -c 'import json,sys; r=json.load(open(sys.argv[1])); print(r["messages"], r["median_ms"], r["signatures"])' \
	    "$T/json")" "19 3 [{'name': 'Eicar-Test', 'count': 3}]" "--json"
	ok "the page is well-formed" python3 -c '
import html.parser, sys
class P(html.parser.HTMLParser):
    stack = []
    def handle_starttag(self, tag, attrs):
        if tag not in ("meta",): self.stack.append(tag)
    def handle_endtag(self, tag):
        assert self.stack.pop() == tag, tag
p = P(); p.feed(open(sys.argv[1]).read()); assert not p.stack' "$T/page.html"
fi
# ---- the same in JSON
cat >"$T/json.log" <<'X'
2026-11-23T08:01:00+00:00 mx bivalve[12]: {"id":"q1","from":"a@example.org","to":"bob","client":"-","size":1000,"scan":"infected","virus":"Eicar-Test","rule":"/etc/bivalverc:9","folder":"quarantine 0123","outcome":"quarantined","exit":0,"ms":7,"read_ms":0.1,"wait_ms":2.0}
2026-11-23T08:02:00+00:00 mx bivalve[12]: {"id":"q2","from":"x\",\"outcome\":\"dropped\"","to":"y outcome=dropped","client":"-","size":1,"scan":"clean","folder":"a=b outcome=dropped","outcome":"delivered","exit":0,"ms":3,"read_ms":0.5}
X
"$B/bivalvectl" report "$T/json.log" >"$T/out"
like "$(cat "$T/out")" '^       1  Eicar-Test  ' "lines in JSON are read, too"
like "$(cat "$T/out")" '^       1  delivered  ' "and outcomes"
like "$(cat "$T/out")" '^on average: read 0\.3, wait 2\.0 ms$' "and where the time went"
not_ok "a sender cannot write one there" grep -q '^ *1  dropped' "$T/out"
"$B/bivalvectl" why --log "$T/json.log" q1 >"$T/out"
like "$(sed -n 2p "$T/out")" 'only the administrator' "why explains them"

"$B/bivalvectl" why --log "$T/json.log" >"$T/out"
like "$(tail -n 2 "$T/out" | head -n 1)" '"id":"q2"' "why of nothing: the last deliveries"
is "$(grep -c '^2026' "$T/out")" 2 "all that there are"
{ cat "$T/log"; cat "$T/json.log"; } | "$B/bivalvectl" why --log - >"$T/out"
is "$(grep -c '^2026' "$T/out")" 10 "ten at most"

# ---- where the log is
# somewhere COMMAND: with an empty /var/log, and a journal that prints $T/journal
somewhere() {
	unshare -m sh -c 'mount -t tmpfs tmpfs /var/log && mount --bind "$1/journalctl" /usr/bin/journalctl &&
	    shift && eval "$*"' sh "$T" "$@" 2>&1
}
cp "$T/log" "$T/journal"
printf '#!/bin/sh\necho "$*" >%s\n[ -f %s ] && exec cat %s\n' "$T/asked" "$T/journal" "$T/journal" >"$T/journalctl"
chmod 755 "$T/journalctl"
if [ -e /usr/bin/journalctl ] && [ "$(somewhere echo yes)" = yes ]; then
	like "$(somewhere "$B/bivalvectl" report | head -n 1)" ': 19 deliveries' "no log file: the journal"
	like "$(cat "$T/asked")" '--output=short-iso --facility=mail' "which is asked for mail"
	like "$(somewhere "$B/bivalvectl" why)" 'outcome=delivered' "by why, too"
	like "$(somewhere "cp $T/json.log /var/log/maillog; $B/bivalvectl report" | head -n 1)" \
	    ': 2 deliveries' "a file, where there is one"
	like "$(somewhere "cp $T/json.log /var/log/mail.log; cp $T/log /var/log/mail.log.1; $B/bivalvectl report" |
	    head -n 1)" ': 21 deliveries' "and the one before it"
	rm "$T/journal"
	like "$(somewhere "$B/bivalvectl" report)" 'journal cannot be read' "no journal either: said"
else
	skip "systemd's journal" "not root, or no journalctl to stand in for"
fi

printf 'Nov 23 10:00:00 mx bivalve[1]: from=<> to=<b> client=- size=1 scan=clean outcome=delivered exit=0\n' >"$T/log"
"$B/bivalvectl" report "$T/log" >"$T/out"
like "$(head -n 1 "$T/out")" '^20[0-9][0-9]-11-23 10:00 to .*: 1 deliveries' "syslog's old dates; lines without a time"
"$B/bivalvectl" report "$T" >"$T/out" 2>"$T/err"
is "$? $(cat "$T/out")" "75 " "a log that cannot be read is not one without deliveries"
like "$(cat "$T/err")" 'Is a directory' "and said"

# ---- started by root, which opens it: what strangers wrote is read with less
# reads_as COMMAND...: the user id of the one that waits for a log in a pipe
reads_as() {
	"$B/bivalvectl" "$@" <"$T/pipe" >"$T/out" 2>&1 &
	reader=$!
	exec 8>"$T/pipe"
	i=0
	while [ $i -lt 100 ] && grep -q '^Uid:.*\<0\>' "/proc/$reader/status"; do
		sleep 0.1
		i=$((i + 1))
	done
	sed -n 's/^Uid:[^0-9]*//p; s/^Groups:[^0-9]*//p' "/proc/$reader/status" | tr '\t\n' '  '
	cat "$T/log" >&8
	exec 8>&-
	wait "$reader"
}
if [ "$(id -u)" -eq 0 ]; then
	mkfifo "$T/pipe"
	not_ok "report: nothing of root's is left" sh -c 'echo " $1 " | grep " 0 "' - "$(reads_as report -)"
	like "$(head -n 1 "$T/out")" ': 1 deliveries' "and the log is read"
	not_ok "why: nothing of root's is left" sh -c 'echo " $1 " | grep " 0 "' - "$(reads_as why --log -)"
	like "$(cat "$T/out")" 'outcome=delivered' "and the log is read"
	mkdir -m 700 "$T/closed"
	cp "$T/log" "$T/closed/log"
	chmod 600 "$T/closed/log"
	"$B/bivalvectl" report --html "$T/closed/page" "$T/closed/log"
	is "$? $(grep -c '</html>' "$T/closed/page")" "0 1" "files of root's alone are read and written"
else
	skip "a log that root reads" "not root"
fi
done_testing
