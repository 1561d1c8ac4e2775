# mta.sh: what any MTA that speaks LMTP must be able to do with us.  Include it after foreign.sh; the
# namespace is the test's own.  The script has a function mta_flush, which makes its MTA try what
# waits.  The MTA serves SMTP on 127.0.0.1:25 for here.test, with + between user and detail, and
# sends mail for others to 127.0.0.1:2525.  With $mta_simple set, it knows neither SMTPUTF8 nor a final
# answer to LMTP.
#
#	mta_begin             users u1..u5, a sink for bounces, $R/conf
#	mta_serve             bivalved, on /run/bivalve/lmtp and 127.0.0.1:2424; mta_away ends it
#	mta_conversation WAY [N]   all that is asked of each way in; 3 N messages at once
# shellcheck shell=sh

mta_begin() {
	mkdir -p "$R/bin" "$R/sink" /run/bivalve
	cp "$B"/bivalve* "$R/bin/"
	for n in 1 2 3 4 5; do
		foreign_account u$n 2000$n
	done
	cat >"$R/conf" <<X
site_recipes = $R/site.rc
lmtp_socket = /run/bivalve/lmtp
lmtp_listen = 127.0.0.1:2424
scan_socket = /run/bivalve/scan
status_socket = /run/bivalve/status
mta_names = mx.here.test
metrics_socket =
counts_socket =
database = $R/nosuch
X
	cat >"$R/site.rc" <<'X'
MAILDIR=$HOME
LOGFILE=$HOME/log
LOG="detail=$DETAIL client=$CLIENT from=$SENDER
"
DEFAULT=$HOME/Maildir/
X
	python3 "$TOP/tests/lib/smtpsink.py" "$R/sink.port" "$R/sink" 2525 >&2 &
}

mta_serve() {
	"$R/bin/bivalved" -c "$R/conf" >>"$R/bivalved.log" 2>&1 &
	mta_server=$!
	foreign_until test -S /run/bivalve/lmtp
}

mta_away() {
	kill "$mta_server"
	wait "$mta_server" 2>/dev/null
}

# mta_send SUBJECT FROM RCPT[,RCPT...] [OPTION...]
mta_send() {
	mta_subject=$1 mta_from=$2 mta_to=$3
	shift 3
	printf 'From: a@sender.test\nTo: x@here.test\nSubject: %s\n\nbody of %s\n' "$mta_subject" \
	    "$mta_subject" | python3 "$TOP/tests/lmtp/inject.py" "$@" 25 "$mta_from" "$mta_to" >&2
}

# mta_rcfile USER: his recipes are standard input
mta_rcfile() {
	cat >"$R/home/$1/.bivalverc"
	chown "$1" "$R/home/$1/.bivalverc"
}

# mta_has USER SUBJECT
mta_has() {
	grep -qs "^body of $2\$" "$R/home/$1/Maildir/new"/*
}

mta_copies() {
	grep -ls "^body of $2\$" "$R/home/$1/Maildir/new"/* | wc -l
}

# mta_bounced USER TEXT
mta_bounced() {
	mta_file=$(grep -ls "$1@here.test" "$R/sink"/*.msg | head -n 1)
	[ -n "$mta_file" ] && grep -qs "$2" "$mta_file"
}

# The messages of mta_load that a user has, in order.
mta_many() {
	cat "$R/home/$1/Maildir/new"/* | sed -n 's/^body of many-//p' | sort -n | tr '\n' ' '
}
mta_has_many() {
	[ "$(mta_many u1 | wc -w)" -ge "$1" ] && [ "$(mta_many u5 | wc -w)" -ge "$1" ]
}

mta_fates() {
	printf ':0\n* ^Subject: mixed\n@reject not for me\n' | mta_rcfile u2
	printf ':0\n* ^Subject: mixed\n@defer later\n' | mta_rcfile u3
	mta_send mixed a@sender.test u1@here.test,u2@here.test,u3@here.test,u5@here.test
	ok "$1: two of four recipients have it" foreign_until mta_has u5 mixed
	if [ -z "${mta_simple-}" ]; then
		ok "$1: one refuses, and the sender hears his words" \
		    foreign_until mta_bounced u2 'not for me'
		ok "$1: with the status of the reply" mta_bounced u2 '5\.7\.1'
	fi
	rm -f "$R/home/u3/.bivalverc"
	foreign_until mta_has u1 mixed
	foreign_until mta_flush_has u3 mixed
	is "$(mta_copies u3 mixed) $(mta_copies u1 mixed) $(mta_copies u5 mixed)" "1 1 1" \
	    "$1: the one that deferred gets it later, the others no second copy"
	not_ok "$1: and nobody is told of him" mta_bounced u3 .
	rm -f "$R/home/u2/.bivalverc"
}

mta_flush_has() {
	mta_has "$1" "$2" && return
	mta_flush
	sleep 0.3
	mta_has "$1" "$2"
}

mta_envelopes() {
	mta_send detail a@sender.test u4+Some.Detail@here.test
	ok "$1: user+detail is the user's" foreign_until mta_has u4 detail
	ok "$1: and the detail is known" grep -q '^detail=Some.Detail' "$R/home/u4/log"
	ok "$1: so are sender and client" grep -q 'client=127.0.0.1 from=a@sender.test' \
	    "$R/home/u4/log"
	mta_send null '' u1@here.test
	ok "$1: the null sender" foreign_until mta_has u1 null
	is "$(grep -l '^body of null$' "$R"/home/u1/Maildir/new/* | head -n 1 |
	    xargs sed -n '/^$/q; s/^Return-Path: *//p')" "<>" "$1: one Return-Path, and it is null"
	[ -z "${mta_simple-}" ] || return 0
	mta_send unknown a@sender.test u1@here.test,nobody-here@here.test
	ok "$1: an unknown user comes back" foreign_until mta_bounced nobody-here .
	ok "$1: and the known one has it" foreign_until mta_has u1 unknown
}

