#!/bin/sh
# mailers.t: "! address" through programs that have sendmail's command line, each with a configuration
# of its own, to a server on loopback.  A program is the system's, or $MAILERS/NAME from an unpacked
# package, so that no test replaces a machine's MTA.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
need python3
user_dir "$T/home"
mkdir "$T/sink"
sink=
trap '[ -z "$sink" ] || kill "$sink"; rm -rf "$T"' EXIT
python3 "$TOP/tests/lib/smtpsink.py" "$T/port" "$T/sink" &
sink=$!
n=0
while [ ! -s "$T/port" ] && [ $n -lt 100 ]; do
	sleep 0.05
	n=$((n + 1))
done
port=$(cat "$T/port")
printf 'From a@sender.test Tue Nov 24 01:00:00 2026\nFrom: a@sender.test\nTo: b@here.test\nSubject: on\n\n' \
    >"$T/msg"
printf '.a dot, From here\nFrom here\n' >>"$T/msg"
: >"$T/none"
printf 'site_recipes = %s\n' "$T/none" >"$T/conf"

# find_program NAME PATH...: into $program
find_program() {
	name=$1
	shift
	program=
	for path in ${MAILERS:+"$MAILERS/$name"} "$@"; do
		[ -z "$program" ] && [ -x "$path" ] && program=$path
	done
	[ -n "$program" ]
}
# forward NAME SENDMAIL FLAGS
forward() {
	rm -f "$T"/sink/*
	printf 'SENDMAIL=%s\nSENDMAILFLAGS="%s"\n:0\n! c@far.test d@far.test\n' "$2" "$3" >"$T/home/rc"
	(cd "$T/home" && as_user env -i PATH="$PATH" HOME="$T/home" "$B/bivalve" --config "$T/conf" \
	    HOME="$T/home" DEFAULT="$T/home/inbox" rc) <"$T/msg" >"$T/out" 2>"$T/err"
	is $? 0 "$1 takes the mail" || diag "$(cat "$T/err")"
	n=0
	while [ -z "$(find "$T/sink" -name '*.msg')" ] && [ $n -lt 100 ]; do
		sleep 0.05
		n=$((n + 1))
	done
	cat "$T"/sink/*.msg >"$T/got" 2>/dev/null
	like "$(head -n 1 "$T/got")" '<c@far\.test> <d@far\.test>' "$1: for both addresses"
	is "$(sed '1,/^$/d' "$T/got")" "$(sed '1,/^$/d' "$T/msg")" "$1: the body as it was"
	not_ok "$1: nothing is left in the mailbox" test -e "$T/home/inbox"
	rm -f "$T/home/inbox"
}
# refuse NAME SENDMAIL FLAGS: it must fail
refuse() {
	printf 'SENDMAIL=%s\nSENDMAILFLAGS="%s"\n:0\n! c@far.test\n' "$2" "$3" >"$T/home/rc"
	(cd "$T/home" && as_user env -i PATH="$PATH" HOME="$T/home" "$B/bivalve" --config "$T/conf" \
	    HOME="$T/home" DEFAULT="$T/home/inbox" rc) <"$T/msg" >"$T/out" 2>"$T/err"
	ok "$1: what it does not take is in DEFAULT" test -s "$T/home/inbox"
	rm -f "$T/home/inbox"
}

# A program that fails with 1, as Exim and nullmailer do.
printf '#!/bin/sh\ncat >/dev/null\nexit 1\n' >"$T/fails"
chmod 755 "$T/fails"
refuse "a mailer that exits with 1" "$T/fails" "-oi"

if find_program msmtp /usr/bin/msmtp; then
	# msmtprc PORT FILE
	msmtprc() {
		printf 'account default\nhost 127.0.0.1\nport %s\nfrom b@here.test\nauth off\ntls off\n' \
		    "$1" >"$2"
		chmod 644 "$2"
	}
	msmtprc "$port" "$T/msmtprc"
	msmtprc 1 "$T/msmtprc.down"
	forward msmtp "$program" "-C $T/msmtprc -oi"
	refuse msmtp "$program" "-C $T/msmtprc.down -oi"
else
	skip "msmtp" "msmtp is not installed"
fi

if ! find_program exim /usr/sbin/exim4 /usr/sbin/exim; then
	skip "Exim" "Exim is not installed"
elif ! as_user "$program" -bV >/dev/null 2>&1; then
	skip "Exim" "its account is missing here"
	refuse "Exim that cannot work" "$program" "-oi"
else
	user_dir "$T/exim"
	cat >"$T/exim.conf" <<X
exim_user = $tap_user
exim_group = $(id -gn "$tap_user")
trusted_users = $tap_user
spool_directory = $T/exim
log_file_path = $T/exim/%slog
primary_hostname = here.test
never_users = root
deliver_drop_privilege
allow_domain_literals
keep_environment =
begin routers
smart:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = smart
begin transports
smart:
  driver = smtp
  port = $port
X
	chmod 644 "$T/exim.conf"
	forward Exim "$program" "-C $T/exim.conf -oi -odf" || diag "$(cat "$T"/exim/*log)"
fi

# These keep their configuration and queue in places that are built in: only sendmail's own way in is
# tried elsewhere (sendmail.t).
for name in nullmailer dma Postfix; do
	skip "$name" "its configuration cannot be named on the command line without its queue"
done

done_testing
