#!/bin/sh
# sendmail.t: a private sendmail that delivers over LMTP, to bivalve as a program and to bivalved's
# socket: several recipients in one transaction, each with a fate of his own.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

need python3 sendmail m4 unshare nsenter
[ "$(id -u)" -eq 0 ] || skip_all "needs root"
[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
tests=$TOP/tests/testbed
bed=$T/bed
server=
trap '[ ! -d "$bed" ] || "$tests/sendmail-down" "$bed" --rm >&2; rm -rf "$T"' EXIT

# up KIND OPTION...
up() {
	rm -rf "$bed"
	mkdir -p "$bed/bin" "$bed/run" "$bed/etc-mail"
	echo 'other.test local:u1' |
	    /usr/libexec/sendmail/makemap -C /dev/null hash "$bed/etc-mail/tb-mailertable"
	chmod 755 "$bed" "$bed/bin" "$bed/run"
	cp "$B"/bivalve* "$bed/bin/"
	cat >"$bed/conf" <<X
site_recipes = /srv/tb/site.rc
scan_socket = /srv/tb/run/scan
lmtp_socket = /srv/tb/run/lmtp.sock
status_socket = /srv/tb/run/status
metrics_socket =
counts_socket =
mta_names = mx.tb.test
database = /srv/tb/nosuch
X
	cat >"$bed/site.rc" <<'X'
MAILDIR=$HOME
LOGFILE=$HOME/log
LOG="detail=$DETAIL client=$CLIENT from=$SENDER
"
DEFAULT=$HOME/Maildir/
X
	chmod 644 "$bed/conf" "$bed/site.rc"
	kind=$1
	shift
	"$tests/sendmail-up" "$bed" --mlocal "$kind" --users 5 --deliver b "$@" \
	    >"$T/up" 2>&1 || { diag "$(tail -n 3 "$T/up")"; return 1; }
	port=$(cat "$bed/port")
}

# rcfile USER: his recipes are standard input
rcfile() {
	cat >"$bed/home/$1/.bivalverc"
	chown "$1" "$bed/home/$1/.bivalverc" 2>/dev/null || chown "$((20000 + ${1#u}))" \
	    "$bed/home/$1/.bivalverc"
}

# send RECIPIENT SUBJECT
send() {
	printf 'From: a@sender.test\nTo: x@tb.test\nSubject: %s\n\nbody of %s\n' "$2" "$2" |
	    python3 "$tests/lib/smtp1" -q -s 127.0.0.9 -- "$port" a@sender.test \
	    "$1$(echo "$1" | grep -q '@[^,]*$' || echo @tb.test)" >&2
}

queued() {
	find "$bed/queue" -name 'qf*' | wc -l
}

# waits COMMAND...: until it holds, at most 20 seconds
waits() {
	i=0
	while [ $i -lt 200 ]; do
		if "$@" 2>/dev/null; then return 0; fi
		sleep 0.1
		i=$((i + 1))
	done
	return 1
}

# has USER SUBJECT
has() {
	grep -qs "^body of $2\$" "$bed/home/$1/Maildir/new"/*
}

bounced() {
	grep -qs "$1" "$bed/sink"/*
}

# The same for each way in.
conversation() {
	send u1 plain
	ok "$1: a message arrives" waits has u1 plain
	is "$(cat "$bed/home/u1/Maildir/new"/* | grep -c '^Return-Path: <a@sender.test>')" 1 \
	    "$1: with one Return-Path"
	# Over a socket it is in the Received field alone.
	ok "$1: the client's address is known" \
	    grep -q 'client=127.0.0.9 from=a@sender.test' "$bed/home/u1/log"

	printf '@reject not for me\n' | sed 's/^/:0\n* ^Subject: mixed\n/' | rcfile u2
	printf ':0\n* ^Subject: mixed\n@defer later\n' | rcfile u3
	send all mixed
	ok "$1: one of five recipients has it" waits has u1 mixed
	ok "$1: and another" waits has u5 mixed
	ok "$1: one refuses, and the sender gets code and text" waits bounced 'not for me'
	ok "$1: the status is the one of the reply" waits bounced '^Status: 5.7.1'
	not_ok "$1: nobody else is in the bounce" bounced '<u1@'
	waits test "$(queued)" -eq 1
	is "$(queued)" 1 "$1: one defers, and the message waits for him"
	rm -f "$bed/home/u3/.bivalverc"
	"$tests/sm-runq" "$bed" >&2
	ok "$1: a queue run delivers it" waits has u3 mixed
	is "$(grep -l '^body of mixed' "$bed/home/u1/Maildir/new"/* | wc -l)" 1 \
	    "$1: and the others get no second copy"
	is "$(queued)" 0 "$1: the queue is empty"
}

# What FEATURE(local_bivalve) makes of recipients with +detail, beside the others.
details() {
	send u4+Some.Detail detail
	ok "$1: +detail arrives" waits has u4 detail
	ok "$1: and is known" waits grep -q '^detail=Some.Detail client=127.0.0.9 ' "$bed/home/u4/log"
	none=$(grep -c '^detail= ' "$bed/home/u3/log")
	send u1+One@tb.test,u2+Two@tb.test,u3,u4+ several
	ok "$1: several recipients: one has it" waits has u3 several
	ok "$1: and those with a detail" waits has u1 several
	ok "$1: and another" waits has u2 several
	ok "$1: and one with nothing behind the plus" waits has u4 several
	ok "$1: each with his own +detail" grep -q '^detail=One ' "$bed/home/u1/log"
	ok "$1: and not the first's" grep -q '^detail=Two ' "$bed/home/u2/log"
	is "$(grep -c '^detail= ' "$bed/home/u3/log")" $((none + 1)) "$1: who has none gets none"
	send u5+a+b twice
	ok "$1: a plus in the detail" waits grep -q '^detail=a+b ' "$bed/home/u5/log"

	printf 'u1+list: u5\nu1+*: u4\n' >>"$bed/etc-mail/tb-aliases"
	"$tests/sm-exec" "$bed" /usr/libexec/sendmail/sendmail -C/srv/tb/sendmail.cf -bi >&2
	send u1+list aliased
	ok "$1: an alias for user+detail" waits has u5 aliased
	send u1+other starred
	ok "$1: an alias for user+*" waits has u4 starred
	echo u5 >"$bed/home/u3/.forward+away"
	send u3+away forwarded
	ok "$1: a .forward for one detail" waits has u5 forwarded
	send u3+here kept
	ok "$1: which others do not take" waits has u3 kept
	printf 'u4+onward\n' >"$bed/home/u3/.forward+relay"
	send u3+relay onward
	ok "$1: a .forward to another detail" waits has u4 onward
	ok "$1: which is the one known" grep -q '^detail=onward ' "$bed/home/u4/log"
	send tabled@other.test tabled
	ok "$1: local:user of a mailertable" waits has u1 tabled
	ok "$1: brings the address that it stands for" \
	    waits grep -q '^detail=tabled@other.test ' "$bed/home/u1/log"
	not_ok "$1: nobody's detail is refused" send nosuch+x unknown
	is "$(queued) $(grep -c 'SYSERR\|exited with' "$bed/log/maillog")" "0 0" \
	    "$1: and sendmail is content"
}

cp -R /usr/share/sendmail/cf "$T/cf"
cp "$TOP"/recipes/sendmail/*.m4 "$T/cf/feature/"

# feature VARIANT PATH [PROGRAM]: the line of an administrator
feature() {
	cat >"$T/mc" <<X
FEATURE(\`local_bivalve', \`$1', \`$2', \`', \`--config /srv/tb/conf', \`${3-}')dnl
FEATURE(\`mailertable', \`hash /etc/mail/tb-mailertable')dnl
RELAY_DOMAIN(\`other.test')dnl
define(\`confFORWARD_PATH', \`\$z/.forward+\$h:\$z/.forward')dnl
X
}

feature lmtp /srv/tb/bin/bivalve
up none --cf "$T/cf" --mc "$T/mc" || skip_all "sendmail does not start here"
conversation program
details program
# In one queue run: the process is kept, and has no detail of the one before.
# shellcheck disable=SC2016
"$tests/sm-exec" "$bed" sh -c 'for i in 1 2 3 4 5 6; do
	printf "Subject: kept$i\n\nbody of kept$i\n" |
	    /usr/libexec/sendmail/sendmail -C/srv/tb/sendmail.cf -odq -f a@sender.test u2$([ $((i % 3)) -ne 0 ] || echo +D$i)
done' >&2
"$tests/sm-runq" "$bed" >"$T/runq" 2>&1
ok "program: the last of a queue run has arrived" waits has u2 kept6
is "$(grep '^detail=' "$bed/home/u2/log" | tail -n 6 | sort | cut -d' ' -f1 | uniq -c |
    tr -s ' \n' ' ')" " 4 detail= 1 detail=D3 1 detail=D6 " \
    "program: each with the detail it has, or none"
is "$(grep -c 'u2\.\.\. Using cached LMTP connection for local\.' "$T/runq")" 3 \
    "program: one process for those that have none" || diag "$(grep -i 'cached\|Connecting' "$T/runq")"
"$tests/sendmail-down" "$bed" --rm >&2

if [ ! -x "$B/bivalved" ]; then
	skip "the socket" "bivalved is not built"
elif feature socket /srv/tb/run/lmtp.sock /srv/tb/bin/bivalve
    up none --cf "$T/cf" --mc "$T/mc"; then
	"$tests/sm-exec" "$bed" /srv/tb/bin/bivalved --config /srv/tb/conf >"$T/server" 2>&1 &
	server=$!
	waits test -S "$bed/run/lmtp.sock"
	conversation socket
	details socket
	kill "$server"
	send u5 while-away
	waits test "$(queued)" -eq 1
	not_ok "socket: nobody listens, nothing arrives" has u5 while-away
	"$tests/sm-exec" "$bed" /srv/tb/bin/bivalved --config /srv/tb/conf >>"$T/server" 2>&1 &
	server=$!
	sleep 2
	"$tests/sm-runq" "$bed" >&2
	ok "socket: it arrives when somebody does" waits has u5 while-away
	kill "$server"
	is "$(find "$bed/sink" -type f -exec grep -l while-away {} + | wc -l)" 0 \
	    "socket: nobody was told of it"
fi
done_testing