mta_bytes() {
	printf 'From: a@sender.test\nSubject: eight\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nK\303\266ln\n.\n..dots\nbody of eight\n' |
	    python3 "$TOP/tests/lmtp/inject.py" -p BODY=8BITMIME 25 a@sender.test u1@here.test >&2
	ok "$1: 8BITMIME" foreign_until mta_has u1 eight
	is "$(grep -lx 'body of eight' "$R"/home/u1/Maildir/new/* | head -n 1 | xargs sed '1,/^$/d')" \
	    "$(printf 'K\303\266ln\n.\n..dots\nbody of eight')" "$1: every byte as it was"
}

# As Postfix and Exim announce it.
mta_utf8() {
	printf 'From: \303\274@sender.test\nSubject: gr\303\274n\n\nbody of utf8\n' |
	    python3 "$TOP/tests/lmtp/inject.py" -p SMTPUTF8 -p BODY=8BITMIME 25 \
	    "$(printf '\303\274@sender.test')" u1@here.test >&2
	ok "$1: SMTPUTF8" foreign_until mta_has u1 utf8
	is "$(grep -lx 'body of utf8' "$R"/home/u1/Maildir/new/* | head -n 1 |
	    xargs sed -n '/^$/q; s/^Return-Path: *//p; s/^Subject: *//p')" \
	    "$(printf '<\303\274@sender.test>\ngr\303\274n')" "$1: sender and header as they were"
}

# From three clients at once, N messages each, for two recipients.
mta_load() {
	mta_senders=
	for n in 1 2 3; do
		printf 'From: a@sender.test\nSubject: many\n\nbody of many-%s@N@\n' $n |
		    python3 "$TOP/tests/lmtp/inject.py" -n "$2" 25 a@sender.test \
		    u1@here.test,u5@here.test >&2 &
		mta_senders="$mta_senders $!"
	done
	# shellcheck disable=SC2086
	wait $mta_senders
	foreign_until mta_has_many "$(($2 * 3))"
	mta_wanted=$(for n in 1 2 3; do seq -f "$n%g" "$2"; done | sort -n | tr '\n' ' ')
	is "$(mta_many u1)" "$mta_wanted" "$1: of $(($2 * 3)) messages none is lost, none doubled"
	is "$(mta_many u5)" "$mta_wanted" "$1: for the other recipient, too"
	rm -rf "$R"/home/u[15]/Maildir
}

mta_conversation() {
	rm -rf "$R"/home/u?/Maildir "$R"/home/u?/log "$R"/sink/*
	mta_send plain a@sender.test u1@here.test
	ok "$1: a message arrives" foreign_until mta_has u1 plain || return
	mta_fates "$1"
	mta_envelopes "$1"
	mta_bytes "$1"
	[ -n "${mta_simple-}" ] || mta_utf8 "$1"
	mta_load "$1" "${2:-40}"
}

# Nobody listens: it waits.
mta_while_away() {
	mta_away
	mta_send away a@sender.test u1@here.test,u4@here.test
	ok "$1: while nobody listens it waits" foreign_until mta_waits
	mta_serve
	foreign_until mta_flush_has u1 away
	foreign_until mta_flush_has u4 away
	is "$(mta_copies u1 away) $(mta_copies u4 away)" "1 1" "$1: and arrives when somebody does"
	not_ok "$1: and nobody was told of it" grep -qs 'body of away' "$R"/sink/*.msg
}
